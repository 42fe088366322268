// What the tiers say to each other, and how large each field may be. docs/formats/protocol.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "ledger/types.h"

namespace plmm::protocol {

/// Of all messages together: a peer of another version is refused with both numbers.
inline constexpr std::uint32_t kVersion = 1;

// Sizes in bytes of UTF-8.
inline constexpr std::size_t kNameBytesMax = 64;
inline constexpr std::size_t kTitleBytesMax = 200;  // of experts, documents and models
inline constexpr std::size_t kSummaryBytesMax = 2'000;
inline constexpr std::size_t kTopicsMax = 32;
inline constexpr std::size_t kTopicBytesMax = 100;
inline constexpr std::size_t kQuestionBytesMax = 32 << 10;
inline constexpr std::size_t kChunkBytesMax = 16 << 10;
inline constexpr std::size_t kAnswerBytesMax = 256 << 10;  // of all chunks together
inline constexpr std::size_t kCitationsMax = 32;
inline constexpr std::size_t kPassageBytesMax = 8 << 10;  // the text that a citation shows
inline constexpr std::size_t kErrorBytesMax = 2'000;
inline constexpr std::size_t kMessageBytesMax = 1 << 20;
inline constexpr std::uint64_t kTokensMax = 1'000'000;
/// The largest integer that every JSON reader keeps exactly: 2^53 - 1.
inline constexpr std::int64_t kIntegerMax = (std::int64_t{1} << 53) - 1;

/// What an answer costs; each at least 0.
struct PriceCard {
  ledger::Microcredits per_request{};
  ledger::Microcredits per_1000_tokens_in{};
  ledger::Microcredits per_1000_tokens_out{};
  bool operator==(const PriceCard&) const = default;
};

/// Tokens that a question and the passages beside it took, and those of its answer.
struct TokenCount {
  std::uint64_t n_in = 0;
  std::uint64_t n_out = 0;
  bool operator==(const TokenCount&) const = default;
};

/// Whether it can be an expert's name: 1 to kNameBytesMax of lower-case letters, digits and -, the
/// first no -.
bool is_name(std::string_view text);

/// An expert introduces itself. Whoever holds the key of `public_key` is the expert.
struct ExpertCard {
  std::string name;  // lower-case letters, digits and -: "finance-1"
  std::string title;
  std::string summary;
  std::vector<std::string> topics;
  PriceCard prices;
  crypto::PublicKey public_key{};
  std::uint32_t release = 1;
  std::string base_model;
  std::uint64_t n_passages = 0;
  std::uint64_t n_tokens_in_max = 0;  // no answer is billed for more input than this
  bool operator==(const ExpertCard&) const = default;
};

/// What an answer costs at most; from the card alone, before anything leaves the device.
struct Quote {
  std::string expert;
  std::uint32_t release = 1;
  TokenCount tokens_max;
  ledger::Microcredits price_max{};
  bool operator==(const Quote&) const = default;
};

struct RequestId {
  ledger::Id128 value;
  auto operator<=>(const RequestId&) const = default;
};

/// A question as it leaves the device: `question` has been redacted and shown.
struct Ask {
  RequestId request;
  std::string expert;
  std::string question;
  std::uint64_t n_answer_tokens_max = 0;  // at least 1
  ledger::Microcredits price_max{};
  ledger::TransferId reservation;  // zero: nothing is reserved, price_max is 0
  ledger::HolderId payer;          // zero where the reservation is
  bool operator==(const Ask&) const = default;
};

/// The next piece of an answer; `number` counts from 0 without gaps. Whole characters.
struct AnswerChunk {
  std::uint64_t number = 0;
  std::string text;
  bool operator==(const AnswerChunk&) const = default;
};

/// "[number]" in an answer: the passage that says it. Numbers count from 1.
struct Citation {
  std::uint64_t number = 1;
  std::uint64_t passage = 0;  // id in the expert's library
  std::string document;
  std::string title;  // of the part of the document
  std::string text;
  bool operator==(const Citation&) const = default;
};

/// An expert's word on one answer, signed: receipt.h says what exactly.
struct Receipt {
  RequestId request;
  std::string expert;
  std::uint32_t release = 1;
  crypto::Digest question_sha256{};
  crypto::Digest answer_sha256{};  // of all chunks, joined
  TokenCount tokens;
  ledger::Microcredits price{};
  crypto::Signature signature{};
  bool operator==(const Receipt&) const = default;
};

enum class Outcome : std::uint8_t {
  answered = 0,
  cut = 1,        // at n_answer_tokens_max, or where the price reached price_max
  not_found = 2,  // the library has nothing about it, and the answer says so
};

/// What stands behind the last chunk. Price and tokens are those of the receipt.
struct AnswerEnd {
  Outcome outcome = Outcome::answered;
  std::vector<Citation> citations;
  Receipt receipt;
  bool operator==(const AnswerEnd&) const = default;
};

/// Whether the fields keep their limits: limit_exceeded for what is too long or too large,
/// invalid_argument for what can never be (a negative price, a name with capitals, text that is not
/// UTF-8, a control character in a title). Names the field, never its text.
Result<> check(const PriceCard& prices);
Result<> check(const ExpertCard& card);
Result<> check(const Quote& quote);
Result<> check(const Ask& ask);
Result<> check(const AnswerChunk& chunk);
Result<> check(const Citation& citation);
Result<> check(const Receipt& receipt);
Result<> check(const AnswerEnd& end);

}  // namespace plmm::protocol
