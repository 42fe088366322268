// The device key's file: made once, kept private, refused when damaged.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "crypto/hash.h"
#include "crypto/key_file.h"

namespace plmm::crypto {
namespace {

namespace fs = std::filesystem;

class KeyFile : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string key_in_hex() const { return to_hex(load_or_create_key(path_).value().bytes()); }
  void put(std::string_view bytes) const { ASSERT_TRUE(write_file_atomically(path_, bytes)); }

  fs::path folder_ =
      fs::temp_directory_path() /
      (std::string("plmm_key_") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
  fs::path path_ = folder_ / "device.key";
};

TEST_F(KeyFile, is_made_once_private_and_alone) {
  const std::string first = key_in_hex();
  EXPECT_EQ(first.size(), 2 * kDeviceKeyBytes);
  EXPECT_EQ(key_in_hex(), first);
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
  fs::remove(path_);
  EXPECT_NE(key_in_hex(), first);
}

TEST_F(KeyFile, is_the_same_for_all_who_make_it_at_once) {
  std::vector<std::string> keys(4);
  std::vector<std::thread> threads;
  for (std::string& key : keys) threads.emplace_back([&] { key = key_in_hex(); });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& key : keys) EXPECT_EQ(key, keys[0]);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
}

TEST_F(KeyFile, of_another_size_is_refused_and_kept) {
  for (const std::string& bytes : {std::string(), std::string(31, 'k'), std::string(33, 'k')}) {
    put(bytes);
    const Error error = load_or_create_key(path_).error();
    EXPECT_EQ(error.code, ErrorCode::corrupt_data);
    EXPECT_NE(error.what.find("this file has " + std::to_string(bytes.size())), std::string::npos);
    EXPECT_EQ(read_file(path_, 100).value(), bytes);
  }
}

TEST_F(KeyFile, that_others_may_read_is_refused_with_the_command_that_mends_it) {
  key_in_hex();
  for (const fs::perms one :
       {fs::perms::group_read, fs::perms::others_read, fs::perms::group_write}) {
    fs::permissions(path_, fs::perms::owner_read | fs::perms::owner_write | one);
    const Error error = load_or_create_key(path_).error();
    EXPECT_EQ(error.code, ErrorCode::invalid_argument);
    EXPECT_NE(error.what.find("Run: chmod 600 '" + path_.string() + "'"), std::string::npos);
  }
}

TEST_F(KeyFile, needs_a_folder) {
  const Error error = load_or_create_key(folder_ / "none" / "device.key").error();
  EXPECT_EQ(error.code, ErrorCode::not_found);
  EXPECT_NE(error.what.find("device.key"), std::string::npos);
}

}  // namespace
}  // namespace plmm::crypto
