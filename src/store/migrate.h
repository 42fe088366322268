// Brings a database to the format of this program, and refuses one of a newer program.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "store/database.h"

namespace plmm::store {

/// One step of the format: migrations[n] takes a database from version n to n + 1. What is once
/// published never changes; a change of the format is one more at the end.
struct Migration {
  std::string_view script;
};

/// Applies what is missing, in one transaction: after an error or a crash the database is as
/// before. unsupported names both versions when the database is newer than the program.
Result<> migrate(Database& database, std::span<const Migration> migrations);

}  // namespace plmm::store
