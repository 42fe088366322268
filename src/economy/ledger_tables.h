// The four tables of a durable ledger and the statements on them (docs/formats/ledger.md).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "crypto/hash.h"
#include "ledger/ledger.h"
#include "store/database.h"

namespace plmm::economy {

using crypto::Digest;

struct JournalRow {
  std::uint64_t sequence = 0;
  std::int64_t time_ms = 0;
  std::vector<std::byte> command;
  Digest chain{};
};

/// The chain's value before the first row.
Digest genesis();
/// The chain's value after a row: SHA-256 of the value before, sequence, time and command.
Digest link(const Digest& before, const JournalRow& row);

/// Writes run inside a transaction of the caller. The check_… functions ask whether a row says
/// what the ledger says; corrupt_data when not.
class LedgerTables {
 public:
  /// Makes the tables in a new database.
  static Result<LedgerTables> open(store::Database& database);

  Result<> append(const JournalRow& row);
  Result<> add_transfer(std::uint64_t number, const ledger::Record& record);
  Result<> put_account(const ledger::Account& account);
  Result<> add_reservation(const ledger::Record& record);
  Result<> remove_reservation(ledger::TransferId id);

  /// Rows of the journal after `sequence`, in order, by next_row() until it has none.
  void read_after(std::uint64_t sequence);
  Result<std::optional<JournalRow>> next_row();
  void stop_reading();
  Result<Digest> chain_at(std::uint64_t sequence);

  Result<> check_transfer(std::uint64_t number, const ledger::Record& record);
  Result<> check_account(const ledger::Account& account);
  Result<> check_reservation(const ledger::Record& record);
  Result<> check_counts(std::uint64_t n_transfers, std::uint64_t n_accounts,
                        std::uint64_t n_reservations);

  /// corrupt_data with the file's name and what to do.
  std::unexpected<Error> damaged(const std::string& what) const;

 private:
  explicit LedgerTables(std::string label) : label_(std::move(label)) {}
  Result<> expect_row(Result<store::Step> step, store::Statement& statement, const char* what);

  std::string label_;
  std::vector<store::Statement> statements_;  // by Sql, in the .cpp file
};

}  // namespace plmm::economy
