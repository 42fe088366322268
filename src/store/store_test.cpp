// Tests of the SQLite wrapper: values, transactions, migrations, and each way a disk can fail.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <limits>

#include "base/temporary_folder.h"
#include "store/database.h"
#include "store/migrate.h"

namespace plmm::store {
namespace {

/// A disk that fails when told to: SQLite's own file layer with two calls on the log replaced,
/// which are what a commit waits for.
class FaultyDisk {
 public:
  static constexpr const char* kName = "faulty";
  static inline int write_result = SQLITE_OK;
  static inline int sync_result = SQLITE_OK;

  static void install() {
    if (sqlite3_vfs_find(kName) == nullptr) {
      real_ = sqlite3_vfs_find(nullptr);
      vfs_ = *real_;
      vfs_.zName = kName;
      vfs_.xOpen = open;
    }
    sqlite3_vfs_register(&vfs_, 1);
  }
  static void remove() {
    write_result = sync_result = SQLITE_OK;
    sqlite3_vfs_register(real_, 1);
  }

 private:
  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    const int code = real_->xOpen(real_, name, file, flags, out_flags);
    if (code != SQLITE_OK || (flags & SQLITE_OPEN_WAL) == 0) return code;
    methods_ = file->pMethods;  // one table for all logs
    failing_ = *methods_;
    failing_.xWrite = write;
    failing_.xSync = sync;
    file->pMethods = &failing_;
    return code;
  }
  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    return write_result != SQLITE_OK ? write_result : methods_->xWrite(file, data, size, offset);
  }
  static int sync(sqlite3_file* file, int flags) {
    return sync_result != SQLITE_OK ? sync_result : methods_->xSync(file, flags);
  }

  static inline sqlite3_vfs* real_ = nullptr;
  static inline sqlite3_vfs vfs_{};
  static inline const sqlite3_io_methods* methods_ = nullptr;
  static inline sqlite3_io_methods failing_{};
};

class Store : public testing::Test {
 protected:
  std::filesystem::path file() const { return folder_ / "test.db"; }
  Database opened(OpenOptions options = {}) const {
    auto database = Database::open(file(), options);
    EXPECT_TRUE(database) << database.error().what;
    return std::move(*database);
  }
  /// A database of one table with one row, whose text stands for what a user wrote.
  Database with_a_row() const {
    Database database = opened();
    must(database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT"));
    must(database.prepare("INSERT INTO t VALUES (?1, ?2)").value().run(1, "secret"));
    return database;
  }
  static void must(const Result<>& result) { ASSERT_TRUE(result) << result.error().what; }
  static std::int64_t number(Database& database, std::string_view sql) {
    auto statement = database.prepare(sql).value();
    EXPECT_EQ(statement.step().value(), Step::row);
    return statement.int64(0);
  }
  template <class T>
  static void expect_error(const Result<T>& result, ErrorCode code, std::string_view text) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, code) << result.error().what;
    EXPECT_NE(result.error().what.find(text), std::string::npos) << result.error().what;
    EXPECT_EQ(result.error().what.find("secret"), std::string::npos) << result.error().what;
  }

  TemporaryFolder temporary_ = TemporaryFolder::create().value();
  std::filesystem::path folder_ = temporary_.path();
};

