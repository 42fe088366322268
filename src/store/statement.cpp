// Prepared statements: values in, rows out.
#include <sqlite3.h>

#include <utility>

#include "base/check.h"
#include "store/connection.h"
#include "store/database.h"

namespace plmm::store {

Statement::Statement(std::shared_ptr<Connection> connection, sqlite3_stmt* handle)
    : connection_(std::move(connection)), handle_(handle) {}

Statement::Statement(Statement&& other) noexcept
    : connection_(std::move(other.connection_)),
      handle_(std::exchange(other.handle_, nullptr)),
      bind_error_(other.bind_error_) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(connection_, other.connection_);
  std::swap(handle_, other.handle_);
  std::swap(bind_error_, other.bind_error_);
  return *this;
}

Statement::~Statement() { sqlite3_finalize(handle_); }

void Statement::start(std::size_t n_values) {
  CHECK(narrow<int>(n_values) == sqlite3_bind_parameter_count(handle_));
  sqlite3_reset(handle_);
  bind_error_ = SQLITE_OK;
}

void Statement::bind_at(int index, std::int64_t value) {
  const int code = sqlite3_bind_int64(handle_, index, value);
  if (bind_error_ == SQLITE_OK) bind_error_ = code;
}

void Statement::bind_at(int index, double value) {
  const int code = sqlite3_bind_double(handle_, index, value);
  if (bind_error_ == SQLITE_OK) bind_error_ = code;
}

// An empty view may have no address, which SQLite would take for NULL.
void Statement::bind_at(int index, std::string_view value) {
  const int code = sqlite3_bind_text64(handle_, index, value.empty() ? "" : value.data(),
                                       value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (bind_error_ == SQLITE_OK) bind_error_ = code;
}

void Statement::bind_at(int index, std::span<const std::byte> value) {
  const int code = value.empty() ? sqlite3_bind_zeroblob(handle_, index, 0)
                                 : sqlite3_bind_blob64(handle_, index, value.data(), value.size(),
                                                       SQLITE_TRANSIENT);
  if (bind_error_ == SQLITE_OK) bind_error_ = code;
}

void Statement::bind_at(int index, std::nullptr_t) {
  const int code = sqlite3_bind_null(handle_, index);
  if (bind_error_ == SQLITE_OK) bind_error_ = code;
}

Result<Step> Statement::step() {
  TRY(connection_->check_usable());
  if (bind_error_ != SQLITE_OK) return std::unexpected(connection_->error(bind_error_));
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return Step::row;
  if (code == SQLITE_DONE) return Step::done;
  Error error = connection_->error(code);  // before the reset, which may change the message
  sqlite3_reset(handle_);
  return std::unexpected(std::move(error));
}

Result<> Statement::finish() {
  while (TRY(step()) == Step::row) {
  }
  reset();
  return {};
}

void Statement::reset() { sqlite3_reset(handle_); }

std::int64_t Statement::int64(int column) const { return sqlite3_column_int64(handle_, column); }

double Statement::real(int column) const { return sqlite3_column_double(handle_, column); }

std::string_view Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

std::span<const std::byte> Statement::blob(int column) const {
  const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(handle_, column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

}  // namespace plmm::store
