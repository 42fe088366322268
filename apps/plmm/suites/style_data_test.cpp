// Conversations of two people as turns of each.
#include "apps/plmm/suites/style_data.h"

#include <gtest/gtest.h>

#include <string>

namespace plmm::suites {
namespace {

std::string said(const personal::Turn& turn) { return turn.said.reveal(Purpose::compare); }
std::string answer(const personal::Turn& turn) { return turn.answer.reveal(Purpose::compare); }

constexpr std::string_view kTwo = R"({
  "later": {"messages": [[{"text": "hi", "timestamp": "2018-05-03", "sender": "b"}],
                         [{"text": "hello", "timestamp": "2018-05-03", "sender": "a"}]]},
  "first": {"messages": [[{"text": "one", "timestamp": "2018-05-02", "sender": "a"},
                          {"text": "two", "timestamp": "2018-05-02", "sender": "a"}],
                         [{"text": "three", "timestamp": "2018-05-02", "sender": "c"}]]}})";

TEST(StyleData, has_turns_of_the_heaviest_person_in_the_order_of_time) {
  const auto users = parse_chitchat(kTwo, 1).value();
  ASSERT_EQ(users.size(), 1U);
  EXPECT_EQ(users[0].n_dialogues, 2U);
  const auto& turns = users[0].turns;
  ASSERT_EQ(turns.size(), 3U);
  EXPECT_EQ(said(turns[0]), "one\ntwo");
  EXPECT_EQ(answer(turns[0]), "three");
  EXPECT_EQ(turns[0].conversation, 1);
  EXPECT_EQ(said(turns[1]), "");
  EXPECT_EQ(answer(turns[1]), "hi");
  EXPECT_EQ(said(turns[2]), "hello");
  EXPECT_EQ(turns[2].conversation, 2);
}

TEST(StyleData, has_no_more_people_than_there_are) {
  EXPECT_EQ(parse_chitchat(kTwo, 20)->size(), 3U);
}

TEST(StyleData, has_each_conversation_by_its_key) {
  const auto dialogues = parse_dialogues(kTwo).value();
  ASSERT_EQ(dialogues.size(), 2U);
  EXPECT_EQ(dialogues.at("first"), (std::vector<std::string>{"one\ntwo", "three"}));
}

TEST(StyleData, refuses_what_is_something_else) {
  EXPECT_EQ(parse_chitchat("[1]", 1).error().code, ErrorCode::corrupt_data);
  EXPECT_EQ(parse_chitchat("{}", 1).error().code, ErrorCode::corrupt_data);
  EXPECT_EQ(parse_chitchat(R"({"a": 1, "b": {"messages": [[1], 2]}})", 1).error().code,
            ErrorCode::corrupt_data);
}

}  // namespace
}  // namespace plmm::suites
