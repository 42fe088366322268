// What a user teaches an expert, under the user's own key, and what the expert says to it.
// docs/formats/protocol.md.
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
#include "protocol/messages.h"

namespace plmm::protocol {

// Sizes in bytes of UTF-8.
inline constexpr std::size_t kContributionBytesMax = 64 << 10;  // of the message
inline constexpr std::size_t kCorrectionBytesMax = 4'096;       // and of its question
inline constexpr std::size_t kCorrectionAnswersMax = 8;
inline constexpr std::size_t kCorrectionAnswerBytesMax = 200;
inline constexpr std::size_t kLicenceBytesMax = 100;
inline constexpr std::size_t kVerdictNoteBytesMax = 500;

struct ContributionId {
  ledger::Id128 value;
  auto operator<=>(const ContributionId&) const = default;
};

/// A correction as it leaves the device: its texts have been redacted and shown. Whoever holds the
/// key of `contributor` made it and is paid for it.
struct Contribution {
  ContributionId id;  // made by the contributor
  std::string expert;
  std::string question;              // that the expert got wrong
  std::string correction;            // what is true, in a sentence or a few
  std::vector<std::string> answers;  // short ones, of which each is right; may be empty
  std::string licence;               // under which the expert may pass it on: "CC BY 4.0"
  std::int64_t time_ms = 0;          // since 1970, UTC
  crypto::PublicKey contributor{};
  crypto::Signature signature{};
  bool operator==(const Contribution&) const = default;
};

enum class VerdictReason : std::uint8_t {
  accepted = 0,
  known = 1,           // the library says it already
  answered = 2,        // the expert answers so already
  not_understood = 3,  // with the correction in the library it still answers otherwise
  makes_worse = 4,     // a kept-apart question that was right would be wrong
};

/// An expert's word on one contribution, signed by the card's key.
struct Verdict {
  ContributionId contribution;
  crypto::Digest contribution_sha256{};  // digest_of(contribution)
  std::string expert;
  std::uint32_t release = 1;  // that the expert has after it
  VerdictReason reason = VerdictReason::accepted;
  std::string note;              // a line for a person
  std::uint32_t n_exam = 0;      // kept-apart questions that were looked at
  std::uint32_t n_affected = 0;  // of these, answered anew: of the others the answer is the same
  std::uint32_t n_right_before = 0;  // of the affected ones
  std::uint32_t n_right_after = 0;   // likewise
  ledger::Microcredits reward{};     // 0 unless accepted
  crypto::Signature signature{};
  bool accepted() const { return reason == VerdictReason::accepted; }
  bool operator==(const Verdict&) const = default;
};

/// As for the messages (messages.h).
Result<> check(const Contribution& contribution);
Result<> check(const Verdict& verdict);

/// The bytes under the signatures, integers big-endian:
///   "plmm contribution 1\n" · id [16] · length of expert [2] · expert · length of question [4] ·
///   question · length of correction [4] · correction · number of answers [2], and for each its
///   length [4] and bytes · length of licence [2] · licence · time [8] · contributor [32]
///   "plmm verdict 1\n" · contribution [16] · its SHA-256 [32] · length of expert [2] · expert ·
///   release [4] · reason [1] · length of note [2] · note · n_exam [4] · n_affected [4] ·
///   n_right_before [4] · n_right_after [4] · reward [8]
/// Needs: check().
std::string signed_bytes(const Contribution& contribution);
std::string signed_bytes(const Verdict& verdict);
/// SHA-256 of the signed bytes: what the contribution says, and who.
crypto::Digest digest_of(const Contribution& contribution);

/// Fills contributor and signature. Needs: check().
void sign_contribution(Contribution& contribution, const crypto::KeyPair& contributor);
void sign_verdict(Verdict& verdict, const crypto::KeyPair& expert);

/// corrupt_data unless the owner of `contributor` signed exactly this: a contribution in the name
/// of another is one whose signature is wrong.
Result<> verify_contribution(const Contribution& contribution);
/// corrupt_data unless the verdict is of this expert's key, on this contribution, and its figures
/// fit each other.
Result<> check_verdict(const ExpertCard& card, const Contribution& contribution,
                       const Verdict& verdict);

/// Canonical JSON as in json.h, and back.
Result<std::string> to_json(const Contribution& contribution);
Result<std::string> to_json(const Verdict& verdict);
Result<Contribution> parse_contribution(std::string_view json);
Result<Verdict> parse_verdict(std::string_view json);

}  // namespace plmm::protocol
