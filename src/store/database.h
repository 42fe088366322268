// SQLite as values: a database, its prepared statements and its transactions; errors say what to
// do.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/narrow.h"
#include "base/result.h"

struct sqlite3_stmt;

namespace plmm::store {

class Connection;

enum class Access : std::uint8_t { read_write, read_only };
/// full: what was committed survives a power cut; normal: after one the last commits may be gone.
enum class Synchronous : std::uint8_t { full, normal };

struct OpenOptions {
  Access access = Access::read_write;  // read_write makes the file, readable by its owner only
  Synchronous synchronous = Synchronous::full;
  int busy_timeout_ms = 5'000;  // how long to wait for another process that is writing
};

enum class Step : std::uint8_t { row, done };

/// A prepared statement. SQL is the program's own text; what comes from outside is bound, so that
/// it can neither change the statement nor turn up in an error.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  /// Starts anew with the values for ?1, ?2, …: an integer, double, text, blob or nullptr each.
  /// They are copied. As many values as the statement has parameters (CHECK).
  template <class... Values>
  void bind(const Values&... values) {
    start(sizeof...(values));
    int index = 0;
    (bind_at(++index, values), ...);
  }
  /// The next row. After an error or `done`, bind() starts anew.
  Result<Step> step();
  /// step() until done: for statements whose rows nobody reads.
  Result<> finish();
  /// bind(values…), then finish().
  template <class... Values>
  Result<> run(const Values&... values) {
    bind(values...);
    return finish();
  }
  /// Ends the reading of rows, which lets go of the locks that a half-read statement holds.
  void reset();

  /// Columns of the current row, from 0. Text and blobs live until the next step(), bind() or
  /// reset(). NULL reads as 0 or empty.
  std::int64_t int64(int column) const;
  double real(int column) const;
  std::string_view text(int column) const;
  std::span<const std::byte> blob(int column) const;
  bool is_null(int column) const;

 private:
  friend class Database;
  Statement(std::shared_ptr<Connection> connection, sqlite3_stmt* handle);

  void start(std::size_t n_values);
  void bind_at(int index, std::int64_t value);
  void bind_at(int index, double value);
  void bind_at(int index, std::string_view value);
  void bind_at(int index, std::span<const std::byte> value);
  void bind_at(int index, std::nullptr_t);
  template <std::integral Integer>
  void bind_at(int index, Integer value) {
    bind_at(index, narrow<std::int64_t>(value));
  }

  std::shared_ptr<Connection> connection_;
  sqlite3_stmt* handle_ = nullptr;
  int bind_error_ = 0;  // the first one; step() tells it
};

/// One connection; one thread at a time. Files use a write-ahead log and enforce foreign keys.
///
/// Errors: corrupt_data for a damaged file or one that is no database; io when the disk is full,
/// another process holds the file too long, or the system refuses; invalid_argument for a broken
/// constraint or wrong SQL; limit_exceeded for a value that is too large. After a failed flush to
/// disk nobody knows what is stored: every later step on this connection fails with io.
class Database {
 public:
  static Result<Database> open(const std::filesystem::path& path, OpenOptions options = {});
  static Result<Database> in_memory();

  Result<Statement> prepare(std::string_view sql);
  /// Runs all statements of a script of the program's own; rows are dropped.
  Result<> execute(std::string_view script);

  /// Rows that the last INSERT, UPDATE or DELETE changed.
  std::int64_t n_changes() const;
  std::int64_t last_insert_rowid() const;
  /// The file's path, for messages; ":memory:" when there is none.
  const std::string& label() const;

 private:
  explicit Database(std::shared_ptr<Connection> connection);
  static Result<Database> connect(const std::string& path, OpenOptions options);
  Result<> configure(OpenOptions options);
  Result<> keep_log(int wait_ms_max);

  std::shared_ptr<Connection> connection_;  // statements keep it open
};

/// BEGIN IMMEDIATE: the only writer from begin() to commit(); rolled back when destroyed before.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  /// When it returns, the changes are on disk (Synchronous::full). An error rolls them back.
  Result<> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

/// A transaction that only reads: all statements while it lives see one state.
class Snapshot {
 public:
  static Result<Snapshot> begin(Database& database);
  Snapshot(Snapshot&& other) noexcept;
  Snapshot& operator=(Snapshot&&) = delete;
  ~Snapshot();

 private:
  explicit Snapshot(Database& database) : database_(&database) {}
  Database* database_;
};

/// Reads every page and index: corrupt_data when one is damaged. Takes time with the file's size.
Result<> check_integrity(Database& database);

}  // namespace plmm::store
