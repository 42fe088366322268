// Profile, prompt, consent, outbox and explanations in the vault.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "personal/consent.h"
#include "personal/outbox.h"
#include "personal/profile.h"
#include "personal/prompt.h"
#include "personal/vault_fixture.h"
#include "personal/why.h"
#include "protocol/example.h"

namespace plmm::personal {
namespace {

class ProfileTest : public VaultFixture {
 protected:
  void SetUp() override {
    VaultFixture::SetUp();
    vault_.emplace(opened());
  }
  Profile profile() {
    return Profile(*vault_, [this] { return now_ms_++; });
  }
  std::int64_t add(Slot slot, const std::string& value) {
    return profile().add(slot, Personal(value)).value_or(0);
  }
  Error refused(const std::string& value) {
    return profile().add(Slot::name, Personal(value)).error();
  }
  std::vector<std::string> shown() {
    std::vector<std::string> out;
    const auto facts = profile().facts().value();
    for (const Fact& fact : facts) {
      out.push_back(std::string(name_of(fact.slot)) + "=" + fact.value.reveal(Purpose::show_owner));
    }
    return out;
  }

  std::optional<Vault> vault_;
  std::int64_t now_ms_ = 1'800'000'000'000;
};

TEST_F(ProfileTest, keeps_several_values_of_a_slot_in_a_steady_order) {
  add(Slot::hobbies, "climbing");
  add(Slot::name, "Mira");
  const auto first = add(Slot::hobbies, "  chess \n");
  EXPECT_EQ(shown(), (std::vector<std::string>{"name=Mira", "hobbies=climbing", "hobbies=chess"}));
  EXPECT_EQ(add(Slot::hobbies, "chess"), first);
  EXPECT_EQ(shown().size(), 3U);
}

TEST_F(ProfileTest, sets_all_values_of_a_slot_at_once) {
  add(Slot::tone, "short");
  add(Slot::name, "Mira");
  const std::vector<Personal<std::string>> values{Personal<std::string>("dry"),
                                                  Personal<std::string>("friendly"),
                                                  Personal<std::string>("dry")};
  EXPECT_EQ(profile().set(Slot::tone, values).value(), Traces::gone);
  EXPECT_EQ(shown(), (std::vector<std::string>{"name=Mira", "tone=dry", "tone=friendly"}));
}

TEST_F(ProfileTest, replaces_all_or_nothing) {
  std::vector<std::int64_t> ids;
  for (int i = 0; i < 16; ++i) ids.push_back(add(Slot::likes, "like " + std::to_string(i)));
  add(Slot::name, "Mira");
  const auto before = shown();
  const auto replace = [&](std::vector<std::int64_t> gone, std::vector<SlotValue> values) {
    return profile().replace(gone, values);
  };
  const SlotValue good{Slot::likes, Personal<std::string>("tea")};
  EXPECT_EQ(replace({}, {good}).error().code, ErrorCode::limit_exceeded);
  EXPECT_EQ(replace({ids[3]}, {good, {Slot::work, Personal<std::string>(" ")}}).error().code,
            ErrorCode::invalid_argument);
  EXPECT_EQ(shown(), before);
  EXPECT_EQ(replace({ids[3], 999'999}, {good}).value(), Traces::gone);
  auto after = before;
  std::erase(after, "likes=like 3");
  after.emplace_back("likes=tea");
  EXPECT_EQ(shown(), after);
  EXPECT_EQ(on_disk().find("like 3"), std::string::npos);
}

TEST_F(ProfileTest, refuses_values_that_are_none_without_repeating_them) {
  EXPECT_EQ(refused(" \t").code, ErrorCode::invalid_argument);
  EXPECT_EQ(refused("two\nlines").code, ErrorCode::invalid_argument);
  EXPECT_EQ(refused("bell\x07").code, ErrorCode::invalid_argument);
  EXPECT_EQ(refused("back\xE2\x80\xAEwards").code, ErrorCode::invalid_argument);
  EXPECT_EQ(refused("\xFFsecret").code, ErrorCode::invalid_argument);
  EXPECT_EQ(refused("\xFFsecret").what.find("secret"), std::string::npos);
  EXPECT_EQ(refused(std::string(kValueBytesMax + 1, 'x')).code, ErrorCode::limit_exceeded);
  EXPECT_NE(add(Slot::name, std::string(kValueBytesMax, 'x')), 0);
  for (std::size_t i = 1; i < kValuesMax; ++i) add(Slot::name, std::to_string(i));
  EXPECT_EQ(refused("one more").code, ErrorCode::limit_exceeded);
  EXPECT_EQ(shown().size(), kValuesMax);
}

TEST_F(ProfileTest, names_its_slots) {
  for (const Slot slot : kSlots) EXPECT_EQ(slot_named(name_of(slot)), slot);
  EXPECT_EQ(slot_named("shoe size"), std::nullopt);
}

TEST_F(ProfileTest, is_never_readable_in_the_files_and_forgets_for_good) {
  add(Slot::name, "Mirabellina");
  const auto id = add(Slot::work, "teaches geology");
  add(Slot::work, "guides climbers");
  EXPECT_EQ(on_disk().find("Mirabellina"), std::string::npos);
  EXPECT_EQ(on_disk().find("geology"), std::string::npos);
  EXPECT_EQ(profile().forget({&id, 1})->n_facts, 1U);
  EXPECT_EQ(profile().forget({&id, 1})->n_facts, 0U);
  EXPECT_EQ(shown(), (std::vector<std::string>{"name=Mirabellina", "work=guides climbers"}));
  std::vector<std::int64_t> rest;
  const auto left = profile().facts().value();
  for (const Fact& fact : left) rest.push_back(fact.id);
  const auto forgotten = profile().forget(rest).value();
  EXPECT_EQ(forgotten.n_facts, 2U);
  EXPECT_EQ(forgotten.traces, Traces::gone);
  EXPECT_TRUE(shown().empty());
}

TEST_F(ProfileTest, makes_the_same_prompt_in_whatever_order_facts_come) {
  add(Slot::tone, "dry");
  add(Slot::hobbies, "climbing");
  add(Slot::name, "Mira");
  add(Slot::hobbies, "chess");
  auto facts = profile().facts().value();
  const auto pinned = pin(facts);
  const std::string& text = pinned.text.reveal(Purpose::show_owner);
  EXPECT_TRUE(
      text.ends_with("\nName: Mira\nHobbies: climbing; chess\nWrite to them in this tone: dry"));
  EXPECT_EQ(pinned.slots, (std::vector{Slot::name, Slot::hobbies, Slot::tone}));
  std::ranges::reverse(facts);
  EXPECT_TRUE(pin(facts).text == pinned.text);
  EXPECT_FALSE(pin({}).text == pinned.text);
}

TEST_F(ProfileTest, keeps_the_prompt_short) {
  for (int i = 0; i < 12; ++i) add(Slot::hobbies, std::string(150, static_cast<char>('a' + i)));
  add(Slot::tone, "dry");
  const auto pinned = pin(profile().facts().value());
  EXPECT_LE(pinned.text.reveal(Purpose::compare).size(), kPromptBytesMax);
  EXPECT_GT(pinned.n_left_out, 0U);
  EXPECT_TRUE(pinned.text.reveal(Purpose::show_owner).ends_with("dry"));
}

TEST_F(ProfileTest, keeps_the_newest_in_a_prompt_that_is_full) {
  for (int i = 0; i < 12; ++i) add(Slot::hobbies, std::string(150, static_cast<char>('a' + i)));
  const auto newest = add(Slot::hobbies, "chess");
  const auto pinned = pin(profile().facts().value());
  EXPECT_TRUE(pinned.text.reveal(Purpose::show_owner).ends_with("; chess"));
  EXPECT_EQ(std::ranges::count(pinned.facts, newest), 1);
}

TEST_F(ProfileTest, consent_is_remembered_by_expert_and_key) {
  ConsentBook book(*vault_, [this] { return now_ms_; });
  const auto key = protocol::example_key().public_key();
  EXPECT_EQ(book.mode_of("it", key).value(), ConsentMode::ask_each_time);
  ASSERT_TRUE(book.set("it", key, ConsentMode::always));
  EXPECT_EQ(book.mode_of("it", key).value(), ConsentMode::always);
  EXPECT_EQ(book.mode_of("art", key).value(), ConsentMode::ask_each_time);
  EXPECT_EQ(book.mode_of("it", crypto::PublicKey{}).value(), ConsentMode::ask_each_time);
  ASSERT_TRUE(book.set("it", key, ConsentMode::ask_each_time));
  EXPECT_EQ(book.list().value().size(), 1U);
}

TEST_F(ProfileTest, outbox_keeps_bytes_and_receipt_and_forgets_what_is_settled) {
  Outbox outbox(*vault_);
  OutboxEntry entry;
  entry.time_ms = 100;
  entry.expert = "it";
  entry.bytes = Personal<std::string>(std::string("exact \0 bytes", 13));
  entry.request.value = {1, ~std::uint64_t{0}};
  entry.price_max = {9};
  entry.id = outbox.add(entry).value();
  entry.state = Sending::paid;
  entry.price = {7};
  entry.receipt = protocol::example_end().receipt;
  ASSERT_TRUE(outbox.update(entry));
  entry.state = Sending::on_its_way;
  ASSERT_TRUE(outbox.add(entry));
  const auto entries = outbox.list().value();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_TRUE(entries[0].bytes == entry.bytes);
  EXPECT_EQ(entries[0].request, entry.request);
  EXPECT_EQ(entries[0].receipt, entry.receipt);
  EXPECT_EQ(entries[0].price.value, 7);
  EXPECT_EQ(outbox.forget_before(100).value(), 0U);
  EXPECT_EQ(outbox.forget_before(101).value(), 1U);
  EXPECT_EQ(outbox.list()->size(), 1U);
}

TEST_F(ProfileTest, explains_which_places_of_documents_an_answer_used) {
  const auto day = [](std::int64_t time_ms) { return "day " + std::to_string(time_ms); };
  Explanation here;
  here.places = {{7, 12}, {8, 1}};
  Explanations explanations(*vault_);
  ASSERT_TRUE(explanations.keep(here));
  OwnDocument document;
  document.id = 7;
  document.path = "/x/trip.md";
  document.places = reader::Places::lines;
  EXPECT_EQ(explain(explanations.last()->value(), {}, day, {&document, 1}),
            (std::vector<std::string>{"answered on this device", "used: your profile (empty)",
                                      "used: trip.md, line 12 of your documents (/x/trip.md)",
                                      "used: a document of yours that is forgotten",
                                      "left the device: nothing"}));
}

TEST_F(ProfileTest, explains_the_last_answer) {
  const auto day = [](std::int64_t time_ms) { return "day " + std::to_string(time_ms); };
  Explanations explanations(*vault_);
  EXPECT_EQ(explanations.last().value(), std::nullopt);
  Explanation here;
  here.route.reasons = {Reason::own_profile};
  here.slots = {Slot::name, Slot::tone};
  ASSERT_TRUE(explanations.keep(here));
  EXPECT_EQ(
      explain(explanations.last()->value(), {}, day),
      (std::vector<std::string>{"answered on this device", "because it is about you",
                                "used: your profile (name, tone)", "left the device: nothing"}));
  here.facts = {add(Slot::name, "Mira"), 999};
  ASSERT_TRUE(explanations.keep(here));
  const auto known = profile().facts().value();
  EXPECT_EQ(
      explain(explanations.last()->value(), known, day),
      (std::vector<std::string>{
          "answered on this device", "because it is about you", "used: your profile (name, tone)",
          "used: name Mira", "used: 1 more that is forgotten since", "left the device: nothing"}));
  Explanation asked;
  asked.route.expert = asked.route.best = "finance-1";
  asked.route.score = 0.5;
  asked.route.certainty = 0.41;
  asked.route.reasons = {Reason::expert_fits, Reason::model_is_unsure};
  asked.departure = Departure{.outbox_id = 4,
                              .n_bytes = 61,
                              .n_replaced = 1,
                              .n_left_out = 2,
                              .release = 3,
                              .n_citations = 1,
                              .price = {3'100}};
  ASSERT_TRUE(explanations.keep(asked));
  EXPECT_EQ(
      explain(explanations.last()->value(), {}, day),
      (std::vector<std::string>{
          "answered by finance-1 (release 3)", "because 'finance-1' fits with 0.50, limit 0.08",
          "because the model on this device is unsure: 0.41, limit 0.90",
          "left the device: 61 bytes, entry 4 of the outbox; replaced: 1; left out: 2",
          "cites 1 passage, cost 0.0031 credits"}));
}

}  // namespace
}  // namespace plmm::personal
