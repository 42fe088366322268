// How messages are read and written. For the .cpp files of this folder, which include
// <nlohmann/json.hpp> before it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "crypto/hash.h"
#include "ledger/types.h"
#include "protocol/json.h"

namespace plmm::protocol {

using Json = nlohmann::json;  // keeps keys in the order of their bytes

template <std::size_t n>
std::string hex_of(const std::array<std::byte, n>& bytes) {
  return crypto::to_hex(bytes);
}

/// Of an enumerator in a table of pairs, which Fields::one_of() reads.
template <class Names, class Value>
std::string_view name_of(const Names& names, Value value) {
  return std::ranges::find(names, value, &Names::value_type::first)->second;
}

template <class Item>
Json list_of(const std::vector<Item>& items, Json (*json_of)(const Item&)) {
  Json out = Json::array();
  for (const Item& item : items) out.push_back(json_of(item));
  return out;
}

/// Reads the fields of one object; `where_` names it in errors.
class Fields {
 public:
  Fields(const Json& object, std::string where) : object_(&object), where_(std::move(where)) {}

  std::unexpected<Error> wrong(std::string_view key, std::string_view what) const;
  const std::string& where() const { return where_; }

  Result<const Json*> any(const char* key) const;
  Result<std::string> text(const char* key) const;

  Result<std::uint64_t> count(const char* key) const;

  Result<std::uint32_t> small_count(const char* key) const;

  /// Milliseconds since 1970.
  Result<std::int64_t> time(const char* key) const;

  Result<bool> truth(const char* key) const;

  /// Negative ones pass: check() refuses them in its own words.
  Result<ledger::Microcredits> amount(const char* key) const;

  Result<ledger::Id128> id(const char* key) const;

  template <std::size_t n>
  Result<> bytes(const char* key, std::array<std::byte, n>& out) const {
    const auto bytes = crypto::from_hex(TRY(text(key)));
    if (!bytes || bytes->size() != n) {
      return wrong(key, "is not " + std::to_string(n) + " bytes as hex digits");
    }
    std::ranges::copy(*bytes, out.begin());
    return {};
  }

  Result<Fields> object(const char* key) const;

  Result<const Json*> list(const char* key, std::size_t n_max) const;

  Result<std::vector<std::string>> texts(const char* key, std::size_t n_max) const;

  /// The objects of a list, each read by `read`.
  template <class Item>
  Result<std::vector<Item>> objects(const char* key, std::size_t n_max,
                                    Result<Item> (*read)(const Fields&)) const {
    const Json* items = TRY(list(key, n_max));
    std::vector<Item> out;
    for (const Json& item : *items) {
      if (!item.is_object()) return wrong(key, "has an item that is not an object");
      const Fields fields(item, where_ + "." + key);
      out.push_back(TRY(read(fields)));
    }
    return out;
  }

  template <class Names>
  auto one_of(const char* key, const Names& names) const
      -> Result<typename Names::value_type::first_type> {
    const auto value = TRY(text(key));
    const auto found = std::ranges::find(names, value, &Names::value_type::second);
    if (found == names.end()) return wrong(key, "has a value that this version does not know");
    return found->first;
  }

 private:
  const Json* object_;
  std::string where_;
};

/// The object that `json` is, no larger than `n_bytes_max`. `kind` is named in errors, which are
/// those of parse_card() (json.h).
Result<Json> parse_object(std::string_view json, std::string_view kind, std::size_t n_bytes_max);
/// The message's version and kind, before any other field is looked at.
Result<> check_head(const Fields& fields);
Json head(const char* kind);
std::string dump(const Json& json);

/// check() of both directions, with the message's kind before its words.
template <class Message>
Result<> checked(const Message& message, std::string_view kind) {
  auto result = check(message);
  if (!result) result.error().what = std::string(kind) + ": " + result.error().what;
  return result;
}

/// `read` gives the message's fields their values; what it is given has none yet.
template <class Message>
Result<Message> parse(std::string_view json, const char* kind,
                      Result<Message> (*read)(const Fields&, Message),
                      std::size_t n_bytes_max = kMessageBytesMax) {
  const auto root = TRY(parse_object(json, kind, n_bytes_max));
  const Fields fields(root, kind);
  TRY(check_head(fields));
  auto message = TRY(read(fields, Message{}));
  TRY(checked(message, kind));
  return message;
}

}  // namespace plmm::protocol
