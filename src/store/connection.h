// The SQLite handle that a database and its statements share, and what SQLite's errors mean.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

struct sqlite3;

namespace plmm::store {

class Connection {
 public:
  /// Opens `path` with SQLITE_OPEN_… flags.
  static Result<std::shared_ptr<Connection>> open(const std::string& path, int flags);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  sqlite3* handle() const { return handle_; }
  const std::string& label() const { return label_; }

  /// Refuses once a flush to disk has failed: the system may have dropped the pages, so that a
  /// second flush would succeed and say nothing about the first (PostgreSQL's lesson of 2018).
  Result<> check_usable() const;

  /// The error of a step or bind, by SQLite's extended result code. Never repeats a value.
  Error error(int code);
  /// The error of a statement that could not be prepared; quotes SQL, which is the program's own.
  Error prepare_error(int code);

 private:
  explicit Connection(std::string label) : label_(std::move(label)) {}

  sqlite3* handle_ = nullptr;
  std::string label_;
  bool flush_failed_ = false;
};

}  // namespace plmm::store
