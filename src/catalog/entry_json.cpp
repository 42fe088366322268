// Parses and checks the catalogue with nlohmann-json.
#include "catalog/entry_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/narrow.h"

namespace plmm::catalog {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kTextBytesMax = 1000;  // of any one string
constexpr std::size_t kPartsMax = 1000;
constexpr std::size_t kModelsMax = 1000;
constexpr std::size_t kNameBytesMax =
    100;  // leaves room for ".partial-" and more under the usual 255

/// Reads fields of one JSON object; `where_` names it in errors.
class Fields {
 public:
  Fields(const Json& object, std::string where) : object_(object), where_(std::move(where)) {}

  std::unexpected<Error> wrong(std::string_view key, std::string_view what) const {
    return fail(ErrorCode::corrupt_data,
                "catalogue: " + where_ + ": '" + std::string(key) + "' " + std::string(what));
  }

  /// Whether the object has the key; false also when it is no object at all.
  bool has(const char* key) const { return object_.is_object() && object_.contains(key); }

  Result<std::string> text(const char* key) const {
    if (!has(key) || !object_[key].is_string()) return wrong(key, "is not a string");
    const auto& value = object_[key].get_ref<const std::string&>();
    if (value.empty() || value.size() > kTextBytesMax) return wrong(key, "is empty or too long");
    return value;
  }

  Result<std::uint64_t> count(const char* key) const {
    if (!has(key) || !object_[key].is_number_unsigned()) return wrong(key, "is not a whole number");
    return object_[key].get<std::uint64_t>();
  }

  Result<const Json*> list(const char* key, std::size_t n_max) const {
    if (!has(key) || !object_[key].is_array()) return wrong(key, "is not a list");
    if (object_[key].empty() || object_[key].size() > n_max) {
      return wrong(key, "has no items or more than " + std::to_string(n_max));
    }
    return &object_[key];
  }

 private:
  const Json& object_;
  std::string where_;
};

Result<Part> parse_part(const Json& json, const std::string& where) {
  const Fields fields(json, where);
  Part part;
  part.package = TRY(fields.text("package"));
  part.version = TRY(fields.text("version"));
  part.member = TRY(fields.text("member"));
  part.sha256 = TRY(fields.text("sha256"));
  part.bytes = TRY(fields.count("bytes"));
  part.wheel_bytes = TRY(fields.count("wheel_bytes"));
  return part;
}

Result<ModelFile> parse_file(const Json& json, const std::string& where) {
  const Fields fields(json, where);
  ModelFile file;
  file.file = TRY(fields.text("file"));
  file.sha256 = TRY(fields.text("sha256"));
  file.bytes = TRY(fields.count("bytes"));
  if (fields.has("url")) {
    file.url = TRY(fields.text("url"));
    return file;
  }
  for (const auto& part : *TRY(fields.list("parts", kPartsMax))) {
    file.parts.push_back(TRY(parse_part(part, where + " " + file.file)));
  }
  return file;
}

enum class EntryKind : std::uint8_t { model, documents };

Result<ModelEntry> parse_entry(const Json& json, EntryKind kind) {
  const std::string name = TRY(Fields(json, "entry").text("name"));
  const Fields fields(json, name);
  ModelEntry entry;
  entry.name = name;
  entry.summary = TRY(fields.text("summary"));
  entry.licence = TRY(fields.text("licence"));
  if (kind == EntryKind::model) {
    entry.chat_template = TRY(fields.text("chat_template"));
    entry.role = TRY(fields.text("role"));
  }
  for (const auto& file : *TRY(fields.list("files", kPartsMax))) {
    entry.companions.push_back(TRY(parse_file(file, name)));
  }
  static_cast<ModelFile&>(entry) = entry.companions.front();
  entry.companions.erase(entry.companions.begin());
  return entry;
}

std::unexpected<Error> broken(const std::string& entry, std::string_view what) {
  return fail(ErrorCode::invalid_argument, "catalogue: '" + entry + "': " + std::string(what));
}

Result<> check_part(const ModelEntry& entry, const Part& part) {
  if (!is_plain_name(part.package) || !is_plain_name(part.version)) {
    return broken(entry.name, "a package's name or version has other than letters, digits, ._-");
  }
  if (part.member.empty() || !is_sha256(part.sha256)) {
    return broken(entry.name, "a part has no member or no sha256 of 64 lower-case hex digits");
  }
  if (part.bytes == 0 || part.wheel_bytes == 0 || part.wheel_bytes > kModelBytesMax) {
    return broken(entry.name, "a part's size is zero or over the limit");
  }
  return {};
}

Result<> check_file(const ModelEntry& entry, const ModelFile& file) {
  if (!is_sha256(file.sha256)) return broken(entry.name, "sha256 is not 64 lower-case hex digits");
  if (file.bytes == 0 || file.bytes > kModelBytesMax) {
    return broken(entry.name, "size is zero or over " + std::to_string(kModelBytesMax));
  }
  if (file.parts.empty() == file.url.empty()) return broken(entry.name, "needs parts or a URL");
  if (!file.url.empty()) return {};
  std::uint64_t left = file.bytes;
  for (const Part& part : file.parts) {
    TRY(check_part(entry, part));
    if (part.bytes > left) return broken(entry.name, "parts are larger than the file");
    left -= part.bytes;
  }
  if (left != 0) return broken(entry.name, "parts are smaller than the file");
  return {};
}

}  // namespace

