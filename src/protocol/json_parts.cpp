// nlohmann-json parses without exceptions here; each field is checked before it is used.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "protocol/ids.h"
#include "protocol/json_parts.h"
#include "text/unicode.h"

namespace plmm::protocol {
namespace {

/// Stops the parser at what it need not read to the end: too deep, or a key twice in one object.
class Watch {
 public:
  bool operator()(int depth, Json::parse_event_t event, const Json& value) {
    if (depth > kDepthMax) too_deep_ = true;
    const auto level = static_cast<std::size_t>(std::clamp(depth, 0, kDepthMax));
    if (event == Json::parse_event_t::object_start) keys_[std::min(level + 1, kLevels - 1)].clear();
    if (event == Json::parse_event_t::key) {
      twice_ = twice_ || !keys_[level].insert(value.get_ref<const std::string&>()).second;
    }
    return !too_deep_ && !twice_;
  }
  bool too_deep() const { return too_deep_; }
  bool twice() const { return twice_; }

 private:
  static constexpr std::size_t kLevels = kDepthMax + 1;
  std::array<std::set<std::string>, kLevels> keys_;  // of the open object at each depth
  bool too_deep_ = false;
  bool twice_ = false;
};

Result<> check_utf8(std::string_view text, std::string_view kind) {
  const auto at = text::valid_bytes(text);
  if (at == text.size()) return {};
  return fail(ErrorCode::corrupt_data, fmt::format("{}: not UTF-8 at byte {}", kind, at));
}

}  // namespace

Result<const Json*> Fields::any(const char* key) const {
  const auto found = object_->find(key);
  if (found == object_->end()) return wrong(key, "is missing");
  return &*found;
}

Result<std::string> Fields::text(const char* key) const {
  const Json* value = TRY(any(key));
  if (!value->is_string()) return wrong(key, "is not a string");
  return value->get<std::string>();
}

Result<std::uint64_t> Fields::count(const char* key) const {
  const Json* value = TRY(any(key));
  if (!value->is_number_unsigned()) return wrong(key, "is not a whole number of 0 or more");
  return value->get<std::uint64_t>();
}

Result<std::uint32_t> Fields::small_count(const char* key) const {
  const auto value = TRY(count(key));
  if (!std::in_range<std::uint32_t>(value)) return wrong(key, "is over 4,294,967,295");
  return static_cast<std::uint32_t>(value);
}

Result<std::int64_t> Fields::time(const char* key) const {
  const auto time_ms = TRY(count(key));
  if (time_ms > kIntegerMax) return wrong(key, "is over 2^53 - 1");
  return static_cast<std::int64_t>(time_ms);
}

Result<bool> Fields::truth(const char* key) const {
  const Json* value = TRY(any(key));
  if (!value->is_boolean()) return wrong(key, "is neither true nor false");
  return value->get<bool>();
}

Result<ledger::Microcredits> Fields::amount(const char* key) const {
  const Json* value = TRY(any(key));
  if (!value->is_number_integer()) return wrong(key, "is not a whole number of micro-credits");
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > kIntegerMax) {
    return wrong(key, "is over 2^53 - 1");
  }
  return ledger::Microcredits{value->get<std::int64_t>()};
}

Result<ledger::Id128> Fields::id(const char* key) const {
  const auto id = id_from_hex(TRY(text(key)));
  if (!id) return wrong(key, "is not an id of 32 hex digits");
  return *id;
}

Result<Fields> Fields::object(const char* key) const {
  const Json* value = TRY(any(key));
  if (!value->is_object()) return wrong(key, "is not an object");
  return Fields(*value, where_ + "." + key);
}

Result<const Json*> Fields::list(const char* key, std::size_t n_max) const {
  const Json* value = TRY(any(key));
  if (!value->is_array()) return wrong(key, "is not a list");
  if (value->size() > n_max) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("{}: '{}' has more than {} items", where_, key, n_max));
  }
  return value;
}

Result<std::vector<std::string>> Fields::texts(const char* key, std::size_t n_max) const {
  const Json* items = TRY(list(key, n_max));
  std::vector<std::string> out;
  for (const Json& item : *items) {
    if (!item.is_string()) return wrong(key, "has an item that is not a string");
    out.push_back(item.get<std::string>());
  }
  return out;
}

std::unexpected<Error> Fields::wrong(std::string_view key, std::string_view what) const {
  return fail(ErrorCode::corrupt_data, fmt::format("{}: '{}' {}", where_, key, what));
}

Result<Json> parse_object(std::string_view json, std::string_view kind, std::size_t n_bytes_max) {
  if (json.size() > n_bytes_max) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("{}: larger than {} bytes", kind, n_bytes_max));
  }
  TRY(check_utf8(json, kind));
  Watch watch;
  auto root = Json::parse(
      json,
      [&](int depth, Json::parse_event_t event, Json& value) { return watch(depth, event, value); },
      false);
  if (watch.too_deep()) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("{}: nested deeper than {} levels", kind, kDepthMax));
  }
  if (watch.twice()) return fail(ErrorCode::corrupt_data, fmt::format("{}: a key twice", kind));
  if (root.is_discarded() || !root.is_object()) {
    return fail(ErrorCode::corrupt_data, fmt::format("{}: not a JSON object", kind));
  }
  return root;
}

Error other_version(std::string_view theirs) {
  return {ErrorCode::unsupported,
          fmt::format("the other side speaks version {} of the protocol, this plmm speaks version "
                      "{}. Update the older of the two.",
                      theirs, kVersion)};
}

Result<> check_head(const Fields& fields) {
  const auto version = TRY(fields.count("version"));
  if (version != kVersion) {
    auto error = other_version(std::to_string(version));
    error.what = fields.where() + ": " + error.what;
    return std::unexpected(std::move(error));
  }
  if (TRY(fields.text("kind")) != fields.where()) {
    return fail(ErrorCode::corrupt_data,
                fmt::format("{}: the message is of another kind", fields.where()));
  }
  return {};
}

Json head(const char* kind) { return {{"kind", kind}, {"version", kVersion}}; }

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace plmm::protocol
