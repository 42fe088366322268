// The durable ledger: commands go to a hash-chained journal and to tables in one transaction.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "economy/command.h"
#include "economy/ledger_tables.h"
#include "ledger/ledger.h"
#include "protocol/ports.h"
#include "store/database.h"

namespace plmm::economy {

using ledger::AccountId;
using ledger::HolderId;
using ledger::Microcredits;
using ledger::TransferId;
using protocol::Balance;
using protocol::kStatementLinesMax;
using protocol::StatementLine;
using protocol::StatementPage;

/// What became of a command.
struct Applied {
  ledger::Outcome outcome;
  Digest chain{};                   // of its journal row; zero when refused
  std::vector<TransferId> expired;  // by Expire
};

struct Total {
  std::uint64_t n_received = 0;  // transfers
  Microcredits received;
  Microcredits paid;
};

/// The newest row of the journal. Kept elsewhere, it shows later that no row before it was changed
/// and that the file was not put back to an older one.
struct Head {
  std::uint64_t sequence = 0;
  Digest chain{};
};

/// One thread at a time; SharedLedger is for several. Several processes may have it open: each
/// apply() first reads what the others wrote.
///
/// Errors of storage come as in store::Database; corrupt_data when journal, chain and tables do
/// not agree. Refusals are no errors: they are in the outcome. After an error nothing of the batch
/// was applied, unless the error is that of a failed flush to disk, of which nobody knows.
class LedgerStore {
 public:
  /// Makes the file when it is missing. Replays the journal, verifying its chain, and compares all
  /// tables with the result.
  static Result<LedgerStore> open(const std::filesystem::path& path);

  /// Applies the commands in order, in one transaction. When it returns, they are on disk.
  Result<std::vector<Applied>> apply(std::span<const Command> commands);
  Result<Applied> apply(const Command& command);

  /// not_found when there is no such account.
  Result<Balance> balance(AccountId account);
  /// Lines `from` (0 is the oldest) on, at most `limit` and kStatementLinesMax.
  Result<StatementPage> statement(AccountId account, std::uint64_t from, std::size_t limit);
  /// What the account has received and paid for a purpose since it was opened.
  Result<Total> total(AccountId account, ledger::Purpose purpose);

  const ledger::Ledger& ledger() const { return ledger_; }
  Head head() const { return head_; }
  /// The head as it was at a sequence number: to compare with one kept elsewhere.
  Result<Digest> chain_at(std::uint64_t sequence) { return tables_.chain_at(sequence); }

 private:
  struct Line {
    const ledger::Record* record;
    Microcredits balance;
  };
  struct History {
    std::vector<Line> lines;
    std::array<Total, ledger::kPurposeMax + 1> totals;  // by purpose
  };

  LedgerStore(store::Database database, LedgerTables tables);
  Result<> reload();
  Result<> catch_up();
  Result<> read_rows();
  Result<> check_readable(AccountId account);
  Result<> check_tables();
  Result<std::vector<Applied>> write(std::span<const Command> commands);
  Result<> write_chain(const Chain& chain);
  Applied perform(const Command& command);
  void add_lines(const Chain& chain);
  void add_line(AccountId account, const ledger::Record& record, std::int64_t amount);
  const ledger::Record& record(TransferId id) const { return *ledger_.record(id); }

  store::Database database_;
  LedgerTables tables_;
  ledger::Ledger ledger_;
  Head head_;
  std::unordered_map<AccountId, History, ledger::Ledger::Hash> histories_;
  std::uint64_t n_transfers_ = 0;
  bool is_stale_ = true;  // memory may be ahead of the file: read it again before anything else
};

}  // namespace plmm::economy
