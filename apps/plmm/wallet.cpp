// plmm wallet, and where this machine's ledger is.
#include "apps/plmm/wallet.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/plmm/format.h"
#include "apps/plmm/own_data.h"
#include "base/file.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "protocol/ids.h"

namespace plmm::cli {
namespace {

constexpr std::string_view kWalletPurpose = "plmm wallet 1";
constexpr ledger::HolderId kOperator{{0, 1}};  // of the ledger that this machine keeps for itself
constexpr std::size_t kLinesMax = 1'000;

std::string_view name_of(ledger::Purpose purpose) {
  switch (purpose) {
    case ledger::Purpose::play_money:
      return "play money";
    case ledger::Purpose::answer:
      return "answer";
    case ledger::Purpose::reward:
      return "reward";
    case ledger::Purpose::fund_rewards:
      return "rewards funded";
    case ledger::Purpose::payout:
      return "payout";
    case ledger::Purpose::upgrade:
      return "upgrade";
    case ledger::Purpose::fee:
      return "fee";
    case ledger::Purpose::blind_credits:
      return "blind credits";
  }
  return "";
}

nlohmann::ordered_json json_of(const protocol::Balance& balance,
                               const std::vector<protocol::StatementLine>& lines) {
  auto movements = nlohmann::ordered_json::array();
  for (const auto& line : lines) {
    movements.push_back({{"time_ms", line.time_ms},
                         {"purpose", name_of(line.purpose)},
                         {"amount_microcredits", line.amount.value},
                         {"balance_microcredits", line.balance.value}});
  }
  return {{"available_microcredits", balance.available.value},
          {"reserved_microcredits", balance.reserved.value},
          {"movements", std::move(movements)}};
}

}  // namespace

LedgerHere::LedgerHere(economy::LedgerStore store)
    : shared_(std::move(store)),
      cashier_(shared_, economy::CashierSettings{.operator_id = kOperator}),
      port_(cashier_, now_ms) {}

Result<std::unique_ptr<LedgerHere>> LedgerHere::open(const Context& context) {
  const auto folder = context.paths.data / "ledger";
  TRY(make_private_folder(folder));
  auto store = TRY(economy::LedgerStore::open(folder / "ledger.db"));
  return std::unique_ptr<LedgerHere>(new LedgerHere(std::move(store)));
}

Result<ledger::HolderId> user_here(const Context& context) {
  const auto key = TRY(personal::device_key(personal::vault_in(context.paths.data)));
  auto seed = crypto::keyed_hash(key, std::as_bytes(std::span(kWalletPurpose)));
  const auto wallet = crypto::KeyPair::from_seed(seed);
  crypto::wipe(seed);
  return protocol::holder_of(wallet.public_key());
}

Result<ExitCode> run_wallet(Context& context) {
  const auto here = TRY(LedgerHere::open(context));
  const auto wallet = economy::wallet_of(TRY(user_here(context)));
  const auto balance = TRY(here->port().open_wallet(wallet.holder));
  const auto lines = TRY(here->port().statement(wallet, 0, kLinesMax)).lines;
  if (context.arguments.has("--json")) {
    context.console.data(json_of(balance, lines).dump(2) + "\n");
    return ExitCode::ok;
  }
  std::string text = fmt::format("{} to spend, {} set aside\n", to_text(balance.available),
                                 to_text(balance.reserved));
  for (const auto& line : lines) {
    text += fmt::format("{}  {}  {}\n", date_text(line.time_ms), padded(name_of(line.purpose), 14),
                        to_text(line.amount));
  }
  context.console.answer(text);
  context.console.note(Paint::quiet, "Play money: these credits have no value elsewhere.");
  return ExitCode::ok;
}

}  // namespace plmm::cli