TEST_F(Store, gives_back_what_was_bound) {
  Database database = Database::in_memory().value();
  must(database.execute("CREATE TABLE t (i INTEGER, r REAL, s TEXT, b BLOB, n TEXT)"));
  const std::array blob{std::byte{0}, std::byte{255}, std::byte{7}};
  auto insert = database.prepare("INSERT INTO t VALUES (?1, ?2, ?3, ?4, ?5)").value();
  const std::string text("a\0b", 3);
  must(insert.run(std::numeric_limits<std::int64_t>::min(), 0.1, text, std::span(blob), nullptr));
  must(insert.run(7U, 1.0, std::string_view(), std::span<const std::byte>(), "x"));
  EXPECT_EQ(database.last_insert_rowid(), 2);
  EXPECT_EQ(database.n_changes(), 1);

  auto select = database.prepare("SELECT * FROM t ORDER BY rowid").value();
  ASSERT_EQ(select.step().value(), Step::row);
  EXPECT_EQ(select.int64(0), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(select.real(1), 0.1);
  EXPECT_EQ(select.text(2), text);
  EXPECT_TRUE(std::ranges::equal(select.blob(3), blob));
  EXPECT_TRUE(select.is_null(4));
  EXPECT_EQ(select.text(4), "");
  ASSERT_EQ(select.step().value(), Step::row);
  EXPECT_EQ(select.int64(0), 7);
  EXPECT_FALSE(select.is_null(2));  // empty is not NULL
  EXPECT_FALSE(select.is_null(3));
  EXPECT_TRUE(select.blob(3).empty());
  EXPECT_EQ(select.step().value(), Step::done);
}

TEST_F(Store, makes_a_file_that_only_its_owner_reads) {
  with_a_row();
  struct stat info{};
  ASSERT_EQ(::stat(file().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  Database again = opened({.access = Access::read_only});
  EXPECT_EQ(number(again, "SELECT count(*) FROM t"), 1);
  expect_error(again.execute("DELETE FROM t"), ErrorCode::io, "may not be written");
}

TEST_F(Store, names_the_file_that_is_not_there) {
  expect_error(Database::open(file(), {.access = Access::read_only}), ErrorCode::not_found,
               "test.db");
  expect_error(Database::open(folder_ / "none" / "a.db"), ErrorCode::not_found, "none");
  expect_error(Database::open(folder_), ErrorCode::io, "directory");
}

TEST_F(Store, a_transaction_that_is_not_committed_leaves_nothing) {
  Database database = with_a_row();
  {
    auto transaction = Transaction::begin(database).value();
    must(database.execute("DELETE FROM t"));
  }
  EXPECT_EQ(number(database, "SELECT count(*) FROM t"), 1);
  auto transaction = Transaction::begin(database).value();
  must(database.execute("DELETE FROM t"));
  must(transaction.commit());
  EXPECT_EQ(number(database, "SELECT count(*) FROM t"), 0);
}

TEST_F(Store, a_second_writer_is_told_that_the_file_is_busy) {
  Database first = with_a_row();
  Database second = opened({.busy_timeout_ms = 1});
  auto transaction = Transaction::begin(first).value();
  const auto refused = Transaction::begin(second);
  expect_error(refused, ErrorCode::io, "another process");
  EXPECT_EQ(number(second, "SELECT count(*) FROM t"), 1);  // readers go on
}

TEST_F(Store, processes_that_make_the_same_file_wait_for_each_other) {
  for (int round = 0; round < 40; ++round) {
    const auto path = folder_ / ("new-" + std::to_string(round));
    std::array<int, 2> start{};  // closed at once for all children, so that they race
    ASSERT_EQ(::pipe(start.data()), 0);
    std::array<pid_t, 4> children{};
    for (pid_t& child : children) {
      child = ::fork();
      if (child != 0) continue;
      ::close(start[1]);
      char nothing = 0;
      [[maybe_unused]] const auto n = ::read(start[0], &nothing, 1);
      ::_exit(Database::open(path) ? 0 : 1);
    }
    ::close(start[0]);
    ::close(start[1]);
    for (const pid_t child : children) {
      int status = -1;
      ::waitpid(child, &status, 0);
      EXPECT_EQ(status, 0) << "round " << round;
    }
  }
}

TEST_F(Store, a_broken_constraint_names_the_column_and_not_the_value) {
  Database database = with_a_row();
  auto insert = database.prepare("INSERT INTO t VALUES (?1, ?2)").value();
  expect_error(insert.run(1, "secret"), ErrorCode::invalid_argument, "t.id");
  expect_error(insert.run("secret", "x"), ErrorCode::invalid_argument, "datatype");
  expect_error(insert.run(2, nullptr), ErrorCode::invalid_argument, "t.body");
  must(insert.run(2, "x"));  // an error does not spoil the statement
  must(database.execute("CREATE TABLE c (id INTEGER REFERENCES t (id))"));
  expect_error(database.execute("INSERT INTO c VALUES (3)"), ErrorCode::invalid_argument,
               "FOREIGN KEY");
}

TEST_F(Store, wrong_sql_is_an_error_of_prepare) {
  Database database = with_a_row();
  expect_error(database.prepare("SELEC"), ErrorCode::invalid_argument, "syntax");
  expect_error(database.execute("SELECT 1; SELECT none FROM t"), ErrorCode::invalid_argument,
               "no such column");
  must(database.execute("-- only a comment\n;;  "));
}

TEST_F(Store, full_text_search_is_there_and_its_errors_keep_the_query_to_themselves) {
  Database database = Database::in_memory().value();
  must(
      database.execute("CREATE VIRTUAL TABLE f USING fts5(body);"
                       "INSERT INTO f VALUES ('a quiet river'), ('a loud road')"));
  auto search = database.prepare("SELECT rowid FROM f WHERE f MATCH ?1").value();
  search.bind("river");
  ASSERT_EQ(search.step().value(), Step::row);
  EXPECT_EQ(search.int64(0), 1);
  expect_error(search.run("\"secret"), ErrorCode::invalid_argument, ":memory:");
}

TEST_F(Store, a_value_over_the_limit_is_refused) {
  Database database = Database::in_memory().value();
  must(database.execute("CREATE TABLE t (b BLOB)"));
  auto insert = database.prepare("INSERT INTO t VALUES (zeroblob(?1))").value();
  expect_error(insert.run(1'000'000'001), ErrorCode::limit_exceeded, "larger");
}

TEST_F(Store, a_file_that_is_no_database_is_corrupt) {
  std::ofstream(file()) << std::string(8192, 'x');
  expect_error(Database::open(file()), ErrorCode::corrupt_data, "not a database");
  expect_error(Database::open(file(), {.access = Access::read_only}), ErrorCode::corrupt_data,
               "not a database");
}

TEST_F(Store, a_damaged_page_is_corrupt) {
  {
    Database database = with_a_row();
    auto insert = database.prepare("INSERT INTO t VALUES (?1, ?2)").value();
    auto transaction = Transaction::begin(database).value();
    for (int id = 2; id < 500; ++id) must(insert.run(id, std::string(100, 's')));
    must(transaction.commit());
    must(check_integrity(database));
  }
  std::fstream bytes(file(), std::ios::in | std::ios::out | std::ios::binary);
  for (int page = 2; page < 8; ++page) {
    bytes.seekp(page * 4096);
    bytes << std::string(64, '\x7F');
  }
  bytes.close();
  Database database = opened();
  expect_error(check_integrity(database), ErrorCode::corrupt_data, "damaged");
  expect_error(database.execute("SELECT sum(length(body)) FROM t"), ErrorCode::corrupt_data,
               "damaged");
}

TEST_F(Store, a_full_disk_changes_nothing_and_passes) {
  FaultyDisk::install();
  {
    Database database = with_a_row();
    FaultyDisk::write_result = SQLITE_FULL;
    expect_error(database.execute("DELETE FROM t"), ErrorCode::io, "disk is full");
    FaultyDisk::write_result = SQLITE_OK;
    EXPECT_EQ(number(database, "SELECT count(*) FROM t"), 1);
    must(database.execute("DELETE FROM t"));
  }
  FaultyDisk::remove();
}

TEST_F(Store, after_a_failed_flush_nothing_is_believed_until_reopened) {
  FaultyDisk::install();
  {
    Database database = with_a_row();
    auto count = database.prepare("SELECT count(*) FROM t").value();
    FaultyDisk::sync_result = SQLITE_IOERR_FSYNC;
    expect_error(database.execute("DELETE FROM t"), ErrorCode::io, "check the disk");
    FaultyDisk::sync_result = SQLITE_OK;
    expect_error(database.execute("DELETE FROM t"), ErrorCode::io, "did not reach the disk");
    expect_error(count.run(), ErrorCode::io, "did not reach the disk");
  }
  Database again = opened();
  EXPECT_LE(number(again, "SELECT count(*) FROM t"), 1);
  FaultyDisk::remove();
}

constexpr std::array kMigrations{Migration{"CREATE TABLE a (id INTEGER)"},
                                 Migration{"CREATE TABLE b (id INTEGER); INSERT INTO a VALUES (1)"},
                                 Migration{"ALTER TABLE b ADD COLUMN c"}};

TEST_F(Store, migrates_from_every_version) {
  for (std::size_t from = 0; from <= kMigrations.size(); ++from) {
    Database database = Database::in_memory().value();
    must(migrate(database, std::span(kMigrations).first(from)));
    must(migrate(database, kMigrations));
    must(migrate(database, kMigrations));  // nothing left to do
    EXPECT_EQ(number(database, "PRAGMA user_version"), 3);
    EXPECT_EQ(number(database, "SELECT count(*) FROM a"), 1);
  }
}

TEST_F(Store, refuses_a_newer_database_with_both_versions) {
  {
    Database database = opened();
    must(migrate(database, kMigrations));
  }
  for (const Access access : {Access::read_write, Access::read_only}) {
    Database database = opened({.access = access});
    const auto refused = migrate(database, std::span(kMigrations).first(2));
    expect_error(refused, ErrorCode::unsupported, "format 3");
    expect_error(refused, ErrorCode::unsupported, "up to 2");
  }
}

TEST_F(Store, a_migration_that_fails_leaves_the_old_format) {
  Database database = Database::in_memory().value();
  must(migrate(database, std::span(kMigrations).first(1)));
  const std::array broken{kMigrations[0], kMigrations[1], Migration{"CREATE TABLE b (id)"}};
  expect_error(migrate(database, broken), ErrorCode::invalid_argument, "already exists");
  EXPECT_EQ(number(database, "PRAGMA user_version"), 1);
  must(migrate(database, kMigrations));
}

}  // namespace
}  // namespace plmm::store
