// Looks models up: in the catalogue, and among the files of the models folder.
#include "catalog/catalog.h"

#include <algorithm>
#include <numeric>
#include <system_error>

#include "base/check.h"
#include "catalog/entry_json.h"
#include "catalog/staging.h"

namespace plmm::catalog {
namespace {

constexpr char kSuffix[] = ".gguf";
constexpr std::size_t kTyposMax = 3;         // further off than this it is another word
constexpr std::size_t kShownBytesMax = 200;  // of a name in a message

/// The edit distance of Levenshtein: insertions, deletions and replacements of one byte.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, diagonal + 1, replaced});
    }
  }
  return row.back();
}

/// The catalogued name that was probably meant: few typos, or one that the name is the start of;
/// else null.
const ModelEntry* nearest(std::string_view name) {
  const ModelEntry* best = nullptr;
  std::size_t best_distance = kTyposMax + 1;
  for (const ModelEntry& entry : entries()) {
    const std::size_t distance = edit_distance(name, entry.name);
    if (distance < best_distance) {
      best = &entry;
      best_distance = distance;
    }
  }
  if (best != nullptr) return best;
  for (const ModelEntry& entry : entries()) {
    if (name.size() >= 3 && entry.name.find(name) != std::string::npos) return &entry;
  }
  return nullptr;
}

std::string unknown_name(std::string_view name) {
  std::string text =
      "no file and no model is called '" + std::string(name.substr(0, kShownBytesMax)) + "'";
  if (const ModelEntry* near = nearest(name)) return text + ". Did you mean '" + near->name + "'?";
  text += ". The catalogue has";
  const char* separator = " ";
  for (const ModelEntry& entry : entries()) {
    text += separator + entry.name;
    separator = ", ";
  }
  return text + ". Run: plmm ls";
}

const Catalog& built_in() {
  static const Catalog parsed = [] {
    auto result = parse_catalog(embedded_catalog());
    CHECK(result.has_value());
    return *std::move(result);
  }();
  return parsed;
}

const ModelEntry* named(std::string_view name, std::span<const ModelEntry> entries) {
  const auto at = std::ranges::find(entries, name, &ModelEntry::name);
  return at == entries.end() ? nullptr : &*at;
}

bool is_file(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

/// The entry whose weights have this file name; null when there is none.
const ModelEntry* entry_of_file(std::string_view file) {
  const auto all = entries();
  const auto at = std::ranges::find(all, file, &ModelEntry::file);
  return at == all.end() ? nullptr : &*at;
}

/// Removes `files`, their records, and what broken pulls of `name` left.
Result<std::uint64_t> remove_files(std::string_view name, std::span<const std::string> files,
                                   const std::filesystem::path& models, Error absent) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(models, ignored)) return std::unexpected(std::move(absent));
  const Lock lock = TRY(Lock::try_acquire(models, name));
  std::vector<std::filesystem::path> doomed{staging_folder(models, name)};
  for (const std::string& file : files) {
    doomed.push_back(models / file);
    doomed.push_back(source_record(models, file));
  }
  bool found = false;
  std::uint64_t freed = 0;
  for (const auto& path : doomed) {
    std::error_code error;
    if (!std::filesystem::exists(std::filesystem::symlink_status(path, error))) continue;
    found = true;
    freed += bytes_below(path);
    std::filesystem::remove_all(path, error);
    if (error) return fail(ErrorCode::io, path.string() + ": " + error.message());
  }
  if (!found) return std::unexpected(std::move(absent));
  return freed;
}

}  // namespace

std::span<const ModelEntry> entries() { return built_in().models; }

const ModelEntry* find(std::string_view name) { return named(name, built_in().models); }

std::span<const ModelEntry> documents() { return built_in().documents; }

const ModelEntry* find_documents(std::string_view name) {
  return named(name, built_in().documents);
}

bool is_here(const ModelEntry& entry, const std::filesystem::path& folder) {
  return holds(entry, folder);
}

std::uint64_t total_bytes(const ModelEntry& entry) {
  std::uint64_t total = 0;
  for (const ModelFile& file : files_of(entry)) total += file.bytes;
  return total;
}

Result<std::filesystem::path> resolve(std::string_view name_or_path,
                                      const std::filesystem::path& models) {
  if (const ModelEntry* entry = find(name_or_path)) {
    if (holds(*entry, models)) return models / entry->file;
    if (!is_file(name_or_path)) {
      return fail(
          ErrorCode::not_found,
          "the model '" + entry->name + "' is not on this machine. Run: plmm pull " + entry->name);
    }
  }
  if (is_file(name_or_path)) return std::filesystem::path(name_or_path);
  if (is_plain_name(name_or_path)) {
    const auto exact = models / name_or_path;
    if (is_file(exact)) return exact;
    const auto with_suffix = models / (std::string(name_or_path) + kSuffix);
    if (find(name_or_path) == nullptr && is_file(with_suffix)) return with_suffix;
  }
  return fail(ErrorCode::not_found, unknown_name(name_or_path));
}

Result<std::uint64_t> remove(const ModelEntry& entry, const std::filesystem::path& models) {
  TRY(check_names(entry));
  std::vector<std::string> files;
  for (const ModelFile& file : files_of(entry)) files.push_back(file.file);
  return remove_files(entry.name, files, models,
                      {ErrorCode::not_found, "'" + entry.name + "' is not in " + models.string()});
}

Result<std::uint64_t> remove(std::string_view name, const std::filesystem::path& models) {
  if (const ModelEntry* entry = find(name)) return remove(*entry, models);
  const std::string file = std::string(name) + (name.ends_with(kSuffix) ? "" : kSuffix);
  if (const ModelEntry* entry = entry_of_file(file)) return remove(*entry, models);
  const ModelEntry* near = nearest(name);
  Error absent{
      ErrorCode::not_found,
      "'" + std::string(name.substr(0, kShownBytesMax)) + "' is not in " + models.string() +
          (near == nullptr ? "." : ". Did you mean '" + near->name + "'?") + " Run: plmm ls"};
  if (!is_plain_name(file)) return std::unexpected(std::move(absent));
  return remove_files(file, std::span(&file, 1), models, std::move(absent));
}

std::vector<std::filesystem::path> other_files(const std::filesystem::path& models) {
  std::vector<std::filesystem::path> out;
  std::error_code error;
  for (auto at = std::filesystem::directory_iterator(models, error);
       !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    const std::string file = at->path().filename().string();
    const bool named = is_plain_name(file) && file.ends_with(kSuffix);
    if (named && is_file(at->path()) && entry_of_file(file) == nullptr) out.push_back(at->path());
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace plmm::catalog
