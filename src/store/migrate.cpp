// Migrations by SQLite's user_version, which is 0 in a new database.
#include "store/migrate.h"

#include <string>

namespace plmm::store {
namespace {

/// Which format the database has, or unsupported when this program is older than that.
Result<std::int64_t> version_of(Database& database, std::int64_t known) {
  auto statement = TRY(database.prepare("PRAGMA user_version"));
  TRY(statement.step());
  const std::int64_t version = statement.int64(0);
  if (version >= 0 && version <= known) return version;
  return fail(ErrorCode::unsupported, database.label() + ": has format " + std::to_string(version) +
                                          ", this program knows formats up to " +
                                          std::to_string(known) +
                                          ". Next: use the newer plmm that wrote it");
}

}  // namespace

Result<> migrate(Database& database, std::span<const Migration> migrations) {
  const auto known = narrow<std::int64_t>(migrations.size());
  if (TRY(version_of(database, known)) == known) return {};  // also where nothing may be written
  auto transaction = TRY(Transaction::begin(database));
  // Another process may have been faster.
  const std::int64_t version = TRY(version_of(database, known));
  for (const Migration& migration : migrations.subspan(narrow<std::size_t>(version))) {
    TRY(database.execute(migration.script));
  }
  TRY(database.execute("PRAGMA user_version = " + std::to_string(known)));
  return transaction.commit();
}

}  // namespace plmm::store
