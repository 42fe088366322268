// Labels of turns, and how proposals are counted against them.
#include "apps/plmm/suites/facts_data.h"

#include <gtest/gtest.h>

#include <string>

namespace plmm::suites {
namespace {

const Dialogues kDialogues{{"d", {"hi", "I live in Porto"}}};

Error refused(std::string_view line) { return parse_fact_labels(line, kDialogues).error(); }

TEST(FactsData, finds_turns_in_the_package_or_in_the_line) {
  const auto turns = parse_fact_labels(
      R"({"dialogue":"d","turn":1,"facts":[{"kind":"place","begin":10,"end":15}]})"
      "\n\n"
      R"({"said":"I like tea","facts":[]})",
      kDialogues);
  ASSERT_TRUE(turns) << turns.error().what;
  ASSERT_EQ(turns->size(), 2U);
  EXPECT_EQ((*turns)[0].said, "I live in Porto");
  EXPECT_EQ((*turns)[0].facts[0].kind, personal::Slot::place);
  EXPECT_EQ((*turns)[1].said, "I like tea");
}

TEST(FactsData, refuses_what_is_no_label_and_names_the_line) {
  EXPECT_EQ(refused("").code, ErrorCode::corrupt_data);
  EXPECT_EQ(refused("[]").code, ErrorCode::corrupt_data);
  EXPECT_EQ(refused(R"({"dialogue":"x","turn":0,"facts":[]})").code, ErrorCode::not_found);
  EXPECT_EQ(refused(R"({"dialogue":"d","turn":2,"facts":[]})").code, ErrorCode::not_found);
  EXPECT_EQ(refused(R"({"dialogue":"d","turn":-1,"facts":[]})").code, ErrorCode::corrupt_data);
  EXPECT_EQ(refused(R"({"said":"a","facts":[{"kind":"shoe","begin":0,"end":1}]})").code,
            ErrorCode::corrupt_data);
  const auto error = refused(
      "\n"
      R"({"said":"a","facts":[{"kind":"name","begin":0,"end":2}]})");
  EXPECT_EQ(error.code, ErrorCode::corrupt_data);
  EXPECT_TRUE(error.what.starts_with("line 2: "));
}

TEST(FactsData, counts_a_proposal_once_and_only_of_the_same_kind) {
  const LabelledTurn turn{"I live in Porto", {{personal::Slot::place, {10, 15}}}};
  const personal::Noticed right{personal::Slot::place, {10, 15}, {0, 15}};
  auto other = right;
  other.slot = personal::Slot::origin;
  auto wide = right;
  wide.value = {2, 15};
  const auto sum = score(turn, {other, wide, right, right});
  EXPECT_EQ(sum.n_right, 1U);
  EXPECT_EQ(sum.n_proposed, 4U);
  EXPECT_DOUBLE_EQ(sum.precision(), 0.25);
  EXPECT_DOUBLE_EQ(sum.recall(), 1);
}

}  // namespace
}  // namespace plmm::suites
