// The profile as text: there and back, what changes, and lines that say nothing or nonsense.
#include "personal/profile_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace plmm::personal {
namespace {

Fact fact(std::int64_t id, Slot slot, const std::string& value, std::int64_t until_ms = 0) {
  Fact out;
  out.id = id;
  out.slot = slot;
  out.value = Personal(value);
  out.until_ms = until_ms;
  return out;
}

std::vector<SlotValue> parsed(std::string_view text) {
  auto out = parse_profile_text(text);
  EXPECT_TRUE(out) << out.error().what;
  return out.value_or(std::vector<SlotValue>());
}

std::string error_of(std::string_view text) {
  const auto out = parse_profile_text(text);
  return out ? "" : out.error().what;
}

std::vector<std::int64_t> ids(const std::vector<Fact>& facts) {
  std::vector<std::int64_t> out;
  for (const Fact& one : facts) out.push_back(one.id);
  return out;
}

TEST(ProfileText, has_a_line_for_each_fact_that_holds_in_the_order_of_slots) {
  const std::vector facts{fact(1, Slot::hobbies, "choir"), fact(2, Slot::place, "Braga", 5),
                          fact(3, Slot::place, "Porto: the old town"), fact(4, Slot::name, "Mira")};
  const std::string text = "name: Mira\nhobbies: choir\nplace: Porto: the old town\n";
  EXPECT_EQ(profile_text(facts), text);
  EXPECT_TRUE(edit_between(facts, parsed(text)).empty());
  EXPECT_EQ(profile_text({}), "");
}

TEST(ProfileText, is_read_with_whatever_space_and_comments_stand_in_it) {
  const std::vector<SlotValue> expected{{Slot::work, Personal(std::string("potter"))},
                                        {Slot::name, Personal(std::string("Mira"))}};
  EXPECT_TRUE(parsed("# mine\n\n  work :  potter \r\n\tname:Mira\nwork: potter") == expected);
  EXPECT_TRUE(parsed("").empty());
  EXPECT_TRUE(parsed("\n\n#").empty());
}

TEST(ProfileText, errors_name_the_line_and_never_what_stands_in_it) {
  EXPECT_TRUE(error_of("name: Mira\nsecret words").starts_with("line 2: begins with no"));
  EXPECT_TRUE(error_of("secret: words").starts_with("line 1: what stands before the colon"));
  EXPECT_EQ(error_of("\nname:"), "line 2: profile: the value is empty");
  EXPECT_TRUE(error_of("name: \xff").starts_with("line 1: profile: the value is not UTF-8"));
  EXPECT_TRUE(
      error_of("name: " + std::string(201, 'x')).starts_with("line 1: profile: a value has"));
  std::string many;
  for (int i = 0; i < 17; ++i) many += "likes: secret " + std::to_string(i) + "\n";
  EXPECT_EQ(error_of(many), "line 17: likes has more than 16 values");
  EXPECT_FALSE(error_of(std::string(kProfileTextBytesMax + 1, '\n')).empty());
  for (const char* text : {"name: Mira\nsecret words", "secret: words", "name: secret\1"})
    EXPECT_EQ(error_of(text).find("secret"), std::string::npos) << text;
}

TEST(ProfileText, what_changes_is_what_stood_there_and_what_came) {
  const std::vector facts{fact(1, Slot::name, "Mira"), fact(2, Slot::hobbies, "choir"),
                          fact(3, Slot::hobbies, "chess"), fact(4, Slot::place, "Proto"),
                          fact(5, Slot::place, "Braga", 9)};
  const auto edit = edit_between(facts, parsed("name: Mira\nhobbies: chess\nplace: Porto\n"));
  EXPECT_EQ(ids(edit.replaced), (std::vector<std::int64_t>{4}));
  EXPECT_EQ(ids(edit.dropped), (std::vector<std::int64_t>{2}));
  ASSERT_EQ(edit.added.size(), 1U);
  EXPECT_EQ(edit.added[0].slot, Slot::place);
  EXPECT_TRUE(edit.added[0].value == Personal(std::string("Porto")));
}

}  // namespace
}  // namespace plmm::personal
