// Revenue, rewards and what is left; see expert_owner.h.
#include "apps/plmm/expert_owner.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "apps/plmm/experts.h"
#include "apps/plmm/own_data.h"
#include "apps/plmm/terminal/format.h"
#include "apps/plmm/wallet.h"
#include "expert/contributions.h"
#include "protocol/ids.h"

namespace plmm::cli {
namespace {

/// An expert of this machine in the ledger, its accounts open.
struct Owned {
  std::filesystem::path folder;
  protocol::ExpertCard card;
  ledger::HolderId holder;
  std::unique_ptr<LedgerHere> ledger;
};

Result<Owned> open_owned(Context& context) {
  const auto name = context.arguments.text("NAME");
  Owned out;
  out.folder = TRY(expert_folder(context, name));
  out.card = TRY(card_here(context, name));
  out.holder = protocol::holder_of(out.card.public_key);
  out.ledger = TRY(LedgerHere::open(context));
  TRY(out.ledger->cashier().open_expert(out.holder, kDeveloper, now_ms()));
  return out;
}

struct Contributions {
  std::size_t n_accepted = 0;
  std::size_t n_refused = 0;
  ledger::Microcredits promised{};
};

Result<Contributions> contributions_of(const std::filesystem::path& folder) {
  Contributions out;
  for (const auto& judged : TRY(expert::judged_contributions(folder))) {
    ++(judged.verdict.accepted() ? out.n_accepted : out.n_refused);
    out.promised.value += judged.verdict.reward.value;
  }
  return out;
}

Result<ledger::Microcredits> amount_of(const Context& context) {
  const auto text = context.arguments.text("AMOUNT");
  const ledger::Microcredits out{
      text.empty() ? 0 : std::llround(command::to_real(text) * ledger::kMicrocreditsPerCredit)};
  if (out.value > 0) return out;
  return fail(ErrorCode::invalid_argument, "how many credits? Run: plmm expert fund NAME 2.5");
}

}  // namespace

Result<ExitCode> show_earnings(Context& context) {
  const auto owned = TRY(open_owned(context));
  const auto earnings = TRY(owned.ledger->cashier().earnings(owned.holder));
  const auto contributions = TRY(contributions_of(owned.folder));
  const ledger::Microcredits owed{
      std::max<std::int64_t>(contributions.promised.value - earnings.rewards_paid.value, 0)};
  if (context.arguments.has("--json")) {
    const nlohmann::ordered_json json{{"name", owned.card.name},
                                      {"release", owned.card.release},
                                      {"answers", earnings.n_answers},
                                      {"revenue_microcredits", earnings.earned.value},
                                      {"to_rewards_microcredits", earnings.rewards_funded.value},
                                      {"rewards_paid_microcredits", earnings.rewards_paid.value},
                                      {"rewards_owed_microcredits", owed.value},
                                      {"rewards_left_microcredits", earnings.rewards_left.value},
                                      {"contributions_accepted", contributions.n_accepted},
                                      {"contributions_refused", contributions.n_refused},
                                      {"yours_microcredits", earnings.available.value}};
    context.console.data(json.dump(2) + "\n");
    return ExitCode::ok;
  }
  std::string text = fmt::format("answers        {}\nrevenue        {}\n",
                                 terminal::thousands(earnings.n_answers), to_text(earnings.earned));
  text += fmt::format("to rewards     {}\n", to_text(earnings.rewards_funded));
  text += fmt::format("yours          {}\n", to_text(earnings.available));
  text += fmt::format("contributions  {} accepted, {} refused\n",
                      terminal::thousands(contributions.n_accepted),
                      terminal::thousands(contributions.n_refused));
  text += fmt::format("rewards        {} paid, {} owed, {} left\n", to_text(earnings.rewards_paid),
                      to_text(owed), to_text(earnings.rewards_left));
  context.console.answer(text);
  context.console.note(
      Paint::quiet,
      "Play money: these credits have no value elsewhere. A new expert starts with "
      "10 credits of rewards; 20 % of each answer's price go to them.");
  return ExitCode::ok;
}

Result<ExitCode> fund_expert(Context& context) {
  const auto amount = TRY(amount_of(context));
  const auto owned = TRY(open_owned(context));
  auto& cashier = owned.ledger->cashier();
  const auto reply = TRY(cashier.fund_rewards_from(
      kDeveloper, {.expert = owned.holder, .id = protocol::make_id(), .amount = amount}, now_ms()));
  if (!reply.ok()) {
    return fail(ErrorCode::invalid_argument, fmt::format("{} cannot be paid: {}", to_text(amount),
                                                         economy::explain(reply.answer)));
  }
  const auto paid = TRY(expert::pay_rewards(owned.folder, owned.holder, owned.ledger->port()));
  const auto left = TRY(cashier.earnings(owned.holder)).rewards_left;
  context.console.note(fmt::format("{} for rewards of {}: {} left, {} owed", to_text(amount),
                                   owned.card.name, to_text(left), to_text(paid.owed)));
  return ExitCode::ok;
}

}  // namespace plmm::cli
