// plmm earn: contributions with their verdicts, and what was paid for them.
#include "apps/plmm/earn.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/plmm/own_data.h"
#include "apps/plmm/terminal/format.h"
#include "personal/outbox.h"
#include "protocol/ids.h"

namespace plmm::cli {
namespace {

constexpr std::size_t kLinesOfPage = 1'000;

using personal::OutboxEntry;
using personal::OutboxKind;

struct Contributed {
  OutboxEntry entry;
  protocol::Contribution contribution;
  ledger::Microcredits paid{};
};

Result<std::vector<Contributed>> contributed(Context& context, LedgerAccess& ledger) {
  auto vault = TRY(open_vault(context));
  const auto wallet = economy::wallet_of(TRY(user_here(context)));
  TRY(ledger.port().open_wallet(wallet.holder));
  const auto paid = TRY(rewards_paid(ledger, wallet));
  std::vector<Contributed> out;
  for (auto& entry : TRY(personal::Outbox(vault).list())) {
    if (entry.kind != OutboxKind::contribution) continue;
    auto contribution = TRY(protocol::parse_contribution(entry.bytes.reveal(Purpose::show_owner)));
    const auto found = paid.find(contribution.id);
    const auto amount = found == paid.end() ? ledger::Microcredits{} : found->second;
    out.push_back({std::move(entry), std::move(contribution), amount});
  }
  return out;
}

ledger::Microcredits owed(const Contributed& one) {
  if (!one.entry.verdict || one.paid.value > 0) return {};
  return one.entry.verdict->reward;
}

std::string verdict_text(const Contributed& one) {
  if (!one.entry.verdict) return "no verdict yet: send the same correction again";
  const auto& verdict = *one.entry.verdict;
  return (verdict.accepted() ? "accepted: " : "refused: ") + verdict.note;
}

nlohmann::ordered_json json_of(const Contributed& one) {
  const auto& verdict = one.entry.verdict;
  return {{"id", protocol::to_hex(one.contribution.id.value)},
          {"time_ms", one.entry.time_ms},
          {"expert", one.entry.expert},
          {"question", one.contribution.question},
          {"correction", one.contribution.correction},
          {"accepted", verdict ? nlohmann::ordered_json(verdict->accepted()) : nullptr},
          {"verdict", verdict_text(one)},
          {"release", verdict ? nlohmann::ordered_json(verdict->release) : nullptr},
          {"paid_microcredits", one.paid.value},
          {"owed_microcredits", owed(one).value}};
}

std::string text_of(const Contributed& one) {
  std::string out = fmt::format("{}  to {}: {}\n", date_text(one.entry.time_ms), one.entry.expert,
                                verdict_text(one));
  out += terminal::wrap(one.contribution.correction, 4) + "\n";
  if (one.paid.value > 0) out += fmt::format("    earned {}\n", to_text(one.paid));
  if (owed(one).value > 0) out += fmt::format("    owed {}\n", to_text(owed(one)));
  return out;
}

}  // namespace

Result<std::map<protocol::ContributionId, ledger::Microcredits>> rewards_paid(
    LedgerAccess& ledger, ledger::AccountId wallet) {
  std::map<protocol::ContributionId, ledger::Microcredits> out;
  std::uint64_t from = 0;
  do {
    const auto page = TRY(ledger.port().statement(wallet, from, kLinesOfPage));
    for (const auto& line : page.lines) {
      if (line.purpose == ledger::Purpose::reward) out[{line.reference}] = line.amount;
    }
    from = page.next;
  } while (from != 0);
  return out;
}

Result<ExitCode> run_earn(Context& context) {
  const auto ledger = TRY(LedgerAccess::open(context));
  const auto all = TRY(contributed(context, *ledger));
  ledger::Microcredits paid_sum, owed_sum;
  auto list = nlohmann::ordered_json::array();
  for (const auto& one : all) {
    paid_sum.value += one.paid.value;
    owed_sum.value += owed(one).value;
    list.push_back(json_of(one));
  }
  if (context.arguments.has("--json")) {
    const nlohmann::ordered_json json{{"contributions", std::move(list)},
                                      {"paid_microcredits", paid_sum.value},
                                      {"owed_microcredits", owed_sum.value}};
    context.console.data(
        json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
    return ExitCode::ok;
  }
  for (const auto& one : all) context.console.answer(text_of(one));
  if (all.empty()) {
    context.console.note(
        "You have contributed nothing yet. Run: plmm correct --expert NAME 'QUESTION' "
        "'CORRECTION'");
  }
  context.console.note(fmt::format("earned {}, owed {}", to_text(paid_sum), to_text(owed_sum)));
  return ExitCode::ok;
}

}  // namespace plmm::cli
