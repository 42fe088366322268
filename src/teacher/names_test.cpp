// Tests of names that stand for other names.
#include "teacher/names.h"

#include <gtest/gtest.h>

namespace plmm::teacher {
namespace {

TEST(Names, stand_for_words_by_their_initials) {
  EXPECT_TRUE(stands_for("ODBC", "Open DataBase Connectivity"));
  EXPECT_TRUE(stands_for("M-JPEG", "Motion JPEG"));
  EXPECT_TRUE(stands_for("PCCTS", "Purdue Compiler-Construction Tool Set"));
  EXPECT_TRUE(stands_for("ROI", "return on investment"));
  EXPECT_TRUE(stands_for("COBOL", "COmmon Business Oriented Language"));
}

TEST(Names, stand_for_nothing_that_they_do_not_spell) {
  EXPECT_FALSE(stands_for("FTP", "File Transfer"));
  EXPECT_FALSE(stands_for("FTP", "File Transfer Protocol Server"));
  EXPECT_FALSE(stands_for("FTP", "fast transport"));
  EXPECT_FALSE(stands_for("Open", "Open DataBase Connectivity"));
  EXPECT_FALSE(stands_for("FTP", "FTP"));
  EXPECT_FALSE(stands_for("", "Open DataBase"));
  EXPECT_FALSE(stands_for("AAAAAAAAAAAA", std::string(70, 'A') + " bear"));
}

TEST(Names, are_found_in_brackets_the_title_and_the_first_line) {
  const Passage bracket{"d", "Transfers", "Use the old File Transfer Protocol (FTP) for it (now)."};
  EXPECT_EQ(other_names("FTP", bracket), std::vector<std::string>{"File Transfer Protocol"});
  EXPECT_EQ(other_names("File Transfer Protocol", bracket), std::vector<std::string>{"FTP"});
  const Passage entry{"d", "M-JPEG", "Motion JPEG\n\nA technique (M-JPEG) for images."};
  EXPECT_EQ(other_names("M-JPEG", entry), std::vector<std::string>{"Motion JPEG"});
  EXPECT_EQ(other_names("Motion JPEG", entry), std::vector<std::string>{"M-JPEG"});
  EXPECT_TRUE(other_names("images", entry).empty());
  EXPECT_TRUE(other_names("x", {"d", "", "(("}).empty());
}

}  // namespace
}  // namespace plmm::teacher
