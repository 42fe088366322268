// Lines about what is known, told from those about anything else.
#include "personal/profile_talk.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace plmm::personal {
namespace {

Fact fact(std::int64_t id, Slot slot, const std::string& value, const std::string& quote = "") {
  Fact out;
  out.id = id;
  out.slot = slot;
  out.value = Personal(value);
  out.source.quote = Personal(quote);
  return out;
}

const std::vector<Fact>& known() {
  static const std::vector<Fact> facts{
      fact(1, Slot::place, "Porto", "I live in Porto"),
      fact(2, Slot::likes, "green tea", "I like green tea"),
      fact(3, Slot::people, "sister Anna", "My sister Anna"),
      fact(4, Slot::hobbies, "climbing"),
  };
  return facts;
}

/// Ids that are forgotten; {-1}: the line is for a model.
std::vector<std::int64_t> forgotten(const std::string& said) {
  const auto wish = profile_wish(said, known());
  if (!wish || wish->kind != ProfileWish::Kind::forget) return {-1};
  std::vector<std::int64_t> out;
  for (const Fact& one : wish->facts) out.push_back(one.id);
  return out;
}

TEST(ProfileTalk, understands_what_is_to_be_forgotten) {
  using Ids = std::vector<std::int64_t>;
  EXPECT_EQ(forgotten("Forget where I live."), Ids{1});
  EXPECT_EQ(forgotten("please forget where i live"), Ids{1});
  EXPECT_EQ(forgotten("Can you forget that I live in Porto?"), Ids{1});
  EXPECT_EQ(forgotten("forget that I like tea"), Ids{2});
  EXPECT_EQ(forgotten("Forget about my sister"), Ids{3});
  EXPECT_EQ(forgotten("forget my hobbies"), Ids{4});
  EXPECT_EQ(forgotten("forget that I live in Rome"), Ids{});
  EXPECT_EQ(forgotten("forget my age"), Ids{});
}

TEST(ProfileTalk, leaves_everything_else_to_the_model) {
  const std::vector<std::int64_t> model{-1};
  for (const std::string said :
       {"forget it", "Forget that, let's talk about cars", "forget my last question",
        "Don't forget where I live", "I forgot where I live", "How do I forget my sister",
        "forget the first example", "What do you know about Porto?"}) {
    EXPECT_EQ(forgotten(said), model) << said;
  }
}

TEST(ProfileTalk, understands_who_asks_what_is_known) {
  const auto wish = profile_wish("What do you know about me?", known());
  ASSERT_TRUE(wish);
  EXPECT_EQ(wish->kind, ProfileWish::Kind::show);
  EXPECT_EQ(profile_wish("forget everything about me", {})->kind, ProfileWish::Kind::forget_all);
  EXPECT_FALSE(profile_wish("what do you know about mesons", known()));
}

}  // namespace
}  // namespace plmm::personal
