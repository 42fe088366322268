// The two forms of conversations, and files that are neither.
#include "apps/plmm/suites/personal_data.h"

#include <gtest/gtest.h>

namespace plmm::suites {
namespace {

TEST(PersonalData, one_person_who_talks_with_an_assistant) {
  const auto data = parse_personal_data(R"({"person": "A", "sessions": [
    {"time": "2025-01-01T10:00", "turns": [{"id": "S1:1", "said": "hi", "answer": "hello"}]},
    {"time": "2025-01-02T10:00", "turns": [{"id": "S2:1", "said": "my cat", "answer": "nice"}]}],
    "questions": [{"question": "pet?", "answer": "cat", "evidence": ["S2:1"], "kind": "single"},
                  {"question": "car?", "answer": "", "evidence": [], "kind": "absent"}]})");
  ASSERT_TRUE(data) << data.error().what;
  ASSERT_EQ(data->turns.size(), 2U);
  EXPECT_EQ(data->turns[1].id, "S2:1");
  EXPECT_EQ(data->turns[1].session, 2);
  EXPECT_EQ(data->turns[1].said, "my cat");
  EXPECT_EQ(data->turns[1].answer, "nice");
  ASSERT_EQ(data->questions.size(), 1U);  // without evidence nothing can be found
  EXPECT_EQ(data->questions[0].kind, "single");
  EXPECT_EQ(data->questions[0].evidence, std::vector<std::string>{"S2:1"});
}

TEST(PersonalData, two_people_who_talk_with_each_other) {
  const auto data = parse_personal_data(R"({"session_1": [
    {"speaker": "A", "dia_id": "D1:1", "text": "hi"}], "session_2": [
    {"speaker": "B", "dia_id": "D2:1", "text": "my cat"}],
    "qa": [{"question": "B's pet?", "answer": 1, "evidence": ["D2:1"], "category": 4}]})");
  ASSERT_TRUE(data) << data.error().what;
  EXPECT_EQ(data->turns.at(1).said, "B: my cat");
  EXPECT_EQ(data->questions.at(0).evidence, std::vector<std::string>{"D2:1"});
}

TEST(PersonalData, refuses_what_has_nothing_to_measure) {
  for (const auto* json : {"", "[]", "{}", "{\"sessions\": 3}", "{\"sessions\": []}",
                           R"({"session_1": [{"dia_id": "D1:1", "text": "hi"}]})"}) {
    const auto data = parse_personal_data(json);
    ASSERT_FALSE(data) << json;
    EXPECT_EQ(data.error().code, ErrorCode::corrupt_data) << json;
  }
}

}  // namespace
}  // namespace plmm::suites
