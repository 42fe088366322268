// Facts noticed in turns: dated, sourced, superseded, forgotten.
#include "personal/noting.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "personal/fact_record.h"
#include "personal/prompt.h"
#include "personal/vault_fixture.h"

namespace plmm::personal {
namespace {

using Lines = std::vector<std::string>;

class NotingTest : public VaultFixture {
 protected:
  void SetUp() override {
    VaultFixture::SetUp();
    vault_.emplace(opened());
  }
  Turn turn(const std::string& said, const std::string& answer = "") {
    Turn out;
    out.id = ++n_turns_;
    out.time_ms = 1'800'000'000'000 + n_turns_;
    out.said = Personal(said);
    out.answer = Personal(answer);
    return out;
  }
  Noted tell(const std::string& said, const std::string& answer = "") {
    return note_facts(*vault_, turn(said, answer)).value();
  }
  Profile profile() {
    return Profile(*vault_, [] { return std::int64_t{1}; });
  }
  std::vector<Fact> facts() { return profile().facts().value(); }
  Lines shown() {
    Lines out;
    for (const Fact& fact : facts())
      out.push_back((fact.holds() ? "" : "former ") + phrase_of(fact));
    return out;
  }

  std::optional<Vault> vault_;
  std::int64_t n_turns_ = 0;
};

TEST_F(NotingTest, keeps_the_date_and_the_persons_own_words) {
  const std::string said = "Well, I live in Porto with my dog Rex.";
  EXPECT_EQ(tell(said).added.size(), 2U);
  const auto kept = facts();
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept[0].source.turn, 1);
  EXPECT_EQ(kept[0].since_ms, 1'800'000'000'001);
  EXPECT_EQ(kept[0].source.quote.reveal(Purpose::show_owner), "I live in Porto");
  EXPECT_EQ(said.substr(static_cast<std::size_t>(kept[0].source.begin), 15), "I live in Porto");
  EXPECT_EQ(on_disk().find("Porto"), std::string::npos);
}

TEST_F(NotingTest, ends_the_older_value_of_what_one_has_one_of) {
  tell("I live in Porto");
  const auto noted = tell("Actually I moved to Lisbon");
  ASSERT_EQ(noted.ended.size(), 1U);
  EXPECT_EQ(shown(), (Lines{"former lives in Porto", "lives in Lisbon"}));
  EXPECT_EQ(facts()[0].until_ms, 1'800'000'000'002);
  const std::string prompt = pin(facts()).text.reveal(Purpose::show_owner);
  EXPECT_NE(prompt.find("Lives in: Lisbon"), std::string::npos);
  EXPECT_EQ(prompt.find("Porto"), std::string::npos);
  tell("I don't live in Lisbon anymore");
  EXPECT_EQ(shown(), (Lines{"former lives in Porto", "former lives in Lisbon"}));
}

TEST_F(NotingTest, ends_what_was_set_by_hand_too_and_loses_nothing) {
  ASSERT_TRUE(profile().add(Slot::name, Personal<std::string>("Ada")));
  tell("My name is Mira.");
  EXPECT_EQ(shown(), (Lines{"former name Ada", "name Mira"}));
}

TEST_F(NotingTest, ends_a_liking_with_a_dislike_and_a_part_with_the_whole) {
  tell("I like coffee. My sister is here.");
  tell("I don't like coffee. My sister Anna is here.");
  EXPECT_EQ(shown(), (Lines{"former person sister", "person sister Anna", "does not like coffee",
                            "former likes coffee"}));
  tell("my sister");
  EXPECT_EQ(facts().size(), 4U);
}

TEST_F(NotingTest, never_reads_an_answer_and_adds_nothing_twice_however_often_it_is_said) {
  tell("I live in Porto and I like tea");
  const auto before = facts().size();
  for (int i = 0; i < 1000; ++i) {
    tell("Where do I live?", "I live in Rome. My name is Bo. You live in Porto.");
    tell("Earlier I told you:\n(1 Jan 2027) I live in Rome\n\nWhere do I live?");
    if (i % 100 == 0) tell("I live in porto and I LIKE tea");
  }
  EXPECT_EQ(facts().size(), before);
}

TEST_F(NotingTest, makes_room_in_a_full_slot_by_ending_its_oldest) {
  for (std::size_t i = 0; i <= kValuesMax; ++i) tell("I like thing-number-" + std::to_string(i));
  const auto all = facts();
  EXPECT_EQ(all.size(), kValuesMax + 1);
  EXPECT_EQ(std::ranges::count_if(all, &Fact::holds), static_cast<std::ptrdiff_t>(kValuesMax));
  EXPECT_FALSE(all[0].holds());
}

TEST_F(NotingTest, keeps_so_many_former_ones) {
  for (std::size_t i = 0; i < kFormerMax + 5; ++i) tell("I live in Town" + std::to_string(i));
  EXPECT_EQ(facts().size(), kFormerMax + 1);
  EXPECT_EQ(phrase_of(facts().front()), "lives in Town4");
}

TEST_F(NotingTest, is_forgotten_by_turn_or_stays_without_the_way_back) {
  tell("I live in Porto");
  tell("I like tea");
  const std::int64_t first = 1;
  const std::int64_t second = 2;
  ASSERT_TRUE(profile().unlink({&first, 1}));
  EXPECT_EQ(facts()[0].source.turn, 0);
  EXPECT_EQ(profile().forget_said_in({&first, 1})->n_facts, 0U);
  EXPECT_EQ(profile().forget_said_in({&second, 1})->n_facts, 1U);
  EXPECT_EQ(shown(), Lines{"lives in Porto"});
}

TEST_F(NotingTest, tells_experts_nothing_by_names_but_leaves_tastes_alone) {
  tell("My sister Anna Vogt lives in Porto. I live in Oslo. I like jazz. I'm 34 years old.");
  Lines out;
  for (const auto& known : known_values(facts())) out.push_back(known.text);
  EXPECT_EQ(out, (Lines{"Oslo", "Anna Vogt"}));
}

TEST(FactRecord, reads_what_it_wrote_and_refuses_words_of_another_length) {
  Fact fact;
  fact.slot = Slot::place;
  fact.value = Personal<std::string>("Porto");
  fact.since_ms = 5;
  fact.until_ms = 9;
  fact.source = {7, 3, 18, Personal<std::string>("I live in Porto")};
  const auto read = decode_fact({4, encode_fact(fact)}).value();
  EXPECT_EQ(read.id, 4);
  EXPECT_EQ(read.until_ms, 9);
  EXPECT_TRUE(read.source.quote == fact.source.quote);
  fact.source.end = 17;
  EXPECT_EQ(decode_fact({4, encode_fact(fact)}).error().code, ErrorCode::corrupt_data);
}

}  // namespace
}  // namespace plmm::personal
