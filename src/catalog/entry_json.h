// The catalogue's data file (docs/formats/catalog.md) to ModelEntry and the rules every entry
// keeps.
#pragma once

#include <string_view>
#include <vector>

#include "catalog/catalog.h"

namespace plmm::catalog {

/// assets/catalog.json as it was when the program was built.
std::string_view embedded_catalog();

/// Models and documents, each in the file's order. Documents have neither template nor role.
struct Catalog {
  std::vector<ModelEntry> models;
  std::vector<ModelEntry> documents;
};

/// corrupt_data names the entry and the field; unsupported for a newer version.
Result<Catalog> parse_catalog(std::string_view json);

/// Names that are safe as file names and arguments, sizes within limits, parts that add up to the
/// file. invalid_argument names the entry and the rule it breaks.
Result<> check_entry(const ModelEntry& entry);

/// The first of these rules alone, for what only names files.
Result<> check_names(const ModelEntry& entry);

/// Companions first and the weights last: the weights' name appears only when everything beside
/// them is there.
std::vector<ModelFile> files_of(const ModelEntry& entry);

/// One path component of letters, digits and ._- that does not start with a dot or a dash.
bool is_plain_name(std::string_view name);

/// 64 lower-case hex digits.
bool is_sha256(std::string_view text);

inline constexpr std::uint64_t kModelBytesMax = 64ULL << 30;

}  // namespace plmm::catalog