bool is_plain_name(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  if (name.empty() || name.size() > kNameBytesMax) return false;
  return name.front() != '.' && name.front() != '-' && std::ranges::all_of(name, plain);
}

bool is_sha256(std::string_view text) {
  const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.size() == 64 && std::ranges::all_of(text, hex);
}

std::vector<ModelFile> files_of(const ModelEntry& entry) {
  std::vector<ModelFile> files = entry.companions;
  files.push_back(entry);
  return files;
}

Result<> check_names(const ModelEntry& entry) {
  bool plain = is_plain_name(entry.name);
  for (const ModelFile& file : files_of(entry)) plain = plain && is_plain_name(file.file);
  if (!plain) return broken(entry.name, "a name has other than letters, digits, ._-");
  return {};
}

Result<> check_entry(const ModelEntry& entry) {
  TRY(check_names(entry));
  const auto files = files_of(entry);
  for (std::size_t i = 0; i < files.size(); ++i) {
    TRY(check_file(entry, files[i]));
    for (std::size_t j = 0; j < i; ++j) {
      if (files[i].file == files[j].file) return broken(entry.name, "two files have one name");
    }
  }
  return {};
}

Result<Catalog> parse_catalog(std::string_view json) {
  const Json root = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (root.is_discarded()) return fail(ErrorCode::corrupt_data, "catalogue: not JSON");
  const Fields fields(root, "top");
  const auto version = TRY(fields.count("version"));
  if (version != kVersion) {
    return fail(ErrorCode::unsupported, "catalogue: version " + std::to_string(version) +
                                            ", this program reads version " +
                                            std::to_string(kVersion));
  }
  Catalog out;
  std::set<std::string> names;
  const auto parse = [&](const char* key, EntryKind kind,
                         std::vector<ModelEntry>& entries) -> Result<> {
    for (const auto& item : *TRY(fields.list(key, kModelsMax))) {
      auto entry = TRY(parse_entry(item, kind));
      TRY(check_entry(entry));
      if (!names.insert(entry.name).second) return broken(entry.name, "is there twice");
      entries.push_back(std::move(entry));
    }
    return {};
  };
  TRY(parse("models", EntryKind::model, out.models));
  if (fields.has("documents")) TRY(parse("documents", EntryKind::documents, out.documents));
  return out;
}

}  // namespace plmm::catalog
