// What is learnt from of all that a vault holds, and on which tokens there is a weight.
#include "learn/material.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "learn/dialogue_form.h"
#include "personal/vault_fixture.h"
#include "protocol/example.h"
#include "protocol/json.h"
#include "text/tiny_vocabulary.h"

namespace plmm::learn {
namespace {

using personal::Turn;
using text::TemplateFamily;

Turn turn(std::int64_t id, std::int64_t conversation, const std::string& said,
          const std::string& answer = "Well.") {
  Turn out;
  out.id = id;
  out.conversation = conversation;
  out.said = Personal(said);
  out.answer = Personal(answer);
  return out;
}

/// `n` conversations of two turns each, ids from 1.
std::vector<Turn> talk(int n) {
  std::vector<Turn> out;
  for (int i = 0; i < n; ++i) {
    out.push_back(turn(2 * i + 1, 100 + i, "first of " + std::to_string(i)));
    out.push_back(turn(2 * i + 2, 100 + i, "second of " + std::to_string(i)));
  }
  return out;
}

std::unique_ptr<text::Tokenizer> tokenizer() {
  static text::TinyVocabulary vocabulary = text::TinyVocabulary::bpe("gpt-2");
  return text::Tokenizer::create(vocabulary.spec()).value();
}

std::string predicted(const train::Sequence& sequence, const text::Tokenizer& tokens) {
  std::vector<text::TokenId> out;
  for (std::size_t i = 0; i + 1 < sequence.tokens.size(); ++i) {
    if (sequence.weights[i] > 0) out.push_back(sequence.tokens[i + 1]);
  }
  return tokens.decode(out, text::Special::parse);
}

TEST(Material, holds_the_newest_fifth_of_the_conversations_back) {
  const auto material = collect(talk(30), {});
  ASSERT_EQ(material.training.size(), 24U);
  ASSERT_EQ(material.held_back.size(), 6U);
  EXPECT_EQ(material.training.front().turns[0].id, 1);
  EXPECT_EQ(material.held_back.front().turns[0].id, 49);
  EXPECT_EQ(material.n_turns, 48U);
  EXPECT_EQ(material.n_turns_held_back, 12U);
  EXPECT_TRUE(material.suffices());
}

TEST(Material, holds_no_fewer_back_than_can_be_told_from_chance) {
  const auto material = collect(talk(12), {});
  EXPECT_EQ(material.held_back.size(), kHeldBackMin);
  EXPECT_FALSE(material.suffices());  // 24 turns
  EXPECT_TRUE(collect({}, {}).training.empty());
  EXPECT_FALSE(collect(talk(3), {}).suffices());
}

TEST(Material, has_the_order_of_time_whatever_the_order_it_is_read_in) {
  auto turns = talk(30);
  std::ranges::reverse(turns);
  EXPECT_EQ(collect(turns, {}).training.front().turns[0].id, 1);
}

TEST(Material, names_what_it_learns_from_and_nothing_that_only_tests_it) {
  std::vector<Correction> corrections(1);
  corrections[0].id = 1'000;
  const auto material = collect(talk(30), std::move(corrections));
  EXPECT_EQ(material.sources.size(), 49U);
  EXPECT_TRUE(std::ranges::is_sorted(material.sources));
  EXPECT_EQ(material.sources.back(), 1'000);
  EXPECT_FALSE(std::ranges::binary_search(material.sources, 49));
}

TEST(Material, does_not_count_what_was_pasted_or_is_empty) {
  EXPECT_TRUE(counts(turn(1, 1, std::string(kOwnBytesMax, 'x'))));
  EXPECT_FALSE(counts(turn(1, 1, std::string(kOwnBytesMax + 1, 'x'))));
  EXPECT_FALSE(counts(turn(1, 1, " \n")));
  auto turns = talk(30);
  turns.push_back(turn(99, 999, std::string(kOwnBytesMax + 1, 'x')));
  EXPECT_EQ(collect(turns, {}).n_conversations(), 30U);
}

TEST(Material, finds_the_turns_that_say_a_value_of_the_profile) {
  personal::Fact fact;
  fact.slot = personal::Slot::name;
  fact.value = Personal(std::string("Mira"));
  const std::vector turns{turn(1, 1, "I am Mira."), turn(2, 1, "I am tired.", "Sleep, Mira.")};
  EXPECT_EQ(turns_that_say(turns, std::span(&fact, 1)), std::vector<std::int64_t>{1});
}

TEST(DialogueForm, only_the_persons_own_words_and_their_ends_have_a_weight) {
  const auto tokens = tokenizer();
  const Dialogue dialogue{{turn(1, 1, "Hi you", "Ho me"), turn(2, 1, "Oh!", "Never seen")}};
  const DialogueForm form{TemplateFamily::chatml, "Be kind.", 512};
  const auto pieces = encode(dialogue, form, *tokens);
  ASSERT_EQ(pieces.size(), 1U);
  EXPECT_EQ(predicted(pieces[0], *tokens), "Hi you<|im_end|>Oh!<|im_end|>");
  const auto all = tokens->decode(pieces[0].tokens, text::Special::parse);
  EXPECT_NE(all.find("Ho me"), std::string::npos);
  EXPECT_EQ(all.find("Never"), std::string::npos);  // nothing of the person's stands behind it
  EXPECT_EQ(pieces[0].weights.back(), 0.0F);
}

TEST(DialogueForm, is_the_same_for_every_template) {
  const auto tokens = tokenizer();
  const Dialogue dialogue{{turn(1, 1, "Hi you", "Ho me"), turn(2, 1, "Oh!")}};
  for (const auto family : {TemplateFamily::plain, TemplateFamily::zephyr, TemplateFamily::llama3,
                            TemplateFamily::gemma, TemplateFamily::mistral}) {
    const auto pieces = encode(dialogue, {family, "", 512}, *tokens);
    ASSERT_EQ(pieces.size(), 1U);
    const auto words = predicted(pieces[0], *tokens);
    EXPECT_NE(words.find("Hi you"), std::string::npos) << text::name(family);
    EXPECT_NE(words.find("Oh!"), std::string::npos) << text::name(family);
    EXPECT_EQ(words.find("Ho me"), std::string::npos) << text::name(family);
  }
}

TEST(DialogueForm, what_was_pasted_is_context_and_a_long_answer_is_cut) {
  const auto tokens = tokenizer();
  const Dialogue dialogue{
      {turn(1, 1, std::string(3'000, 'x'), std::string(3'000, 'y')), turn(2, 1, "Hm.")}};
  const auto pieces = encode(dialogue, {TemplateFamily::chatml, "", 1'000}, *tokens);
  ASSERT_EQ(pieces.size(), 1U);
  EXPECT_EQ(predicted(pieces[0], *tokens), "Hm.<|im_end|>");
  EXPECT_LT(pieces[0].tokens.size(), 2 * kContextBytesMax + 40);
}

TEST(DialogueForm, long_dialogues_come_in_pieces_of_whole_turns) {
  const auto tokens = tokenizer();
  Dialogue dialogue;
  for (int i = 0; i < 12; ++i) dialogue.turns.push_back(turn(i, 1, "word " + std::to_string(i)));
  dialogue.turns.push_back(turn(20, 1, std::string(500, 'z')));  // alone too long
  dialogue.turns.push_back(turn(21, 1, "end"));
  const DialogueForm form{TemplateFamily::chatml, "", 120};
  std::string words;
  for (const auto& piece : encode(dialogue, form, *tokens)) {
    EXPECT_LE(piece.tokens.size(), 120U);
    words += predicted(piece, *tokens);
  }
  for (int i = 0; i < 12; ++i)
    EXPECT_NE(words.find("word " + std::to_string(i) + "<"), std::string::npos) << i;
  EXPECT_NE(words.find("end<"), std::string::npos);
  EXPECT_EQ(words.find('z'), std::string::npos);
}

TEST(DialogueForm, of_a_correction_the_correction_is_learnt) {
  const auto tokens = tokenizer();
  const Correction correction{1, Personal(std::string("Who?")), Personal(std::string("Ada."))};
  const DialogueForm form{TemplateFamily::chatml, "", 512};
  EXPECT_EQ(predicted(encode(correction, form, *tokens), *tokens), "Ada.<|im_end|>");
  EXPECT_TRUE(encode(correction, {TemplateFamily::chatml, "", 8}, *tokens).tokens.empty());
}

TEST(DialogueForm, packs_pieces_that_do_not_see_each_other) {
  std::vector<train::Sequence> pieces;
  for (const int n : {3, 4, 2}) {
    train::Sequence piece;
    piece.tokens.assign(static_cast<std::size_t>(n), 1);
    piece.weights.assign(static_cast<std::size_t>(n), 1.0F);
    pieces.push_back(piece);
  }
  pieces.emplace_back();
  const auto all = packed(std::move(pieces), 7);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].segment_starts, (std::vector<int>{0, 3}));
  EXPECT_EQ(all[0].weights.size(), 7U);
  EXPECT_EQ(all[1].tokens.size(), 2U);
}

class CorrectionsTest : public personal::VaultFixture {
 protected:
  static personal::OutboxEntry entry(const std::string& correction,
                                     protocol::VerdictReason reason) {
    auto sent = protocol::example_contribution();
    sent.correction = correction;
    personal::OutboxEntry out;
    out.kind = personal::OutboxKind::contribution;
    out.bytes = Personal(protocol::to_json(sent).value());
    out.state = personal::Sending::paid;
    out.verdict = protocol::example_verdict();
    out.verdict->reason = reason;
    if (reason != protocol::VerdictReason::accepted) out.verdict->reward = {};
    return out;
  }
};

TEST_F(CorrectionsTest, only_those_count_that_an_expert_found_right_and_that_hide_nothing) {
  using enum protocol::VerdictReason;
  auto vault = opened();
  personal::Outbox outbox(vault);
  const auto good = outbox.add(entry("Ada wrote it.", accepted)).value();
  const auto also = outbox.add(entry("Ada wrote that.", known)).value();
  ASSERT_TRUE(outbox.add(entry("Bob wrote it.", makes_worse)));
  ASSERT_TRUE(outbox.add(entry("[NAME_1] wrote it.", accepted)));
  auto unjudged = entry("Eve wrote it.", accepted);
  unjudged.verdict.reset();
  unjudged.state = personal::Sending::on_its_way;
  ASSERT_TRUE(outbox.add(unjudged));
  const auto corrections = accepted_corrections(outbox).value();
  ASSERT_EQ(corrections.size(), 2U);
  EXPECT_EQ(corrections[0].id, good);
  EXPECT_EQ(corrections[1].id, also);
  EXPECT_EQ(corrections[0].correction.reveal(Purpose::compare), "Ada wrote it.");
}

}  // namespace
}  // namespace plmm::learn
