// Any text as a query: SQLite takes the expression made of it.
#include "search/query.h"

#include <string>

#include "base/check.h"
#include "fuzz/fuzz.h"
#include "store/database.h"

namespace plmm::search {
namespace {

store::Database make_table() {
  auto database = store::Database::in_memory();
  CHECK(database);
  CHECK(
      database->execute("CREATE VIRTUAL TABLE t USING fts5 (title, text, tokenize = 'porter "
                        "unicode61 remove_diacritics 2');"
                        "INSERT INTO t VALUES ('cats', 'a cat and a dog')"));
  return std::move(*database);
}

}  // namespace
}  // namespace plmm::search

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static plmm::store::Database database = plmm::search::make_table();
  static auto statement = database.prepare("SELECT rowid FROM t WHERE t MATCH ?1");
  CHECK(statement);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string expression = plmm::search::match_expression(text);
  if (expression.empty()) return -1;
  statement->bind(std::string_view(expression));
  const auto step = statement->step();
  CHECK(step);
  plmm::fuzz::note(*step == plmm::store::Step::row ? "found" : "not found");
  return 0;
}

std::vector<std::string> plmm::fuzz::seeds() {
  return {"",
          "cat",
          "\"cat\" OR NOT title:dog* ^a NEAR(b c, 2)",
          "the a",
          "caf\xC3\xA9 \xE2\x80\x94",
          "\xFF\x80 \xF4\x90\x80\x80"};
}
