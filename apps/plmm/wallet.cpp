// plmm wallet, and where this machine's ledger is.
#include "apps/plmm/wallet.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/plmm/access.h"
#include "apps/plmm/own_data.h"
#include "apps/plmm/terminal/format.h"
#include "base/file.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "protocol/ids.h"

namespace plmm::cli {
namespace {

constexpr std::string_view kWalletPurpose = "plmm wallet 1";
constexpr ledger::HolderId kOperator{{0, 1}};  // of the ledger that this machine keeps for itself
constexpr economy::CashierSettings kCashierSettings{
    .operator_id = kOperator,
    .pool_play_money = {10 * ledger::kMicrocreditsPerCredit},
    .developer_play_money = {100 * ledger::kMicrocreditsPerCredit},
    .reward_percent = 20};
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
    : shared_(std::move(store)), cashier_(shared_, kCashierSettings), port_(cashier_, now_ms) {}

std::filesystem::path ledger_file(const Context& context) {
  return context.paths.data / "ledger" / "ledger.db";
}

Result<std::unique_ptr<LedgerHere>> LedgerHere::open(const Context& context) {
  const auto file = ledger_file(context);
  TRY(make_private_folder(file.parent_path()));
  auto store = TRY(economy::LedgerStore::open(file));
  return std::unique_ptr<LedgerHere>(new LedgerHere(std::move(store)));
}

Result<crypto::KeyPair> wallet_key(const Context& context) {
  const auto key = TRY(personal::device_key(vault_place(context)));
  auto seed = crypto::keyed_hash(key, std::as_bytes(std::span(kWalletPurpose)));
  auto wallet = crypto::KeyPair::from_seed(seed);
  crypto::wipe(seed);
  return wallet;
}

Result<ledger::HolderId> user_here(const Context& context) {
  return protocol::holder_of(TRY(wallet_key(context)).public_key());
}

Result<ExitCode> run_wallet(Context& context) {
  const auto here = TRY(LedgerAccess::open(context));
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
    text += fmt::format("{}  {}  {}\n", date_text(line.time_ms),
                        terminal::padded(name_of(line.purpose), 14), to_text(line.amount));
  }
  context.console.answer(text);
  context.console.note(Paint::quiet, "Play money: these credits have no value elsewhere.");
  return ExitCode::ok;
}

}  // namespace plmm::cli
