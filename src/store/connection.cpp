// Opens and closes SQLite handles and maps SQLite's result codes to errors with the next step.
#include "store/connection.h"

#include <sqlite3.h>

#include <utility>

namespace plmm::store {
namespace {

bool is_flush(int code) {
  return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC ||
         code == SQLITE_IOERR_TRUNCATE;
}

Error describe(int code) {
  using enum ErrorCode;
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {io, "another process is writing to it. Next: close the other plmm, then try again"};
    case SQLITE_FULL:
      return {io, "the disk is full, nothing was changed. Next: free some space, then try again"};
    case SQLITE_CORRUPT:
      return {corrupt_data, "the database is damaged. Next: move it away and restore a backup"};
    case SQLITE_NOTADB:
      return {corrupt_data, "not a database. Next: check the path, or move the file away"};
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return {io, "may not be written. Next: check who owns the file and its folder"};
    case SQLITE_CANTOPEN:
      return {io, "cannot be opened. Next: check the path and who owns the folder"};
    case SQLITE_IOERR:
      return {io, std::string(sqlite3_errstr(code)) + " (code " + std::to_string(code) +
                      "). Next: check the disk, then start again"};
    case SQLITE_NOMEM:
      return {io, "out of memory. Next: close other programs, then try again"};
    case SQLITE_TOOBIG:
      return {limit_exceeded, "a value is larger than the database takes"};
    case SQLITE_INTERRUPT:
      return {cancelled, "interrupted"};
    default:
      return {invalid_argument, sqlite3_errstr(code)};
  }
}

}  // namespace

Result<std::shared_ptr<Connection>> Connection::open(const std::string& path, int flags) {
  std::unique_ptr<Connection> connection(new Connection(path));
  const int code = sqlite3_open_v2(path.c_str(), &connection->handle_, flags, nullptr);
  if (code != SQLITE_OK) return std::unexpected(connection->error(code));
  sqlite3_extended_result_codes(connection->handle_, 1);
  return std::shared_ptr<Connection>(std::move(connection));
}

Connection::~Connection() { sqlite3_close(handle_); }

Result<> Connection::check_usable() const {
  if (!flush_failed_) return {};
  return fail(ErrorCode::io, label_ +
                                 ": an earlier write did not reach the disk. Next: check the disk, "
                                 "then start again");
}

Error Connection::error(int code) {
  if (is_flush(code)) flush_failed_ = true;
  Error out = describe(code);
  // Names of table and column, which tell more than "constraint failed"; never the value.
  if ((code & 0xFF) == SQLITE_CONSTRAINT) out.what = sqlite3_errmsg(handle_);
  out.what.insert(0, label_ + ": ");
  return out;
}

Error Connection::prepare_error(int code) {
  if ((code & 0xFF) != SQLITE_ERROR) return error(code);
  return {ErrorCode::invalid_argument, label_ + ": " + sqlite3_errmsg(handle_)};
}

}  // namespace plmm::store
