// What a person asks, as an expression of SQLite's full-text search.
#pragma once

#include <string>
#include <string_view>

namespace plmm::search {

/// An FTS5 expression that matches passages with any word of `text`; empty when it has none. Each
/// word is quoted, so that nothing in the text (quotes, operators, column names) is more than a
/// word. Common English words are left out if others remain; of many words the first 32 count.
std::string match_expression(std::string_view text);

}  // namespace plmm::search
