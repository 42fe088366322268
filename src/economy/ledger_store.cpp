// Applies commands in memory and writes what they did; replays and verifies when opened.
#include "economy/ledger_store.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"

namespace plmm::economy {
namespace {

using ledger::Account;
using ledger::Answer;
using ledger::Effect;
using ledger::Record;
using ledger::ReservationState;
using ledger::Transfer;
using ledger::TransferKind;

bool moves_money(const Record& record) {
  return record.answer == Answer::ok && (record.transfer.kind == TransferKind::direct ||
                                         record.transfer.kind == TransferKind::post);
}

bool is_reservation(const Record& record) {
  return record.answer == Answer::ok && record.transfer.kind == TransferKind::pending;
}

}  // namespace

LedgerStore::LedgerStore(store::Database database, LedgerTables tables)
    : database_(std::move(database)), tables_(std::move(tables)) {}

Result<LedgerStore> LedgerStore::open(const std::filesystem::path& path) {
  auto database = TRY(store::Database::open(path));
  auto tables = TRY(LedgerTables::open(database));
  LedgerStore out(std::move(database), std::move(tables));
  auto transaction = TRY(store::Transaction::begin(out.database_));  // no writer while comparing
  TRY(out.reload());
  TRY(out.check_tables());
  TRY(transaction.commit());
  return out;
}

Result<> LedgerStore::reload() {
  ledger_ = {};
  histories_.clear();
  n_transfers_ = 0;
  head_ = {0, genesis()};
  is_stale_ = true;
  TRY(catch_up());
  is_stale_ = false;
  return {};
}

Result<> LedgerStore::catch_up() {
  tables_.read_after(head_.sequence);
  auto done = read_rows();
  tables_.stop_reading();
  return done;
}

Result<> LedgerStore::read_rows() {
  while (const auto row = TRY(tables_.next_row())) {
    const std::string where = "row " + std::to_string(head_.sequence + 1) + " of the journal ";
    if (row->sequence != head_.sequence + 1) return tables_.damaged(where + "is missing");
    if (row->chain != link(head_.chain, *row)) {
      return tables_.damaged(where + "was changed: its chain does not fit");
    }
    auto body = decode(row->command);
    if (!body) return tables_.damaged(where + "is no command: " + body.error().what);
    const Command command{std::move(*body), row->time_ms};
    const Applied applied = perform(command);
    if (applied.outcome.effect != Effect::recorded || ledger_.time_ms() != row->time_ms) {
      return tables_.damaged(where + "does not follow from those before");
    }
    head_ = {row->sequence, row->chain};
    if (const auto* chain = std::get_if<Chain>(&command.body)) {
      for (const Transfer& t : chain->transfers) {
        TRY(tables_.check_transfer(++n_transfers_, record(t.id)));
      }
    }
  }
  return {};
}

Result<> LedgerStore::check_tables() {
  std::uint64_t n_open = 0;
  for (const auto& [id, record] : ledger_.records()) {
    if (record.state != ReservationState::open) continue;
    TRY(tables_.check_reservation(record));
    ++n_open;
  }
  for (const auto& [id, account] : ledger_.accounts()) TRY(tables_.check_account(account));
  return tables_.check_counts(n_transfers_, ledger_.accounts().size(), n_open);
}

Result<Applied> LedgerStore::apply(const Command& command) {
  auto applied = TRY(apply(std::span(&command, 1)));
  return std::move(applied.front());
}

Result<std::vector<Applied>> LedgerStore::apply(std::span<const Command> commands) {
  auto transaction = TRY(store::Transaction::begin(database_));
  if (is_stale_) TRY(reload());
  is_stale_ = true;  // until memory and file agree again
  TRY(catch_up());
  auto out = TRY(write(commands));
  TRY(transaction.commit());
  is_stale_ = false;
  return out;
}

Result<std::vector<Applied>> LedgerStore::write(std::span<const Command> commands) {
  std::vector<Applied> out;
  out.reserve(commands.size());
  std::unordered_set<AccountId, ledger::Ledger::Hash> changed;
  const auto touch = [&](TransferId id) {
    changed.insert(record(id).debit);
    changed.insert(record(id).credit);
  };
  for (const Command& command : commands) {
    Applied& applied = out.emplace_back(perform(command));
    const ledger::Outcome& outcome = applied.outcome;
    if (outcome.effect == Effect::repeated && outcome.sequence != 0) {
      applied.chain = TRY(tables_.chain_at(outcome.sequence));
    }
    if (outcome.effect != Effect::recorded) continue;

    JournalRow row{outcome.sequence, ledger_.time_ms(), encode(command.body), {}};
    row.chain = link(head_.chain, row);
    TRY(tables_.append(row));
    head_ = {row.sequence, row.chain};
    applied.chain = row.chain;
    if (const auto* opened = std::get_if<OpenAccount>(&command.body)) changed.insert(opened->id);
    if (const auto* chain = std::get_if<Chain>(&command.body)) {
      TRY(write_chain(*chain));
      for (const Transfer& t : chain->transfers) touch(t.id);
    }
    for (const TransferId id : applied.expired) {
      TRY(tables_.remove_reservation(id));
      touch(id);
    }
  }
  for (const AccountId id : changed) {
    if (const Account* account = ledger_.account(id)) TRY(tables_.put_account(*account));
  }
  return out;
}

Result<> LedgerStore::write_chain(const Chain& chain) {
  for (const Transfer& t : chain.transfers) {
    const Record& written = record(t.id);
    TRY(tables_.add_transfer(++n_transfers_, written));
    if (written.answer != Answer::ok) continue;
    // In a chain, a later transfer may already have ended the reservation: it removes the row.
    if (is_reservation(written)) {
      TRY(tables_.add_reservation(written));
    } else if (t.kind == TransferKind::post || t.kind == TransferKind::void_) {
      TRY(tables_.remove_reservation(t.reservation));
    }
  }
  return {};
}

Applied LedgerStore::perform(const Command& command) {
  Applied out;
  if (const auto* open = std::get_if<OpenAccount>(&command.body)) {
    out.outcome = ledger_.create_account(open->id, open->limit, command.now_ms);
  } else if (const auto* chain = std::get_if<Chain>(&command.body)) {
    out.outcome = ledger_.apply(chain->transfers, command.now_ms);
    if (out.outcome.effect == Effect::recorded) add_lines(*chain);
  } else {
    out.expired = ledger_.expire(command.now_ms);
    out.outcome = {Effect::refused, 0, {Answer::ok}};
    if (!out.expired.empty()) {
      out.outcome.effect = Effect::recorded;
      out.outcome.sequence = ledger_.sequence();
    }
  }
  return out;
}

void LedgerStore::add_lines(const Chain& chain) {
  for (const Transfer& t : chain.transfers) {
    const Record& moved = record(t.id);
    if (!moves_money(moved)) continue;
    add_line(moved.debit, moved, -t.amount.value);
    add_line(moved.credit, moved, t.amount.value);
  }
}

void LedgerStore::add_line(AccountId account, const Record& record, std::int64_t amount) {
  History& history = histories_[account];
  // All these sums fit: the ledger limits the sum of each side of an account.
  const std::int64_t before = history.lines.empty() ? 0 : history.lines.back().balance.value;
  history.lines.push_back({&record, {before + amount}});
  Total& total = history.totals[static_cast<std::size_t>(record.transfer.purpose)];
  if (amount > 0) {
    ++total.n_received;
    total.received.value += amount;
  } else {
    total.paid.value -= amount;
  }
}

Result<> LedgerStore::check_readable(AccountId account) {
  if (is_stale_) TRY(reload());
  if (ledger_.account(account) != nullptr) return {};
  return fail(ErrorCode::not_found, "there is no such account");
}

Result<Balance> LedgerStore::balance(AccountId id) {
  TRY(check_readable(id));
  const Account& account = *ledger_.account(id);
  const std::int64_t posted = account.credits_posted.value - account.debits_posted.value;
  return Balance{.available = {posted - account.debits_pending.value},
                 .reserved = account.debits_pending,
                 .incoming = account.credits_pending};
}

Result<Total> LedgerStore::total(AccountId id, ledger::Purpose purpose) {
  TRY(check_readable(id));
  const auto found = histories_.find(id);
  if (found == histories_.end()) return Total{};
  return found->second.totals[static_cast<std::size_t>(purpose)];
}

Result<StatementPage> LedgerStore::statement(AccountId id, std::uint64_t from, std::size_t limit) {
  TRY(check_readable(id));
  StatementPage page;
  const auto found = histories_.find(id);
  if (found == histories_.end()) return page;
  const std::vector<Line>& lines = found->second.lines;
  const std::size_t begin = std::min<std::uint64_t>(from, lines.size());
  const std::size_t n = std::min({limit, kStatementLinesMax, lines.size() - begin});
  for (const Line& line : std::span(lines).subspan(begin, n)) {
    const Record& r = *line.record;
    const bool pays = r.debit == id;
    const std::int64_t amount = r.transfer.amount.value;
    page.lines.push_back({.sequence = r.sequence,
                          .time_ms = r.time_ms,
                          .id = r.transfer.id,
                          .purpose = r.transfer.purpose,
                          .other = pays ? r.credit : r.debit,
                          .amount = {pays ? -amount : amount},
                          .balance = line.balance,
                          .reference = r.transfer.reference});
  }
  if (begin + n < lines.size()) page.next = begin + n;
  return page;
}

}  // namespace plmm::economy
