// Preferences told from other statements, and advice from other questions.
#include "personal/preferences.h"

#include <gtest/gtest.h>

namespace plmm::personal {
namespace {

using enum Preference;

TEST(Preferences, are_tastes_needs_habits_and_limits_of_who_speaks) {
  for (const auto* said : {"I can't stand crowded places.", "I much prefer trains to planes.",
                           "My son is allergic to nuts.", "we avoid long flights"})
    EXPECT_EQ(preference_in(said), firm) << said;
  for (const auto* said : {"I only have an induction stove.", "we never eat after eight",
                           "I find long novels boring.", "I love this song!"})
    EXPECT_EQ(preference_in(said), passing) << said;
}

TEST(Preferences, are_no_other_statements_and_no_questions) {
  for (const auto* said : {"I moved to Turku in May.", "My sister is called Nora.",
                           "Do you like my hat?", "Most people prefer tea.", ""})
    EXPECT_EQ(preference_in(said), none) << said;
}

TEST(Advice, is_what_to_do_choose_or_take) {
  for (const auto* asked :
       {"Can you recommend a novel?", "What should I cook tonight?", "Any ideas for Sunday?",
        "I'm planning a weekend in Ghent.", "Where can I eat in Oslo?", "How do I learn chess?"})
    EXPECT_TRUE(asks_advice(asked)) << asked;
}

TEST(Advice, is_no_question_of_fact) {
  for (const auto* asked : {"What is my name?", "When did we move?", "Who wrote Emma?", ""})
    EXPECT_FALSE(asks_advice(asked)) << asked;
}

}  // namespace
}  // namespace plmm::personal
