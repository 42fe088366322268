// The cheap questions first: form, record, library; then the model, before and after.
#include "expert/contributions.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "base/file.h"
#include "base/narrow.h"
#include "eval/right.h"
#include "expert/exam.h"
#include "expert/local_expert.h"
#include "expert/staging.h"
#include "expert/support.h"
#include "protocol/ids.h"
#include "reader/plain_text.h"

namespace plmm::expert {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using protocol::Contribution;
using protocol::Verdict;
using protocol::VerdictReason;

constexpr const char* kRecordFile = "contributions.jsonl";
constexpr const char* kOwnerFile = "owner.json";
constexpr std::size_t kOwnerFileBytesMax = 64 << 10;
constexpr int kHitsForKnown = 8;
constexpr double kKnownSupport = 0.95;  // nearly all of its words, every name and number
constexpr double kAboutShare = 0.6;     // of the question's words: "it is blue" says not what is
constexpr double kAddedShare = 0.5;     // of what a correction adds, in other words than its own

std::string document_of(const Contribution& contribution) {
  return "contribution-" + protocol::to_hex(contribution.id.value);
}

/// "It is not" has the words of "it is".
bool denies(std::string_view text) {
  return std::ranges::any_of(std::array{"not", "no", "never", "cannot", "isnt", "doesnt", "wasnt"},
                             [&](const char* word) { return eval::says(text, word); });
}

/// The title of a passage that says the whole correction already.
Result<std::optional<std::string>> known_as(Library& library, const Contribution& contribution) {
  const auto correction = content_words(contribution.correction);
  const auto question = content_words(contribution.question);
  const auto hits = TRY(library.find(contribution.correction, kHitsForKnown));
  for (const auto& hit : hits) {
    const auto words = content_words(hit.title + "\n" + hit.text);
    if (support(correction, {}, words) >= kKnownSupport &&
        coverage(question, words) >= kAboutShare &&
        denies(contribution.correction) == denies(hit.text)) {
      return hit.title;
    }
  }
  return std::nullopt;
}

/// Fills in what is the same for every verdict, and signs it.
Verdict signed_verdict(const LocalExpert& expert, const Contribution& contribution,
                       Verdict verdict) {
  verdict.contribution = contribution.id;
  verdict.contribution_sha256 = protocol::digest_of(contribution);
  verdict.expert = contribution.expert;
  verdict.note = reader::one_line(verdict.note, protocol::kVerdictNoteBytesMax);
  protocol::sign_verdict(verdict, expert.library().key());
  return verdict;
}

/// The verdict of before. invalid_argument when the id was another contribution's.
Result<std::optional<Verdict>> verdict_of_before(const fs::path& folder,
                                                 const Contribution& contribution) {
  const auto judged = TRY(judged_contributions(folder));
  for (const auto& one : judged) {
    if (one.contribution.id != contribution.id) continue;
    if (protocol::digest_of(one.contribution) == protocol::digest_of(contribution)) {
      return one.verdict;
    }
    return fail(ErrorCode::invalid_argument,
                "a contribution of this id came before with another body. Send it under a new id");
  }
  return std::nullopt;
}

/// Also after a crash the file has whole lines only.
Result<> record(const fs::path& folder, const Contribution& contribution, const Verdict& verdict) {
  const auto file = folder / kRecordFile;
  std::string lines;
  std::error_code error;
  if (fs::exists(file, error)) lines = TRY(read_file(file, kContributionsFileBytesMax));
  const auto contribution_json = TRY(protocol::to_json(contribution));
  const auto verdict_json = TRY(protocol::to_json(verdict));
  lines += "{\"contribution\":" + contribution_json + ",\"verdict\":" + verdict_json + "}\n";
  return write_file_atomically(file, lines);
}

Result<> check_room(const fs::path& folder) {
  std::error_code error;
  const auto size = fs::file_size(folder / kRecordFile, error);
  if (error || size + 2 * protocol::kContributionBytesMax <= kContributionsFileBytesMax) return {};
  return fail(ErrorCode::limit_exceeded,
              "this expert takes no more contributions: its record of them is full");
}

/// What the model makes of the correction, and what the correction makes of the exam.
Result<Verdict> examine(LocalExpert& expert, StagedLibrary& staged,
                        const Contribution& contribution, const Cancel& cancel) {
  Verdict out;
  const auto before = expert.examinee(expert.library(), cancel);
  const auto answer_before = TRY(before.answer(contribution.question));
  if (says_correction(answer_before, contribution)) {
    out.reason = VerdictReason::answered;
    out.note = "the expert says so already";
    return out;
  }
  const NewPassage passage[] = {
      {reader::one_line(contribution.question, protocol::kTitleBytesMax), contribution.correction}};
  TRY(staged.library().add(document_of(contribution), passage));
  const auto after = expert.examinee(staged.library(), cancel);
  const auto answer_after = TRY(after.answer(contribution.question));
  if (!says_correction(answer_after, contribution)) {
    out.reason = VerdictReason::not_understood;
    out.note =
        "with the correction at hand the expert still answers otherwise; say it in other words, "
        "with the words of the question in it";
    return out;
  }
  const auto exam = TRY(load_exam(expert.library().folder()));
  const auto change = TRY(compare(exam, before, after));
  out.n_exam = narrow<std::uint32_t>(change.n_exam);
  out.n_affected = narrow<std::uint32_t>(change.n_affected);
  out.n_right_before = narrow<std::uint32_t>(change.n_right_before);
  out.n_right_after = narrow<std::uint32_t>(change.n_right_after);
  if (change.n_lost > 0) {
    out.reason = VerdictReason::makes_worse;
    out.note = std::to_string(change.n_lost) + " of the kept-apart questions would get wrong";
  }
  return out;
}

/// The copy becomes the library; nobody else changes it until the verdict is written down.
Result<Verdict> accept(LocalExpert& expert, StagedLibrary& staged, Verdict verdict) {
  const auto release = staged.next_release();
  auto library = TRY(std::move(staged).promote(release));
  expert.replace_library(std::move(library));
  verdict.release = release;
  verdict.reward = TRY(reward_per_contribution(expert.library().folder()));
  verdict.note = "release " + std::to_string(release) + " knows it";
  return verdict;
}

Result<Judged> parse_judged(std::string_view line) {
  const auto object = Json::parse(line, nullptr, false);
  if (object.is_discarded() || !object.is_object() || !object.contains("contribution") ||
      !object.contains("verdict")) {
    return fail(ErrorCode::corrupt_data, "not a contribution with its verdict");
  }
  Judged out;
  out.contribution = TRY(protocol::parse_contribution(object["contribution"].dump()));
  out.verdict = TRY(protocol::parse_verdict(object["verdict"].dump()));
  return out;
}

}  // namespace

