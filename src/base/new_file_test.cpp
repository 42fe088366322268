// A file is whole under its name or not there at all.
#include "base/new_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <string>

#include "base/file.h"

namespace plmm {
namespace {

namespace fs = std::filesystem;

/// An empty folder that goes when the test does.
class NewFileTest : public testing::Test {
 protected:
  NewFileTest()
      : folder_(fs::path(testing::TempDir()) / ("plmm-new-file-" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~NewFileTest() override { fs::remove_all(folder_); }
  std::size_t n_files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_;
};

TEST_F(NewFileTest, has_its_name_when_it_is_published_and_only_its_owner_reads_it) {
  const auto path = folder_ / "a";
  auto file = NewFile::create(path, 5).value();
  std::memcpy(file.bytes().data(), "hello", 5);
  EXPECT_FALSE(fs::exists(path));
  ASSERT_TRUE(file.publish());
  EXPECT_EQ(read_file(path, 100).value(), "hello");
  EXPECT_EQ(n_files(), 1U);
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_EQ(static_cast<char>(file.bytes()[0]), 'h') << "still mapped";
}

TEST_F(NewFileTest, leaves_the_old_file_and_nothing_else_when_it_is_not_published) {
  const auto path = folder_ / "a";
  ASSERT_TRUE(write_file_atomically(path, "old"));
  {
    const auto file = NewFile::create(path, 4096);
  }
  EXPECT_EQ(read_file(path, 100).value(), "old");
  EXPECT_EQ(n_files(), 1U);
}

TEST_F(NewFileTest, says_what_the_system_refuses) {
  const auto absent = NewFile::create(folder_ / "no" / "a", 10);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, ErrorCode::not_found);
  const auto huge = NewFile::create(folder_ / "a", std::uint64_t{1} << 60);
  ASSERT_FALSE(huge);
  EXPECT_EQ(huge.error().code, ErrorCode::io);
  EXPECT_EQ(n_files(), 0U);
}

TEST_F(NewFileTest, a_killed_writers_rest_is_removed_and_a_living_ones_is_not) {
  const auto path = folder_ / "a";
  const pid_t child = ::fork();
  if (child == 0) {
    const auto file = NewFile::create(path, 100);
    ::_exit(file ? 0 : 1);  // no destructor: as if it had been killed
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  const auto ours = NewFile::create(path, 100).value();
  EXPECT_EQ(n_files(), 2U);
  remove_unfinished(folder_);
  EXPECT_EQ(n_files(), 1U);
}

}  // namespace
}  // namespace plmm
