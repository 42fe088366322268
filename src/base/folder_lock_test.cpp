// One holder at a time, and a next one when the first is gone.
#include "base/folder_lock.h"

#include <gtest/gtest.h>

namespace plmm {
namespace {

TEST(FolderLock, has_one_holder_at_a_time) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "plmm-folder-lock";
  std::filesystem::create_directories(folder);
  {
    const auto first = FolderLock::take(folder);
    ASSERT_TRUE(first) << first.error().what;
    EXPECT_TRUE(first->flush());
    const auto second = FolderLock::attempt(folder);
    ASSERT_TRUE(second) << second.error().what;
    EXPECT_FALSE(second->has_value());
  }
  EXPECT_TRUE(FolderLock::attempt(folder)->has_value());
  std::filesystem::remove_all(folder);
}

TEST(FolderLock, needs_the_folder) {
  EXPECT_EQ(FolderLock::take("/no/such/folder").error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace plmm