bool says_correction(std::string_view answer, const Contribution& contribution) {
  if (!contribution.answers.empty()) {
    return std::ranges::any_of(contribution.answers,
                               [&](const auto& right) { return eval::says(answer, right); });
  }
  const auto correction = content_words(contribution.correction);
  const auto question = content_words(contribution.question);
  const auto said = content_words(answer);
  const auto words = difference(correction.words, question.words);
  const auto numbers = difference(correction.numbers, question.numbers);
  const std::size_t n_numbers = n_common(numbers, said.numbers);
  if (words.empty() && numbers.empty()) return coverage(correction, said) >= kKnownSupport;
  if (!numbers.empty() && n_numbers == 0) return false;
  return static_cast<double>(n_common(words, said.words) + n_numbers) >=
         kAddedShare * static_cast<double>(words.size() + numbers.size());
}

Result<Verdict> judge(LocalExpert& expert, const Contribution& contribution, const Cancel& cancel) {
  TRY(protocol::verify_contribution(contribution));
  const auto card = TRY(expert.card());
  if (contribution.expert != card.name) {
    return fail(ErrorCode::not_found, "this is " + card.name + ", the contribution is for another");
  }
  const auto folder = expert.library().folder();
  if (const auto before = TRY(verdict_of_before(folder, contribution))) return *before;
  TRY(check_room(folder));
  auto staged = TRY(StagedLibrary::stage(folder, expert.library().embedder()));
  TRY(expert.library().refresh());
  // Another process may have judged it until the stage was ours.
  if (const auto before = TRY(verdict_of_before(folder, contribution))) return *before;
  Verdict verdict;
  verdict.release = expert.library().card().release;
  const auto documents = TRY(staged.library().documents());
  if (std::ranges::binary_search(documents, document_of(contribution))) {
    // Learned, and stopped before that was written down.
    verdict.reward = TRY(reward_per_contribution(folder));
    verdict.note = "release " + std::to_string(verdict.release) + " knows it";
  } else if (const auto title = TRY(known_as(expert.library(), contribution))) {
    verdict.reason = VerdictReason::known;
    verdict.note = "the library says this already: " + *title;
  } else {
    verdict = TRY(examine(expert, staged, contribution, cancel));
    verdict.release = expert.library().card().release;
    if (verdict.accepted()) verdict = TRY(accept(expert, staged, std::move(verdict)));
  }
  verdict = signed_verdict(expert, contribution, std::move(verdict));
  TRY(record(folder, contribution, verdict));
  return verdict;
}

Result<std::vector<Judged>> judged_contributions(const fs::path& folder) {
  const auto file = folder / kRecordFile;
  std::vector<Judged> out;
  std::error_code error;
  if (!fs::exists(file, error)) return out;
  const auto text = TRY(read_file(file, kContributionsFileBytesMax));
  std::string_view rest = text;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    auto judged = parse_judged(rest.substr(0, end));
    if (!judged) {
      return fail(judged.error().code,
                  file.string() + ", line " + std::to_string(number) + ": " + judged.error().what);
    }
    out.push_back(*std::move(judged));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

Result<ledger::Microcredits> reward_per_contribution(const fs::path& folder) {
  const auto file = folder / kOwnerFile;
  std::error_code error;
  if (!fs::exists(file, error)) return kRewardPerContribution;
  const auto text = TRY(read_file(file, kOwnerFileBytesMax));
  const auto object = Json::parse(text, nullptr, false);
  if (object.is_object() && !object.contains("reward_per_contribution")) {
    return kRewardPerContribution;
  }
  if (object.is_object() && object["reward_per_contribution"].is_number_unsigned() &&
      object["reward_per_contribution"].get<std::uint64_t>() <= protocol::kIntegerMax) {
    return ledger::Microcredits{object["reward_per_contribution"].get<std::int64_t>()};
  }
  return fail(ErrorCode::corrupt_data,
              file.string() + ": 'reward_per_contribution' is not a whole number of micro-credits");
}

Result<Rewards> pay_rewards(const fs::path& folder, ledger::HolderId expert,
                            protocol::LedgerPort& ledger) {
  Rewards out;
  const auto judged = TRY(judged_contributions(folder));
  for (const auto& [contribution, verdict] : judged) {
    if (verdict.reward.value == 0) continue;
    const auto reply =
        TRY(ledger.reward({.expert = expert,
                           .contributor = protocol::holder_of(contribution.contributor),
                           .contribution = contribution.id.value,
                           .amount = verdict.reward}));
    if (reply.ok()) {
      ++out.n_paid;
    } else {
      ++out.n_owed;
      out.owed.value += verdict.reward.value;
    }
  }
  return out;
}

}  // namespace plmm::expert
