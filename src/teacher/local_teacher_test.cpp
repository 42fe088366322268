// Tests of a teacher's folder, and of the port that hands releases out of it.
#include "teacher/local_teacher.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"

namespace plmm::teacher {
namespace {

namespace fs = std::filesystem;

class LocalTeacherTest : public testing::Test {
 protected:
  LocalTeacherTest()
      : folder_(fs::path(testing::TempDir()) /
                ("plmm-teacher-" +
                 std::string(testing::UnitTest::GetInstance()->current_test_info()->name()))),
        teacher_(folder_) {
    fs::remove_all(folder_);
  }
  ~LocalTeacherTest() override { fs::remove_all(folder_); }

  protocol::Release release(std::uint32_t number) const {
    protocol::Release out;
    out.expert = "it";
    out.number = number;
    out.parent = number - 1;
    out.model = "script";
    out.passages = {{"d", "t", "text"}};
    protocol::sign_release(out, teacher_.key().value());
    return out;
  }

  fs::path folder_;
  LocalTeacher teacher_;
};

TEST_F(LocalTeacherTest, hands_out_the_release_that_follows_a_number) {
  ASSERT_TRUE(teacher_.keep(release(2)));
  ASSERT_TRUE(teacher_.keep(release(5)));
  EXPECT_EQ(*teacher_.release_after("it", 1), release(2));
  EXPECT_EQ(*teacher_.release_after("it", 4), release(5));
  EXPECT_EQ(teacher_.release_after("it", 2).error().code, ErrorCode::not_found);
  EXPECT_EQ(teacher_.release_after("art", 1).error().code, ErrorCode::not_found);
  EXPECT_EQ(teacher_.release_after("../it", 1).error().code, ErrorCode::not_found);
  EXPECT_EQ(teacher_.release_after("it", UINT32_MAX).error().code, ErrorCode::not_found);
}

TEST_F(LocalTeacherTest, keeps_its_key_and_makes_no_second_one) {
  const auto key = teacher_.key()->public_key();
  EXPECT_EQ(LocalTeacher(folder_).key()->public_key(), key);
  ASSERT_TRUE(teacher_.keep(release(2)));
  fs::remove(folder_ / "key");
  EXPECT_EQ(teacher_.key().error().code, ErrorCode::corrupt_data);
  EXPECT_FALSE(fs::exists(folder_ / "key"));
}

TEST_F(LocalTeacherTest, says_which_file_is_damaged) {
  ASSERT_TRUE(teacher_.keep(release(2)));
  fs::rename(folder_ / "it/release-2.json", folder_ / "it/release-3.json");
  EXPECT_EQ(teacher_.release_after("it", 2).error().code, ErrorCode::corrupt_data);
  ASSERT_TRUE(write_file_atomically(folder_ / "it/release-3.json", "{"));
  const auto damaged = teacher_.release_after("it", 2);
  ASSERT_FALSE(damaged);
  EXPECT_NE(damaged.error().what.find("release-3.json"), std::string::npos);
}

TEST_F(LocalTeacherTest, has_no_folder_for_a_name_that_is_none) {
  EXPECT_EQ(teacher_.folder_of("../it").error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(teacher_.folder_of("key").error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace plmm::teacher
