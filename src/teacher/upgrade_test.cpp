// Tests of releases in the making: the halves, the choice, the gate and the signature.
#include "teacher/upgrade.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "teacher/pupil_fixture.h"

namespace plmm::teacher {
namespace {

using protocol::BeforeAfter;
using protocol::QuestionUse;

const std::vector<std::string> kAnimals{"quokkas", "wombats", "numbats",
                                        "bilbies", "possums", "dingoes"};

Passage about(const std::string& animal) {
  return long_passage(animal, "The " + animal + " live in " + animal + "-town.");
}

Source source() {
  Source out;
  for (const auto& animal : kAnimals) {
    const auto passage = about(animal);
    EXPECT_TRUE(out.add(passage.document, passage.title, passage.text));
  }
  return out;
}

/// All wrong, each from the passage about its animal.
std::vector<AskedQuestion> questions() {
  std::vector<AskedQuestion> out;
  const auto all = source();
  for (const auto& passage : all.passages()) {
    AskedQuestion asked;
    asked.exam = {"Where are " + passage.title + "?", {passage.title + "-town"}, "animals"};
    asked.passage = passage;
    out.push_back(asked);
  }
  return out;
}

Result<Trial> attempt(Pupil& pupil, std::span<const eval::ExamQuestion> exam = {},
                      const UpgradeOptions& options = {}) {
  return try_upgrade(questions(), source(), exam, pupil, options, nullptr, Cancel());
}

TEST(Halves, are_the_same_for_the_same_questions_whatever_was_said) {
  auto asked = questions();
  const auto uses = cut_in_halves(asked);
  EXPECT_EQ(std::ranges::count(uses, QuestionUse::kept_apart), 3);
  for (auto& one : asked) one.is_right = true, one.said = "x";
  EXPECT_EQ(cut_in_halves(asked), uses);
  std::ranges::reverse(asked);
  auto reversed = cut_in_halves(asked);
  std::ranges::reverse(reversed);
  EXPECT_EQ(reversed, uses);
  asked.pop_back();
  EXPECT_EQ(std::ranges::count(cut_in_halves(asked), QuestionUse::kept_apart), 3);
}

TEST(Upgrade, adds_what_the_library_lacks_and_closes_the_gaps) {
  ScriptedPupil pupil({about("wombats")});
  const auto trial = attempt(pupil);
  ASSERT_TRUE(trial) << trial.error().what;
  EXPECT_EQ(trial->passages.size(), 5U);
  EXPECT_EQ(trial->n_held, 1U);
  EXPECT_EQ(trial->n_pairs, 0U);
  EXPECT_EQ(trial->kept_apart().n, 3U);
  EXPECT_EQ(trial->selected().n, 3U);
  EXPECT_GE(trial->kept_apart().n_after, 2U);
  EXPECT_EQ(objection(*trial), "");
}

TEST(Upgrade, takes_the_passages_behind_failed_selected_questions_first) {
  ScriptedPupil pupil({});
  const auto trial = attempt(pupil, {}, {.n_passages_max = 3});
  ASSERT_TRUE(trial) << trial.error().what;
  ASSERT_EQ(trial->passages.size(), 3U);
  EXPECT_EQ(trial->n_left_out, 3U);
  // So nothing of the kept-apart questions got in, and nothing was won there.
  EXPECT_EQ(trial->selected(), (BeforeAfter{3, 0, 3}));
  EXPECT_EQ(trial->kept_apart(), (BeforeAfter{3, 0, 0}));
  EXPECT_NE(objection(*trial).find("does not help"), std::string::npos);
}

TEST(Upgrade, makes_a_passage_of_a_selected_question_that_is_still_failed) {
  auto asked = questions();
  const auto uses = cut_in_halves(asked);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    // No passage says this; it is asked by a word that stands nowhere else.
    asked[i].exam = {"Where is the " + asked[i].passage->title + "sanctuary?", {"Perth"}, "x"};
  }
  const auto cut = cut_in_halves(asked);
  const auto n_selected = static_cast<std::size_t>(std::ranges::count(cut, QuestionUse::selected));
  ScriptedPupil pupil({});
  const auto trial = try_upgrade(asked, source(), {}, pupil, {}, nullptr, Cancel());
  ASSERT_TRUE(trial) << trial.error().what;
  EXPECT_EQ(trial->n_pairs, n_selected);
  EXPECT_EQ(trial->passages.size(), kAnimals.size() + n_selected);
  EXPECT_EQ(trial->selected(), (BeforeAfter{3, 0, 3}));
  EXPECT_EQ(trial->kept_apart().n_after, 0U);  // their answers were told to nobody
  EXPECT_EQ(uses.size(), cut.size());
}

TEST(Upgrade, asks_of_the_exam_only_what_reads_otherwise_than_before) {
  ScriptedPupil pupil({{"d", "t", "The capital is Canberra."}});
  const std::vector<eval::ExamQuestion> exam{{"What is the capital?", {"Canberra"}, ""},
                                             {"Are there quokkas?", {"quokkas"}, ""}};
  const auto trial = attempt(pupil, exam);
  ASSERT_TRUE(trial) << trial.error().what;
  EXPECT_EQ(trial->exam, (protocol::ExamFigures{2, 1, 0, 1}));
}

TEST(Upgrade, that_harms_is_no_release) {
  // "town" is what the exam's question is found by: the new passages stand before the old one.
  ScriptedPupil pupil({{"d", "t", "A town is a large village."}});
  const std::vector<eval::ExamQuestion> exam{{"Is a town big?", {"large village"}, ""}};
  const auto trial = attempt(pupil, exam);
  ASSERT_TRUE(trial) << trial.error().what;
  EXPECT_EQ(trial->exam, (protocol::ExamFigures{1, 1, 1, 0}));
  EXPECT_NE(objection(*trial).find("harms"), std::string::npos);
  const auto key = crypto::KeyPair::from_seed(std::array<std::byte, 32>{});
  const auto release = make_release(*trial, {}, key);
  ASSERT_FALSE(release);
  EXPECT_NE(release.error().what.find("1 were right before and 0 with it"), std::string::npos);
}

TEST(Upgrade, may_lose_one_exam_question_in_a_hundred) {
  Trial trial;
  trial.questions.push_back({"q?", {"a"}, QuestionUse::kept_apart, false, true});
  trial.exam = {.n = 100, .n_affected = 60, .n_before = 50, .n_after = 49};
  EXPECT_EQ(objection(trial), "");
  trial.exam = {.n = 99, .n_affected = 60, .n_before = 50, .n_after = 49};
  EXPECT_NE(objection(trial), "");
  trial.exam = {.n = 100, .n_affected = 60, .n_before = 50, .n_after = 60};
  EXPECT_EQ(objection(trial), "");
}

TEST(Upgrade, refuses_to_be_tested_with_one_question_or_to_add_nothing) {
  ScriptedPupil pupil({});
  const auto asked = questions();
  const auto one =
      try_upgrade(std::span(asked).first(1), source(), {}, pupil, {}, nullptr, Cancel());
  EXPECT_EQ(one.error().code, ErrorCode::invalid_argument);
  std::vector<Passage> all;
  for (const auto& animal : kAnimals) all.push_back(about(animal));
  ScriptedPupil knows(all);
  const auto nothing = attempt(knows);
  ASSERT_FALSE(nothing);
  EXPECT_NE(nothing.error().what.find("nothing to add"), std::string::npos);
}

TEST(Upgrade, becomes_a_signed_release_for_one_expert_and_its_next_number) {
  ScriptedPupil pupil({});
  const auto trial = attempt(pupil);
  ReleaseHead head;
  head.card.name = "animals";
  head.card.release = 7;
  head.model = "script";
  head.now_ms = 1'800'000'000'000;
  const auto key = crypto::KeyPair::from_seed(std::array<std::byte, 32>{});
  const auto release = make_release(*trial, head, key);
  ASSERT_TRUE(release) << release.error().what;
  EXPECT_EQ(release->number, 8U);
  EXPECT_EQ(release->parent, 7U);
  EXPECT_EQ(release->teacher_key, key.public_key());
  EXPECT_EQ(protocol::figures(*release, QuestionUse::kept_apart), trial->kept_apart());
  EXPECT_TRUE(protocol::verify_release(*release));
}

}  // namespace
}  // namespace plmm::teacher
