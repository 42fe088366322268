// The model on this device alone against the experts, and what left on the way.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "apps/plmm/own_data.h"
#include "apps/plmm/suites/loop_bench.h"
#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/signals.h"
#include "eval/right.h"
#include "eval/score.h"
#include "infer/conversation.h"
#include "personal/asking.h"
#include "personal/outbox.h"
#include "protocol/asking.h"

namespace plmm::suites {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr int kAnswerTokensMax = 160;
constexpr double kPointsMin = 30;
constexpr double kFirstTokenMax_s = 6;
constexpr std::size_t kValueBytesMin = 4;  // a shorter value stands in many a word

void count(eval::Score& score, bool is_right) {
  ++score.n_asked;
  score.n_right += is_right ? 1 : 0;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

/// Runs of two digits and more.
std::vector<std::string> numbers_in(std::string_view text) {
  std::vector<std::string> out{""};
  for (const char c : text) {
    const bool is_digit = c >= '0' && c <= '9';
    if (is_digit) out.back() += c;
    if (!is_digit && !out.back().empty()) out.emplace_back();
  }
  std::erase_if(out, [](const auto& number) { return number.size() < 2; });
  return out;
}

/// The sentence in front of "[n]"; empty where there is no such mark.
std::string_view sentence_before(std::string_view text, std::uint64_t n) {
  const auto mark = text.find(fmt::format("[{}]", n));
  if (mark == std::string_view::npos || mark == 0) return {};
  const auto begin = text.substr(0, mark - 1).find_last_of(".!?\n]");
  return text.substr(begin == std::string_view::npos ? 0 : begin + 1, mark - begin);
}

/// A second look, by other means than the expert's and the asker's own: the passage is one of the
/// library's, and has the numbers of the sentence that cites it.
bool citation_holds(const protocol::Citation& citation, std::string_view answer,
                    const std::set<std::string>& library) {
  if (!library.contains(citation.text)) return false;
  const auto is_there = [&](const auto& number) { return citation.text.contains(number); };
  return std::ranges::all_of(numbers_in(sentence_before(answer, citation.number)), is_there);
}

/// One who asks: the vault, the ledger and the model of this device, and every expert once.
class Asker {
 public:
  explicit Asker(LoopBench& bench) : bench_(bench), redactor_({}) {}

  Result<> open() {
    vault_.emplace(TRY(cli::open_vault(bench_.context)));
    ledger_ = TRY(cli::LedgerAccess::open(bench_.context));
    user_ = TRY(cli::user_here(bench_.context));
    TRY(ledger_->port().open_wallet(user_));
    engine_ = TRY(bench_.models.engine(bench_.context.settings.text("model")));
    return {};
  }

  Result<bool> alone(const eval::ExamQuestion& question) {
    auto session = TRY(infer::Session::create(*engine_, 0));
    infer::Conversation conversation(*engine_, std::move(session));
    infer::GenerateOptions options;  // the likeliest answer
    options.sampler.temperature = 0;
    options.n_tokens_max = kAnswerTokensMax;
    const auto answer =
        TRY(conversation.say(question.question, options, nullptr, terminal::interrupt()));
    if (terminal::interrupt().requested()) return fail(ErrorCode::cancelled, "stopped");
    return eval::is_right(answer.generation.text, question);
  }

  /// Whether the answer was right; a question that was refused on the way is wrong.
  Result<bool> expert(const std::string& name, const eval::ExamQuestion& question) {
    cli::ExpertAccess* const expert = TRY(this->access(name));
    personal::Asking asking(
        {*vault_, redactor_, expert->port(), ledger_->port(), cli::now_ms, user_});
    const auto prepared =
        asking.prepare(Personal<std::string>(question.question), kAnswerTokensMax);
    if (!prepared) return refused(name, prepared.error());
    const auto start = std::chrono::steady_clock::now();
    bool has_begun = false;
    const auto answer = asking.send(
        personal::Approval::person,
        [&](std::string_view text) {
          if (has_begun || text.empty()) return;
          has_begun = true;
          first_token_s_.push_back(Seconds(std::chrono::steady_clock::now() - start).count());
        },
        terminal::interrupt());
    if (!answer) return refused(name, answer.error());
    const auto& text = answer->text.reveal(Purpose::compare);
    n_citations_ += answer->citations.size();
    for (const auto& citation : answer->citations) {
      if (!citation_holds(citation, text, libraries_.at(name))) {
        ++n_unfounded_;
        bench_.note(fmt::format("{}: a citation of {} does not hold", name, citation.title));
      }
    }
    return eval::is_right(protocol::without_marks(text), question);
  }

  Result<> report() {
    bench_.at_most("citations_unfounded", static_cast<double>(n_unfounded_), "", 0,
                   fmt::format("of {} citations", n_citations_));
    std::ranges::sort(first_token_s_);
    if (!first_token_s_.empty()) {
      bench_.at_most(
          "first_token/expert", first_token_s_[first_token_s_.size() / 2], "s", kFirstTokenMax_s,
          fmt::format("median of {}, passages read and money put aside; slowest {:.1f} s",
                      first_token_s_.size(), first_token_s_.back()));
    }
    return report_leaks();
  }

 private:
  Result<cli::ExpertAccess*> access(const std::string& name) {
    auto& access = experts_[name];
    if (!access) {
      access = TRY(cli::ExpertAccess::open(bench_.context, bench_.models, *ledger_, name));
      infer::Embedder* const embedder = TRY(bench_.models.embedder());
      const auto folder = TRY(cli::expert_folder(bench_.context, name));
      auto library = TRY(expert::Library::open(folder, cli::text_embedder(*embedder)));
      TRY(library.each([&](const expert::NewPassage& passage) -> Result<> {
        libraries_[name].insert(passage.text);
        return {};
      }));
    }
    return access.get();
  }

  Result<bool> refused(const std::string& name, const Error& error) {
    if (error.code == ErrorCode::cancelled) return std::unexpected(error);
    bench_.note(fmt::format("{}: no answer: {}", name, error.what));
    return false;
  }

  /// The values in the bytes that left, found without the program's own scanner.
  Result<> report_leaks() {
    std::size_t n_leaks = 0, n_bytes = 0;
    const auto entries = TRY(personal::Outbox(*vault_).list());
    for (const auto& entry : entries) {
      const auto bytes = lower(entry.bytes.reveal(Purpose::compare));
      n_bytes += bytes.size();
      for (const auto& [slot, value] : bench_.data.profile) {
        if (value.size() >= kValueBytesMin && bytes.contains(lower(value))) ++n_leaks;
      }
    }
    bench_.at_most("profile_values_leaked", static_cast<double>(n_leaks), "", 0,
                   fmt::format("in {} questions, {} bytes, that left", entries.size(),
                               terminal::thousands(n_bytes)));
    return {};
  }

  LoopBench& bench_;
  privacy::Redactor redactor_;
  std::optional<personal::Vault> vault_;
  std::unique_ptr<cli::LedgerAccess> ledger_;
  ledger::HolderId user_{};
  infer::Engine* engine_ = nullptr;
  std::map<std::string, std::unique_ptr<cli::ExpertAccess>, std::less<>> experts_;
  std::map<std::string, std::set<std::string>, std::less<>> libraries_;  // texts of passages
  std::vector<double> first_token_s_;
  std::size_t n_citations_ = 0;
  std::size_t n_unfounded_ = 0;
};

}  // namespace

Result<> measure_answers(LoopBench& bench) {
  Asker asker(bench);
  TRY(asker.open());
  eval::Score all_alone, all_expert;
  for (const auto& name : bench.data.experts()) {
    bench.note(fmt::format("{}: asking the model of this device, then the expert", name));
    eval::Score alone, expert;
    for (const auto& question : bench.data.questions) {
      if (question.kind != name) continue;
      count(alone, TRY(asker.alone(question.exam)));
      const bool is_right = TRY(asker.expert(name, question.exam));
      if (!is_right) bench.note(fmt::format("{}: not answered: {}", name, question.exam.question));
      count(expert, is_right);
    }
    bench.tell("points_gained/" + name, 100 * (expert.share() - alone.share()), "points",
               fmt::format("alone {} of {}, with the expert {}", alone.n_right, alone.n_asked,
                           expert.n_right));
    for (const auto& [sum, score] :
         {std::pair(&all_alone, alone), std::pair(&all_expert, expert)}) {
      sum->n_asked += score.n_asked;
      sum->n_right += score.n_right;
    }
  }
  if (all_alone.n_asked > 0) {
    const auto range = eval::wilson_interval(all_expert);
    bench.at_least("points_gained", 100 * (all_expert.share() - all_alone.share()), "points",
                   kPointsMin,
                   fmt::format("alone {} of {}, with the experts {} (95 %: {:.0f} to {:.0f} %)",
                               all_alone.n_right, all_alone.n_asked, all_expert.n_right,
                               100 * range.low, 100 * range.high));
  }
  return asker.report();
}

}  // namespace plmm::suites
