// What contributions and verdicts may hold, and what their signatures cover.
#include "protocol/contribution.h"

#include <algorithm>
#include "base/narrow.h"
#include "protocol/byte_order.h"
#include "protocol/field_checks.h"

namespace plmm::protocol {
namespace {

constexpr std::string_view kContributionPurpose = "plmm contribution 1\n";
constexpr std::string_view kVerdictPurpose = "plmm verdict 1\n";

Result<> check_words(std::string_view field, std::string_view text, std::size_t n_bytes_max) {
  TRY(check_text(field, text, n_bytes_max));
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return wrong(field, "is empty");
  return {};
}

std::unexpected<Error> bad_verdict(const ExpertCard& card, std::string_view what) {
  return fail(ErrorCode::corrupt_data, "the verdict of " + card.name + " " + std::string(what) +
                                           "; it is not to be trusted");
}

}  // namespace

Result<> check(const Contribution& contribution) {
  if (contribution.id.value.is_zero()) return wrong("id", "is zero");
  TRY(check_name("expert", contribution.expert));
  TRY(check_words("question", contribution.question, kCorrectionBytesMax));
  TRY(check_words("correction", contribution.correction, kCorrectionBytesMax));
  TRY(check_count("answers", contribution.answers.size(), kCorrectionAnswersMax));
  for (const auto& answer : contribution.answers) {
    TRY(check_words("answers", answer, kCorrectionAnswerBytesMax));
  }
  TRY(check_words("licence", contribution.licence, kLicenceBytesMax));
  TRY(check_line("licence", contribution.licence, kLicenceBytesMax));
  return check_time("time_ms", contribution.time_ms);
}

Result<> check(const Verdict& verdict) {
  if (verdict.contribution.value.is_zero()) return wrong("contribution", "is zero");
  TRY(check_name("expert", verdict.expert));
  TRY(check_release(verdict.release));
  TRY(check_line("note", verdict.note, kVerdictNoteBytesMax));
  if (verdict.n_affected > verdict.n_exam || verdict.n_right_before > verdict.n_affected ||
      verdict.n_right_after > verdict.n_affected) {
    return wrong("n_affected", "does not fit the other figures");
  }
  TRY(check_amount("reward", verdict.reward));
  if (!verdict.accepted() && verdict.reward.value != 0) {
    return wrong("reward", "is for a contribution that was refused");
  }
  return {};
}

std::string signed_bytes(const Contribution& contribution) {
  std::string out(kContributionPurpose);
  append(out, contribution.id.value);
  append_text<std::uint16_t>(out, contribution.expert);
  append_text<std::uint32_t>(out, contribution.question);
  append_text<std::uint32_t>(out, contribution.correction);
  append(out, narrow<std::uint16_t>(contribution.answers.size()));
  for (const auto& answer : contribution.answers) append_text<std::uint32_t>(out, answer);
  append_text<std::uint16_t>(out, contribution.licence);
  append(out, narrow<std::uint64_t>(contribution.time_ms));
  append(out, contribution.contributor.bytes);
  return out;
}

std::string signed_bytes(const Verdict& verdict) {
  std::string out(kVerdictPurpose);
  append(out, verdict.contribution.value);
  append(out, verdict.contribution_sha256);
  append_text<std::uint16_t>(out, verdict.expert);
  append(out, verdict.release);
  append(out, static_cast<std::uint8_t>(verdict.reason));
  append_text<std::uint16_t>(out, verdict.note);
  append(out, verdict.n_exam);
  append(out, verdict.n_affected);
  append(out, verdict.n_right_before);
  append(out, verdict.n_right_after);
  append(out, narrow<std::uint64_t>(verdict.reward.value));
  return out;
}

crypto::Digest digest_of(const Contribution& contribution) {
  return crypto::sha256(bytes_of(signed_bytes(contribution)));
}

void sign_contribution(Contribution& contribution, const crypto::KeyPair& contributor) {
  contribution.contributor = contributor.public_key();
  contribution.signature = contributor.sign(bytes_of(signed_bytes(contribution)));
}

void sign_verdict(Verdict& verdict, const crypto::KeyPair& expert) {
  verdict.signature = expert.sign(bytes_of(signed_bytes(verdict)));
}

Result<> verify_contribution(const Contribution& contribution) {
  TRY(check(contribution));
  if (crypto::verify(contribution.contributor, bytes_of(signed_bytes(contribution)),
                     contribution.signature)) {
    return {};
  }
  return fail(ErrorCode::corrupt_data,
              "the contribution's signature is not that of the contributor's key: it was changed, "
              "or is in the name of another");
}

Result<> check_verdict(const ExpertCard& card, const Contribution& contribution,
                       const Verdict& verdict) {
  TRY(check(verdict));
  if (!crypto::verify(card.public_key, bytes_of(signed_bytes(verdict)), verdict.signature)) {
    return bad_verdict(card, "has a wrong signature");
  }
  if (verdict.expert != card.name) return bad_verdict(card, "names another expert");
  if (verdict.contribution != contribution.id ||
      verdict.contribution_sha256 != digest_of(contribution)) {
    return bad_verdict(card, "is on another contribution");
  }
  if (verdict.release < card.release) return bad_verdict(card, "is of an older release");
  return {};
}

}  // namespace plmm::protocol
