// Folders that go with their object.
#include "base/temporary_folder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <optional>

namespace plmm {
namespace {

namespace fs = std::filesystem;

TEST(TemporaryFolderTest, is_its_owners_alone_and_goes_with_all_that_is_in_it) {
  std::optional<TemporaryFolder> folder(TemporaryFolder::create().value());
  const fs::path path = folder->path();
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_all);
  std::ofstream(path / "file") << "text";
  ASSERT_TRUE(fs::exists(path / "file"));
  folder.reset();
  EXPECT_FALSE(fs::exists(path));
}

TEST(TemporaryFolderTest, stays_with_the_object_it_was_moved_to) {
  std::optional<TemporaryFolder> first(TemporaryFolder::create().value());
  const fs::path path = first->path();
  const TemporaryFolder second(std::move(*first));
  first.reset();
  EXPECT_EQ(second.path(), path);
  EXPECT_TRUE(fs::exists(path));
}

}  // namespace
}  // namespace plmm
