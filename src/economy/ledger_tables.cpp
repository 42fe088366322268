// SQL of the durable ledger.
#include "economy/ledger_tables.h"

#include <algorithm>
#include <array>

#include "base/narrow.h"
#include "economy/command.h"
#include "store/migrate.h"

namespace plmm::economy {
namespace {

using ledger::Account;
using ledger::Record;

constexpr std::array kMigrations{store::Migration{R"(
CREATE TABLE journal (
  sequence INTEGER PRIMARY KEY,
  time_ms INTEGER NOT NULL,
  command BLOB NOT NULL,
  chain BLOB NOT NULL
) STRICT;
CREATE TABLE accounts (
  kind INTEGER NOT NULL,
  holder BLOB NOT NULL,
  debits_limited INTEGER NOT NULL,
  debits_pending INTEGER NOT NULL,
  debits_posted INTEGER NOT NULL,
  credits_pending INTEGER NOT NULL,
  credits_posted INTEGER NOT NULL,
  PRIMARY KEY (kind, holder)
) STRICT, WITHOUT ROWID;
CREATE TABLE transfers (
  number INTEGER PRIMARY KEY,
  sequence INTEGER NOT NULL,
  id BLOB NOT NULL,
  kind INTEGER NOT NULL,
  purpose INTEGER NOT NULL,
  debit_kind INTEGER NOT NULL,
  debit_holder BLOB NOT NULL,
  credit_kind INTEGER NOT NULL,
  credit_holder BLOB NOT NULL,
  amount INTEGER NOT NULL,
  reservation BLOB NOT NULL,
  expires_ms INTEGER NOT NULL,
  reference BLOB NOT NULL,
  answer INTEGER NOT NULL
) STRICT;
CREATE TABLE reservations (
  id BLOB PRIMARY KEY,
  amount INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)"}};

enum Sql : std::uint8_t {
  append_row,
  insert_transfer,
  upsert_account,
  insert_reservation,
  delete_reservation,
  select_rows,
  select_chain,
  match_transfer,
  match_account,
  match_reservation,
  select_counts,
};
// An INSERT and the SELECT that checks its row take the same values.
constexpr std::array kSql{
    "INSERT INTO journal VALUES (?1, ?2, ?3, ?4)",
    "INSERT INTO transfers VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    "INSERT OR REPLACE INTO accounts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    "INSERT INTO reservations VALUES (?1, ?2, ?3)",
    "DELETE FROM reservations WHERE id = ?1",
    "SELECT sequence, time_ms, command, chain FROM journal WHERE sequence > ?1 ORDER BY sequence",
    "SELECT chain FROM journal WHERE sequence = ?1",
    "SELECT 1 FROM transfers WHERE number = ?1 AND sequence = ?2 AND id = ?3 AND kind = ?4 "
    "AND purpose = ?5 AND debit_kind = ?6 AND debit_holder = ?7 AND credit_kind = ?8 "
    "AND credit_holder = ?9 AND amount = ?10 AND reservation = ?11 AND expires_ms = ?12 "
    "AND reference = ?13 AND answer = ?14",
    "SELECT 1 FROM accounts WHERE kind = ?1 AND holder = ?2 AND debits_limited = ?3 "
    "AND debits_pending = ?4 AND debits_posted = ?5 AND credits_pending = ?6 "
    "AND credits_posted = ?7",
    "SELECT 1 FROM reservations WHERE id = ?1 AND amount = ?2 AND expires_ms = ?3",
    "SELECT (SELECT count(*) FROM transfers), (SELECT count(*) FROM accounts), "
    "(SELECT count(*) FROM reservations)",
};

void bind_transfer(store::Statement& statement, std::uint64_t number, const Record& record) {
  const ledger::Transfer& t = record.transfer;
  statement.bind(number, record.sequence, to_bytes(t.id.value), static_cast<int>(t.kind),
                 static_cast<int>(t.purpose), static_cast<int>(record.debit.kind),
                 to_bytes(record.debit.holder.value), static_cast<int>(record.credit.kind),
                 to_bytes(record.credit.holder.value), t.amount.value,
                 to_bytes(t.reservation.value), t.expires_ms, to_bytes(t.reference),
                 static_cast<int>(record.answer));
}

void bind_account(store::Statement& statement, const Account& account) {
  statement.bind(static_cast<int>(account.id.kind), to_bytes(account.id.holder.value),
                 static_cast<int>(account.limit), account.debits_pending.value,
                 account.debits_posted.value, account.credits_pending.value,
                 account.credits_posted.value);
}

void bind_reservation(store::Statement& statement, const Record& record) {
  const ledger::Transfer& t = record.transfer;
  statement.bind(to_bytes(t.id.value), t.amount.value, t.expires_ms);
}

}  // namespace

Digest genesis() {
  constexpr std::string_view kName = "plmm ledger 1";
  return crypto::sha256(std::as_bytes(std::span(kName)));
}

Digest link(const Digest& before, const JournalRow& row) {
  std::vector<std::byte> bytes(before.begin(), before.end());
  bytes.reserve(before.size() + 16 + row.command.size());
  for (const std::uint64_t value : {row.sequence, static_cast<std::uint64_t>(row.time_ms)}) {
    for (unsigned shift = 0; shift < 64; shift += 8) {
      bytes.push_back(static_cast<std::byte>(value >> shift));
    }
  }
  bytes.insert(bytes.end(), row.command.begin(), row.command.end());
  return crypto::sha256(bytes);
}

Result<LedgerTables> LedgerTables::open(store::Database& database) {
  TRY(store::migrate(database, kMigrations));
  LedgerTables tables(database.label());
  for (const char* sql : kSql) tables.statements_.push_back(TRY(database.prepare(sql)));
  return tables;
}

Result<> LedgerTables::append(const JournalRow& row) {
  return statements_[append_row].run(row.sequence, row.time_ms, std::span(row.command),
                                     std::span(row.chain));
}

Result<> LedgerTables::add_transfer(std::uint64_t number, const Record& record) {
  bind_transfer(statements_[insert_transfer], number, record);
  return statements_[insert_transfer].finish();
}

Result<> LedgerTables::put_account(const Account& account) {
  bind_account(statements_[upsert_account], account);
  return statements_[upsert_account].finish();
}

Result<> LedgerTables::add_reservation(const Record& record) {
  bind_reservation(statements_[insert_reservation], record);
  return statements_[insert_reservation].finish();
}

Result<> LedgerTables::remove_reservation(ledger::TransferId id) {
  return statements_[delete_reservation].run(to_bytes(id.value));
}

void LedgerTables::read_after(std::uint64_t sequence) { statements_[select_rows].bind(sequence); }

Result<std::optional<JournalRow>> LedgerTables::next_row() {
  store::Statement& rows = statements_[select_rows];
  if (TRY(rows.step()) == store::Step::done) return std::nullopt;
  JournalRow out;
  out.sequence = static_cast<std::uint64_t>(rows.int64(0));
  out.time_ms = rows.int64(1);
  const auto command = rows.blob(2);
  out.command.assign(command.begin(), command.end());
  const auto chain = rows.blob(3);
  if (chain.size() != out.chain.size()) return damaged("a chain value of the journal is cut short");
  std::ranges::copy(chain, out.chain.begin());
  return out;
}

void LedgerTables::stop_reading() { statements_[select_rows].reset(); }

Result<Digest> LedgerTables::chain_at(std::uint64_t sequence) {
  store::Statement& row = statements_[select_chain];
  row.bind(sequence);
  Digest out{};
  if (TRY(row.step()) == store::Step::done || row.blob(0).size() != out.size()) {
    return damaged("a row of the journal is missing");
  }
  std::ranges::copy(row.blob(0), out.begin());
  row.reset();
  return out;
}

Result<> LedgerTables::expect_row(Result<store::Step> step, store::Statement& statement,
                                  const char* what) {
  const bool found = TRY(step) == store::Step::row;
  statement.reset();
  if (found) return {};
  return damaged(what);
}

Result<> LedgerTables::check_transfer(std::uint64_t number, const Record& record) {
  store::Statement& statement = statements_[match_transfer];
  bind_transfer(statement, number, record);
  return expect_row(statement.step(), statement, "a transfer is not as the journal has it");
}

Result<> LedgerTables::check_account(const Account& account) {
  store::Statement& statement = statements_[match_account];
  bind_account(statement, account);
  return expect_row(statement.step(), statement, "a balance is not as the journal has it");
}

Result<> LedgerTables::check_reservation(const Record& record) {
  store::Statement& statement = statements_[match_reservation];
  bind_reservation(statement, record);
  return expect_row(statement.step(), statement, "a reservation is not as the journal has it");
}

Result<> LedgerTables::check_counts(std::uint64_t n_transfers, std::uint64_t n_accounts,
                                    std::uint64_t n_reservations) {
  store::Statement& counts = statements_[select_counts];
  counts.bind();
  TRY(counts.step());
  const std::array wanted{n_transfers, n_accounts, n_reservations};
  bool same = true;
  for (int column = 0; column < 3; ++column) {
    same = same && std::cmp_equal(counts.int64(column), wanted[static_cast<std::size_t>(column)]);
  }
  counts.reset();
  if (same) return {};
  return damaged("rows of which the journal knows nothing");
}

std::unexpected<Error> LedgerTables::damaged(const std::string& what) const {
  return fail(ErrorCode::corrupt_data,
              label_ + ": " + what + ". Next: keep the file for inquiry and restore a backup");
}

}  // namespace plmm::economy
