// One message of each kind, for tests and the fuzz entry.
#pragma once

#include "protocol/contribution.h"
#include "protocol/messages.h"
#include "protocol/receipt.h"
#include "protocol/release.h"

namespace plmm::protocol {

inline constexpr std::string_view kExampleAnswer = "A mutex lets one thread in at a time. [1]";

/// The key of a seed of 32 bytes that are all `each`; 7 is the expert's.
inline crypto::KeyPair example_key(std::byte each = std::byte{7}) {
  std::array<std::byte, crypto::KeyPair::kSeedBytes> seed;
  seed.fill(each);
  return crypto::KeyPair::from_seed(seed);
}

inline ExpertCard example_card() {
  ExpertCard card;
  card.name = "it";
  card.title = "IT";
  card.summary = "Computing terms and commands";
  card.topics = {"programming", "networks"};
  card.prices = {ledger::Microcredits{1000}, ledger::Microcredits{2000},
                 ledger::Microcredits{8000}};
  card.public_key = example_key().public_key();
  card.release = 2;
  card.base_model = "qwen2.5-coder-1.5b";
  card.n_passages = 15'000;
  card.n_tokens_in_max = 1024;
  return card;
}

inline Quote example_quote() {
  return {.expert = "it",
          .release = 2,
          .tokens_max = {.n_in = 1024, .n_out = 64},
          .price_max = ledger::Microcredits{3560}};
}

inline Ask example_ask() {
  Ask ask;
  ask.request.value = {0x0123456789abcdef, 0x00000000000000ff};
  ask.expert = "it";
  ask.question = "What is a mutex?\nBriefly, naïvely.";
  ask.n_answer_tokens_max = 64;
  ask.price_max = ledger::Microcredits{3560};
  ask.reservation.value = {1, 2};
  ask.payer.value = {3, 4};
  return ask;
}

inline AnswerChunk example_chunk() { return {.number = 3, .text = " thread"}; }

inline AnswerEnd example_end() {
  AnswerEnd end;
  end.citations.push_back({.number = 1,
                           .passage = 812,
                           .document = "foldoc",
                           .title = "mutex",
                           .text = "A mutex lets one thread in at a time."});
  Receipt& receipt = end.receipt;
  receipt.request = example_ask().request;
  receipt.expert = "it";
  receipt.release = 2;
  receipt.question_sha256 = digest_of(example_ask().question);
  receipt.answer_sha256 = digest_of(kExampleAnswer);
  receipt.tokens = {.n_in = 300, .n_out = 14};
  receipt.price = ledger::Microcredits{1000 + 600 + 112};
  sign_receipt(receipt, example_key());
  return end;
}

inline Release example_release() {
  Release release;
  release.expert = "it";
  release.expert_key = example_key().public_key();
  release.number = 3;
  release.parent = 2;
  release.made_ms = 1'800'000'000'000;
  release.model = "qwen2.5-coder-1.5b";
  release.passages = {{"foldoc", "hamster", "A tailless mouse."}, {"foldoc", "", "No\ntitle."}};
  release.questions = {
      {"Who makes a naïve hamster?", {"Amstrad", "AMS"}, QuestionUse::selected, false, true},
      {"What is a tailless mouse?", {"hamster"}, QuestionUse::kept_apart, false, true}};
  release.exam = {.n = 40, .n_affected = 5, .n_before = 3, .n_after = 4};
  sign_release(release, example_key(std::byte{9}));
  return release;
}

inline crypto::KeyPair example_contributor() { return example_key(std::byte{9}); }

inline Contribution example_contribution() {
  Contribution out;
  out.id.value = {0x1111111111111111, 0x2222222222222222};
  out.expert = "it";
  out.question = "Who wrote the naïve mutex?";
  out.correction = "The naïve mutex was written by Ada in 1987.";
  out.answers = {"Ada", "Ada of 1987"};
  out.licence = "CC BY 4.0";
  out.time_ms = 1'800'000'000'000;
  sign_contribution(out, example_contributor());
  return out;
}

inline Verdict example_verdict() {
  Verdict out;
  out.contribution = example_contribution().id;
  out.contribution_sha256 = digest_of(example_contribution());
  out.expert = "it";
  out.release = 3;
  out.reason = VerdictReason::accepted;
  out.note = "learned";
  out.n_exam = 40;
  out.n_affected = 2;
  out.n_right_before = 1;
  out.n_right_after = 2;
  out.reward = ledger::Microcredits{250'000};
  sign_verdict(out, example_key());
  return out;
}

}  // namespace plmm::protocol
