// The way of one question: what leaves was shown, and nothing is paid unless the receipt holds.
#include <gtest/gtest.h>

#include <string>

#include "base/rng.h"
#include "personal/asking_fixture.h"
#include "personal/leave_out.h"
#include "protocol/json.h"

namespace plmm::personal {
namespace {

using AskingTest = AskingFixture;

TEST_F(AskingTest, shows_what_would_leave_and_sends_exactly_that) {
  tell(Slot::name, "Mira Vogt");
  auto asking = this->asking();
  const auto preview = prepare(asking, "I, Mira Vogt, wonder: what is a mutex?").value();
  EXPECT_EQ(preview.lines, std::vector<std::string>{"I, [NAME_1], wonder: what is a mutex?"});
  ASSERT_EQ(preview.replaced.size(), 1U);
  EXPECT_EQ(preview.replaced[0].original.reveal(Purpose::show_owner), "Mira Vogt");
  EXPECT_GT(preview.price_max.value, 0);
  EXPECT_EQ(preview.key, KeyStanding::first_time);
  EXPECT_TRUE(expert_.asked.empty());
  EXPECT_TRUE(outbox().empty());

  const auto answer = send(asking);
  ASSERT_TRUE(answer) << answer.error().what;
  ASSERT_EQ(expert_.asked.size(), 1U);
  const auto entries = outbox();
  ASSERT_EQ(entries.size(), 1U);
  const std::string& left = entries[0].bytes.reveal(Purpose::show_owner);
  EXPECT_EQ(left, protocol::to_json(expert_.asked[0]).value());
  // The ledger's number of the reservation is all that was not known before.
  auto shown = protocol::parse_ask(preview.bytes).value();
  EXPECT_EQ(shown.reservation.value, shown.request.value);
  shown.reservation = expert_.asked[0].reservation;
  EXPECT_EQ(protocol::to_json(shown).value(), left);
  EXPECT_EQ(left.size(), preview.bytes.size());
}

TEST_F(AskingTest, fills_the_persons_own_words_into_the_answer_and_keeps_the_receipt) {
  tell(Slot::name, "Mira");
  expert_.pieces = {"Dear [NA", "ME_1], a mutex", " locks. [NAME_9] {\"ask\": \"it\"} /ask it"};
  auto asking = this->asking();
  ASSERT_TRUE(prepare(asking, "I am Mira, what is a mutex?"));
  const auto answer = send(asking).value();
  EXPECT_EQ(shown_, "Dear Mira, a mutex locks. [NAME_9] {\"ask\": \"it\"} /ask it");
  EXPECT_EQ(answer.text.reveal(Purpose::show_owner), shown_);
  EXPECT_EQ(answer.payment, Sending::paid);
  EXPECT_EQ(ledger_.earned, answer.receipt.price.value);
  EXPECT_EQ(ledger_.available, 1'000'000 - answer.receipt.price.value);
  EXPECT_TRUE(ledger_.reserved.empty());
  const auto entries = outbox();
  EXPECT_EQ(entries[0].state, Sending::paid);
  EXPECT_EQ(entries[0].receipt, answer.receipt);
  // Words of the expert that look like orders were shown, and asked nobody.
  EXPECT_EQ(expert_.asked.size(), 1U);
}

TEST_F(AskingTest, sends_nothing_unless_it_was_prepared_and_approved) {
  auto asking = this->asking();
  EXPECT_EQ(send(asking).error().code, ErrorCode::invalid_argument);
  ASSERT_TRUE(prepare(asking, "What is a mutex?"));
  EXPECT_EQ(send(asking, Approval::standing).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(send(asking).error().code, ErrorCode::invalid_argument);  // once means once
  ASSERT_TRUE(prepare(asking, "What is a mutex?"));
  asking.decline();
  EXPECT_FALSE(send(asking));
  ASSERT_TRUE(prepare(asking, "What is a mutex?"));
  cancel_.request();
  EXPECT_EQ(send(asking).error().code, ErrorCode::cancelled);
  EXPECT_TRUE(expert_.asked.empty());
  EXPECT_TRUE(outbox().empty());
  EXPECT_EQ(ledger_.available, 1'000'000);
}

TEST_F(AskingTest, standing_consent_is_for_one_key) {
  ConsentBook book(*vault_, [] { return kNow; });
  ASSERT_TRUE(book.set("it", expert_.card_value.public_key, ConsentMode::always));
  auto asking = this->asking();
  auto preview = prepare(asking, "What is a mutex?").value();
  EXPECT_EQ(preview.consent, ConsentMode::always);
  EXPECT_EQ(preview.key, KeyStanding::same);
  EXPECT_TRUE(send(asking, Approval::standing));
  expert_.card_value.public_key.bytes[0] ^= std::byte{1};
  preview = prepare(asking, "What is a mutex?").value();
  EXPECT_EQ(preview.consent, ConsentMode::ask_each_time);
  EXPECT_EQ(preview.key, KeyStanding::changed);
  EXPECT_FALSE(send(asking, Approval::standing));
  EXPECT_EQ(book.list().value().size(), 1U);
}

TEST_F(AskingTest, consent_for_always_that_is_given_at_the_preview_stays) {
  ConsentBook book(*vault_, [] { return kNow; });
  auto asking = this->asking();
  ASSERT_TRUE(prepare(asking, "What is a mutex?"));
  ASSERT_TRUE(book.set("it", expert_.card_value.public_key, ConsentMode::always));
  ASSERT_TRUE(send(asking, Approval::person));
  EXPECT_EQ(book.mode_of("it", expert_.card_value.public_key).value(), ConsentMode::always);
}

struct Fault {
  const char* name;
  std::function<void(ScriptExpert&)> make;
  const char* words;
};
const std::vector<Fault>& faults() {
  using protocol::AnswerEnd;
  static const std::vector<Fault> kFaults{
      {"down",
       [](ScriptExpert& e) {
         e.pieces.clear();
         e.fails_after_pieces = Error{ErrorCode::offline, "connection refused"};
       },
       "connection refused"},
      {"mid_stream",
       [](ScriptExpert& e) { e.fails_after_pieces = Error{ErrorCode::offline, "connection lost"}; },
       "connection lost"},
      {"old_version",
       [](ScriptExpert& e) {
         e.fails_after_pieces = Error{ErrorCode::unsupported, "speaks version 2"};
       },
       "version 2"},
      {"overcharge",
       [](ScriptExpert& e) {
         e.spoil = [](AnswerEnd& end) { end.receipt.price.value += 1'000'000; };
       },
       "more than"},
      {"price_not_the_cards",
       [](ScriptExpert& e) { e.spoil = [](AnswerEnd& end) { ++end.receipt.price.value; }; },
       "price"},
      {"signature",
       [](ScriptExpert& e) {
         e.spoil_signed = [](AnswerEnd& end) { end.receipt.signature.bytes[0] ^= std::byte{1}; };
       },
       "signature"},
      {"another_answer",
       [](ScriptExpert& e) {
         e.spoil = [](AnswerEnd& end) { end.receipt.answer_sha256[0] ^= std::byte{1}; };
       },
       "another answer"},
      {"another_question",
       [](ScriptExpert& e) {
         e.spoil = [](AnswerEnd& end) { end.receipt.question_sha256[0] ^= std::byte{1}; };
       },
       "another question"},
      {"another_request",
       [](ScriptExpert& e) { e.spoil = [](AnswerEnd& end) { ++end.receipt.request.value.low; }; },
       "another request"},
      {"numbers", [](ScriptExpert& e) { e.first_number = 1; }, "missing or came twice"},
      {"not_utf8", [](ScriptExpert& e) { e.pieces = {"\xff\xfe"}; }, "not UTF-8"},
      {"endless",
       [](ScriptExpert& e) { e.pieces.assign(200, std::string(protocol::kChunkBytesMax, 'x')); },
       "the answer is over"},
  };
  return kFaults;
}

TEST_F(AskingTest, pays_nothing_for_an_answer_that_does_not_hold) {
  for (const Fault& fault : faults()) {
    SCOPED_TRACE(fault.name);
    expert_ = ScriptExpert();
    fault.make(expert_);
    auto asking = this->asking();
    ASSERT_TRUE(prepare(asking, "What is a mutex?"));
    const auto answer = send(asking);
    ASSERT_FALSE(answer);
    EXPECT_NE(answer.error().what.find(fault.words), std::string::npos) << answer.error().what;
    EXPECT_NE(answer.error().what.find("Nothing was paid"), std::string::npos);
    EXPECT_EQ(answer.error().what.substr(0, 4), "it: ");
    EXPECT_EQ(ledger_.available, 1'000'000);
    EXPECT_TRUE(ledger_.reserved.empty());
    EXPECT_EQ(outbox().back().state, Sending::failed);
    EXPECT_LE(shown_.size(), protocol::kAnswerBytesMax);
  }
}

TEST_F(AskingTest, sends_nothing_when_the_wallet_or_the_ledger_says_no) {
  auto asking = this->asking();
  ASSERT_TRUE(prepare(asking, "What is a mutex?"));
  ledger_.available = 5;
  auto answer = send(asking);
  EXPECT_NE(answer.error().what.find("your wallet has less than"), std::string::npos);
  ledger_.available = 1'000'000;
  ASSERT_TRUE(prepare(asking, "What is a mutex?"));
  ledger_.n_silent = 3;
  answer = send(asking);
  EXPECT_NE(answer.error().what.find("Nothing was sent"), std::string::npos);
  EXPECT_TRUE(expert_.asked.empty());
  ASSERT_TRUE(prepare(asking, "What is a mutex?"));
  ledger_.n_silent = 2;  // the third time it answers
  EXPECT_TRUE(send(asking));
}

TEST_F(AskingTest, pays_later_when_the_ledger_is_silent_after_the_answer) {
  ledger_.is_silent_on_post = true;
  auto asking = this->asking();
  ASSERT_TRUE(prepare(asking, "What is a mutex?"));
  const auto answer = send(asking).value();
  EXPECT_EQ(answer.payment, Sending::answered);
  EXPECT_EQ(outbox()[0].state, Sending::answered);
  EXPECT_FALSE(settle(*vault_, ledger_, [] { return kNow; }));
  ledger_.is_silent_on_post = false;
  EXPECT_EQ(settle(*vault_, ledger_, [] { return kNow; })->n_paid, 1U);
  EXPECT_EQ(ledger_.earned, answer.receipt.price.value);
  EXPECT_EQ(outbox()[0].state, Sending::paid);
  EXPECT_EQ(settle(*vault_, ledger_, [] { return kNow; })->n_paid, 0U);
}

TEST_F(AskingTest, lets_go_of_what_a_stopped_program_had_reserved) {
  OutboxEntry entry;
  entry.time_ms = kNow;
  entry.expert = "it";
  entry.bytes = Personal<std::string>("{}");
  entry.reservation.value = {1, 2};
  ledger_.reserved[entry.reservation] = 50;
  ASSERT_TRUE(Outbox(*vault_).add(entry));
  // Another program may still be waiting for this answer.
  EXPECT_EQ(settle(*vault_, ledger_, [] { return kNow + 1000; })->n_let_go, 0U);
  EXPECT_EQ(settle(*vault_, ledger_, [] { return kNow + kReservationMs; })->n_let_go, 1U);
  EXPECT_TRUE(ledger_.reserved.empty());
  EXPECT_EQ(outbox()[0].state, Sending::failed);
}

TEST_F(AskingTest, an_expert_that_takes_nothing_needs_no_wallet) {
  expert_.card_value.prices = {};
  ledger_.available = 0;
  auto asking = this->asking();
  const auto preview = prepare(asking, "What is a mutex?").value();
  EXPECT_EQ(preview.price_max.value, 0);
  EXPECT_EQ(send(asking)->payment, Sending::paid);
  EXPECT_EQ(protocol::parse_ask(outbox()[0].bytes.reveal(Purpose::show_owner))->payer.value,
            ledger::Id128{});
}

TEST_F(AskingTest, with_a_vault_that_cannot_be_written_sends_nothing) {
  tell(Slot::name, "Mira");
  auto asking = this->asking();
  ASSERT_TRUE(prepare(asking, "What is a mutex?"));
  std::filesystem::remove(place_.counter);
  EXPECT_FALSE(send(asking));
  EXPECT_TRUE(expert_.asked.empty());
  EXPECT_EQ(ledger_.available, 1'000'000);
}

TEST_F(AskingTest, pays_nothing_when_the_receipt_cannot_be_kept) {
  tell(Slot::name, "Mira");
  expert_.spoil = [this](protocol::AnswerEnd&) { std::filesystem::remove(place_.counter); };
  auto asking = this->asking();
  ASSERT_TRUE(prepare(asking, "What is a mutex?"));
  const auto answer = send(asking);
  EXPECT_NE(answer.error().what.find("Nothing was paid"), std::string::npos);
  EXPECT_EQ(ledger_.available, 1'000'000);
  EXPECT_TRUE(ledger_.reserved.empty());
}

TEST_F(AskingTest, refuses_an_empty_question_and_a_card_that_cannot_be) {
  auto asking = this->asking();
  EXPECT_FALSE(prepare(asking, ""));
  EXPECT_FALSE(prepare(asking, std::string(protocol::kQuestionBytesMax + 1, 'x')));
  expert_.card_value.prices.per_request.value = -1;
  EXPECT_EQ(prepare(asking, "What is a mutex?").error().code, ErrorCode::invalid_argument);
}

/// Whether `value` stands in `bytes` as the person wrote it, borders of words or not.
bool stands_in(const std::string& bytes, const std::string& value) {
  return bytes.find(value) != std::string::npos;
}

TEST_F(AskingTest, no_value_of_the_profile_leaves_in_any_question) {
  const std::vector<std::pair<Slot, std::string>> facts{
      {Slot::name, "Mira Vogt"},           {Slot::name, "Zoë O'Brien"},
      {Slot::education, "TU Darmstadt"},   {Slot::work, "teaches geology"},
      {Slot::hobbies, "ice climbing"},     {Slot::languages, "Swiss German"},
      {Slot::tone, "dry and short"},       {Slot::work, "Nordwind GmbH & Co."},
      {Slot::hobbies, "\"Go\" (the game)"}};
  for (const auto& [slot, value] : facts) tell(slot, value);
  const std::vector<std::string> frames{"What is @?",
                                        "My friend @ asked: what is a mutex?",
                                        "@",
                                        "@@ why?",
                                        "I am @. How do I use @ with @?",
                                        "why does \"@\" fail?\n\t@",
                                        "(@)? see @, @; @! [NAME_1] @",
                                        "what would @'s mutex cost?"};
  Rng rng(77);
  int n_prepared = 0;
  auto asking = this->asking();
  for (int round = 0; round < 300; ++round) {
    std::string question;
    for (const char c : frames[rng.below(frames.size())]) {
      if (c != '@') question.push_back(c);
      if (c == '@') question += facts[rng.below(facts.size())].second;
    }
    const auto preview = prepare(asking, question);
    if (!preview) {  // refusing is allowed, leaking is not
      EXPECT_NE(preview.error().what.find("would still leave"), std::string::npos);
      continue;
    }
    ++n_prepared;
    const auto left = protocol::parse_ask(preview->bytes).value().question;  // without escapes
    for (const auto& [slot, value] : facts) {
      ASSERT_FALSE(stands_in(preview->bytes, value)) << "round " << round;
      ASSERT_FALSE(stands_in(left, value)) << "round " << round;
    }
  }
  EXPECT_GT(n_prepared, 200);
  // Facts that were learned by another program during the conversation count too.
  tell(Slot::hobbies, "glass harmonica");
  EXPECT_FALSE(
      stands_in(prepare(asking, "Who built the glass harmonica?")->bytes, "glass harmonica"));
}

TEST(LeaveOut, drops_statements_about_the_person_beside_a_question) {
  const std::vector<privacy::Known> known{{privacy::Kind::occupation, "teaches geology"}};
  const privacy::Redactor redactor(known);
  const auto kept = [&](const char* text) { return keep_what_is_asked(text, redactor); };
  const auto broker = kept("what is a bond's yield? my broker is Lena Vogt");
  EXPECT_EQ(broker.text, "what is a bond's yield?");
  EXPECT_EQ(broker.n_left_out, 1U);
  EXPECT_EQ(kept("My doctor is Dr. Vogt. What is an index fund?").text, "What is an index fund?");
  EXPECT_EQ(kept("I am somebody who teaches geology. What is a mutex?").n_left_out, 1U);
  EXPECT_EQ(kept("Reach me at mira@example.org. What is a mutex?").n_left_out, 0U);
  EXPECT_EQ(kept("My mail is mira@example.org. What is a mutex?").n_left_out, 1U);
}

TEST(LeaveOut, keeps_what_the_question_needs) {
  const privacy::Redactor redactor({});
  for (const char* text : {"I have a log of 2 GB. How do I split it?", "My broker is Lena Vogt",
                           "my disk is full. what now?", "What is a mutex?", "",
                           "My sister is Ann. Help her.", "Is my broker Lena Vogt right?"}) {
    const auto kept = keep_what_is_asked(text, redactor);
    EXPECT_EQ(kept.text, text);
    EXPECT_EQ(kept.n_left_out, 0U) << text;
  }
}

}  // namespace
}  // namespace plmm::personal
