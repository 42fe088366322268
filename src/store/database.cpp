// Opening a database with the settings that all of ours have, and its transactions.
#include "store/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <utility>

#include "base/file.h"
#include "store/connection.h"

namespace plmm::store {
namespace {

/// SQLite would make the file readable by everybody; its log takes the mode of the file.
Result<> make_private_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return std::unexpected(errno_error(path));
  ::close(fd);
  return {};
}

}  // namespace

Database::Database(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}

Result<Database> Database::open(const std::filesystem::path& path, OpenOptions options) {
  std::error_code failed;
  // Absolute, so that no file name is taken for one of SQLite's special names.
  const std::string absolute = std::filesystem::absolute(path, failed).string();
  if (failed) return fail(ErrorCode::io, path.string() + ": " + failed.message());
  if (options.access == Access::read_write) {
    TRY(make_private_file(absolute));
  } else if (!std::filesystem::exists(absolute, failed)) {
    return fail(ErrorCode::not_found, absolute + ": no such database");
  }
  return connect(absolute, options);
}

Result<Database> Database::in_memory() { return connect(":memory:", {}); }

Result<Database> Database::connect(const std::string& path, OpenOptions options) {
  const int access = options.access == Access::read_write
                         ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                         : SQLITE_OPEN_READONLY;
  Database database(TRY(Connection::open(path, access | SQLITE_OPEN_NOMUTEX)));
  TRY(database.configure(options));
  return database;
}

Result<> Database::configure(OpenOptions options) {
  sqlite3* handle = connection_->handle();
  sqlite3_busy_timeout(handle, options.busy_timeout_ms);
  // Neither a doctored schema nor a slip in our SQL shall reach SQLite's own tables.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  TRY(
      execute("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; "
              "PRAGMA foreign_keys = ON"));
  TRY(execute(options.synchronous == Synchronous::full ? "PRAGMA synchronous = FULL"
                                                       : "PRAGMA synchronous = NORMAL"));
  if (options.access == Access::read_only || label() == ":memory:") {
    return execute("SELECT count(*) FROM sqlite_schema");  // finds out what is no database
  }
  return keep_log(options.busy_timeout_ms);
}

/// SQLite's busy timeout does not cover the switch to the log: of two processes that make the same
/// file, one is refused at once. So it is tried again here.
Result<> Database::keep_log(int wait_ms_max) {
  constexpr int kStep_ms = 5;
  auto journal = TRY(prepare("PRAGMA journal_mode = WAL"));
  auto switched = journal.step();
  const auto is_busy = [&] {
    return (sqlite3_errcode(connection_->handle()) & 0xFF) == SQLITE_BUSY;
  };
  for (int waited_ms = 0; !switched && is_busy() && waited_ms < wait_ms_max;
       waited_ms += kStep_ms) {
    sqlite3_sleep(kStep_ms);
    journal.reset();
    switched = journal.step();
  }
  TRY(std::move(switched));
  if (journal.text(0) == "wal") return {};
  return fail(ErrorCode::io, label() +
                                 ": the file system has no shared memory, which the log needs. "
                                 "Next: use a folder on a local disk");
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v2(connection_->handle(), sql.data(), narrow<int>(sql.size()),
                                      &handle, nullptr);
  if (code != SQLITE_OK) return std::unexpected(connection_->prepare_error(code));
  return Statement(connection_, handle);
}

Result<> Database::execute(std::string_view script) {
  while (!script.empty()) {
    sqlite3_stmt* handle = nullptr;
    const char* rest = nullptr;
    const int code = sqlite3_prepare_v2(connection_->handle(), script.data(),
                                        narrow<int>(script.size()), &handle, &rest);
    if (code != SQLITE_OK) return std::unexpected(connection_->prepare_error(code));
    if (rest == script.data()) return {};
    script.remove_prefix(static_cast<std::size_t>(rest - script.data()));
    if (handle != nullptr) TRY(Statement(connection_, handle).run());  // else only a comment
  }
  return {};
}

std::int64_t Database::n_changes() const { return sqlite3_changes64(connection_->handle()); }

std::int64_t Database::last_insert_rowid() const {
  return sqlite3_last_insert_rowid(connection_->handle());
}

const std::string& Database::label() const { return connection_->label(); }

Result<Transaction> Transaction::begin(Database& database) {
  TRY(database.execute("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
  // Fails when SQLite has already rolled back by itself (disk full), which is the same end.
  if (database_ != nullptr) static_cast<void>(database_->execute("ROLLBACK"));
}

Result<> Transaction::commit() {
  CHECK(database_ != nullptr);
  TRY(database_->execute("COMMIT"));
  database_ = nullptr;
  return {};
}

Result<Snapshot> Snapshot::begin(Database& database) {
  TRY(database.execute("BEGIN"));
  return Snapshot(database);
}

Snapshot::Snapshot(Snapshot&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Snapshot::~Snapshot() {
  if (database_ != nullptr) static_cast<void>(database_->execute("ROLLBACK"));
}

Result<> check_integrity(Database& database) {
  auto pages = TRY(database.prepare("PRAGMA integrity_check(1)"));
  TRY(pages.step());
  if (pages.text(0) == "ok") return {};
  return fail(ErrorCode::corrupt_data,
              database.label() +
                  ": the database is damaged. Next: move it away and restore a "
                  "backup");
}

}  // namespace plmm::store
