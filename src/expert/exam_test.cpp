// Exams of an expert: kept, run, compared, and made from a library.
#include "expert/exam.h"

#include <gtest/gtest.h>

#include <map>

#include "expert/library_fixture.h"
#include "expert/make_exam.h"

namespace plmm::expert {
namespace {

const std::vector<eval::ExamQuestion> kExam{
    {"one?", {"uno"}, ""}, {"two?", {"due"}, ""}, {"three?", {"tre"}, ""}};

/// Knows what to read and to answer, and counts how often it is asked.
struct Pupil {
  std::map<std::string, std::string> readings;
  std::map<std::string, std::string> answers;
  int n_asked = 0;

  Examinee examinee() {
    return {[this](const std::string& question) -> Result<crypto::Digest> {
              return crypto::sha256(std::as_bytes(std::span(readings[question])));
            },
            [this](const std::string& question) -> Result<std::vector<search::Hit>> {
              std::vector<search::Hit> out(1);
              out.front().text = readings[question];
              return out;
            },
            [this](const std::string& question) -> Result<std::string> {
              ++n_asked;
              if (answers.contains(question)) return answers[question];
              return fail(ErrorCode::cancelled, "stopped");
            }};
  }
};

Pupil good() {
  return {{{"one?", "1"}, {"two?", "2"}, {"three?", "3"}},
          {{"one?", "uno"}, {"two?", "due."}, {"three?", "quattro"}}};
}

TEST(ExpertExam, is_affected_where_it_is_read_differently) {
  auto before = good(), after = good();
  after.readings["three?"] = "3, and more";
  EXPECT_EQ(*affected(kExam, before.examinee(), after.examinee()), std::vector<std::size_t>{2});
  EXPECT_EQ(before.n_asked + after.n_asked, 0);
}

TEST(ExpertExam, says_what_a_change_wins_and_loses) {
  auto before = good(), after = good();
  after.readings = {{"one?", "1"}, {"two?", "x"}, {"three?", "y"}};
  after.answers = {{"two?", "dunno"}, {"three?", "tre"}};
  const auto change = compare(kExam, before.examinee(), after.examinee());
  ASSERT_TRUE(change) << change.error().what;
  EXPECT_EQ(change->n_exam, 3U);
  EXPECT_EQ(change->n_affected, 2U);
  EXPECT_EQ(change->n_right_before, 1U);
  EXPECT_EQ(change->n_right_after, 1U);
  EXPECT_EQ(change->n_lost, 1U);
  EXPECT_EQ(before.n_asked + after.n_asked, 4);
}

TEST(ExpertExam, ends_with_the_first_error) {
  auto before = good(), after = good();
  after.readings["two?"] = "x";
  after.answers.erase("two?");
  EXPECT_EQ(compare(kExam, before.examinee(), after.examinee()).error().code, ErrorCode::cancelled);
}

using ExamFile = LibraryTest;

TEST_F(ExamFile, is_kept_in_the_folder) {
  fs::create_directories(folder_ / "it");
  EXPECT_TRUE(load_exam(folder_ / "it")->empty());
  ASSERT_TRUE(save_exam(folder_ / "it", kExam));
  EXPECT_EQ(*load_exam(folder_ / "it"), kExam);
  write("it/exam.jsonl", "{}\n");
  const auto broken = load_exam(folder_ / "it");
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().what.find("exam.jsonl: exam, line 1"), std::string::npos)
      << broken.error().what;
}

TEST_F(ExamFile, is_made_of_what_a_library_abbreviates) {
  write("docs/a.jsonl",
        R"({"title":"FTP","text":"File Transfer Protocol"})"
        "\n"
        R"({"title":"mail","text":"It uses the Simple Mail Transfer Protocol (SMTP) today."})"
        "\n");
  auto library = create(it());
  ASSERT_TRUE(library) << library.error().what;
  const auto exam = make_exam(*library);
  ASSERT_TRUE(exam) << exam.error().what;
  ASSERT_EQ(exam->size(), 2U);
  EXPECT_EQ((*exam)[0].question, "What does FTP stand for?");
  EXPECT_EQ((*exam)[0].answers, std::vector<std::string>{"File Transfer Protocol"});
  EXPECT_EQ((*exam)[1].answers, std::vector<std::string>{"Simple Mail Transfer Protocol"});
}

TEST(Abbreviations, are_left_out_when_the_initials_do_not_fit_or_two_meanings_do) {
  Abbreviations abbreviations;
  abbreviations.read({"FTP", "A protocol of old."});
  abbreviations.read({"guide › ATM", "Asynchronous Transfer Mode"});
  abbreviations.read({"banks", "An Automated Teller Machine (ATM) pays out."});
  abbreviations.read({"", "Look (LOOK) at (the IBM PC) and (ABC"});
  EXPECT_TRUE(abbreviations.questions(10).empty());
}

TEST(Abbreviations, are_spread_evenly_when_there_are_many) {
  Abbreviations abbreviations;
  for (char c = 'A'; c <= 'Z'; ++c) {
    abbreviations.read({std::string("XY") + c, std::string("Xx Yy ") + c + "z"});
  }
  const auto questions = abbreviations.questions(2);
  ASSERT_EQ(questions.size(), 2U);
  EXPECT_EQ(questions[0].answers.front(), "Xx Yy Az");
  EXPECT_EQ(questions[1].answers.front(), "Xx Yy Nz");
}

}  // namespace
}  // namespace plmm::expert
