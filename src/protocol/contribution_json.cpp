// Contributions and verdicts as JSON.
#include <array>
#include <nlohmann/json.hpp>

#include "protocol/contribution.h"
#include "protocol/ids.h"
#include "protocol/json_parts.h"

namespace plmm::protocol {
namespace {

constexpr std::array kReasons{
    std::pair{VerdictReason::accepted, std::string_view("accepted")},
    std::pair{VerdictReason::known, std::string_view("known")},
    std::pair{VerdictReason::answered, std::string_view("answered")},
    std::pair{VerdictReason::not_understood, std::string_view("not_understood")},
    std::pair{VerdictReason::makes_worse, std::string_view("makes_worse")},
};

Result<Contribution> read(const Fields& fields, Contribution out) {
  out.id.value = TRY(fields.id("id"));
  out.expert = TRY(fields.text("expert"));
  out.question = TRY(fields.text("question"));
  out.correction = TRY(fields.text("correction"));
  out.answers = TRY(fields.texts("answers", kCorrectionAnswersMax));
  out.licence = TRY(fields.text("licence"));
  out.time_ms = TRY(fields.time("time_ms"));
  TRY(fields.bytes("contributor", out.contributor.bytes));
  TRY(fields.bytes("signature", out.signature.bytes));
  return out;
}

Result<Verdict> read(const Fields& fields, Verdict out) {
  out.contribution.value = TRY(fields.id("contribution"));
  TRY(fields.bytes("contribution_sha256", out.contribution_sha256));
  out.expert = TRY(fields.text("expert"));
  out.release = TRY(fields.small_count("release"));
  out.reason = TRY(fields.one_of("reason", kReasons));
  out.note = TRY(fields.text("note"));
  out.n_exam = TRY(fields.small_count("n_exam"));
  out.n_affected = TRY(fields.small_count("n_affected"));
  out.n_right_before = TRY(fields.small_count("n_right_before"));
  out.n_right_after = TRY(fields.small_count("n_right_after"));
  out.reward = TRY(fields.amount("reward"));
  TRY(fields.bytes("signature", out.signature.bytes));
  return out;
}

}  // namespace

Result<std::string> to_json(const Contribution& contribution) {
  TRY(checked(contribution, "contribution"));
  Json out = head("contribution");
  out.update({{"id", to_hex(contribution.id.value)},
              {"expert", contribution.expert},
              {"question", contribution.question},
              {"correction", contribution.correction},
              {"answers", contribution.answers},
              {"licence", contribution.licence},
              {"time_ms", contribution.time_ms},
              {"contributor", hex_of(contribution.contributor.bytes)},
              {"signature", hex_of(contribution.signature.bytes)}});
  return dump(out);
}

Result<std::string> to_json(const Verdict& verdict) {
  TRY(checked(verdict, "verdict"));
  Json out = head("verdict");
  out.update({{"contribution", to_hex(verdict.contribution.value)},
              {"contribution_sha256", hex_of(verdict.contribution_sha256)},
              {"expert", verdict.expert},
              {"release", verdict.release},
              {"reason", name_of(kReasons, verdict.reason)},
              {"note", verdict.note},
              {"n_exam", verdict.n_exam},
              {"n_affected", verdict.n_affected},
              {"n_right_before", verdict.n_right_before},
              {"n_right_after", verdict.n_right_after},
              {"reward", verdict.reward.value},
              {"signature", hex_of(verdict.signature.bytes)}});
  return dump(out);
}

Result<Contribution> parse_contribution(std::string_view json) {
  return parse<Contribution>(json, "contribution", read, kContributionBytesMax);
}

Result<Verdict> parse_verdict(std::string_view json) {
  return parse<Verdict>(json, "verdict", read);
}

}  // namespace plmm::protocol
