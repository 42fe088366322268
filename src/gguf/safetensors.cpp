// The safetensors parser: a length, a JSON header taken event by event, then the tensors' bytes end
// to end.
#include "gguf/safetensors.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/bytes.h"
#include "base/narrow.h"
#include "gguf/format.h"

namespace plmm::gguf {
namespace {

constexpr std::string_view kMetadataKey = "__metadata__";
constexpr const char* kCutShort = "cut short?";
constexpr const char* kDamaged = "damaged?";

struct ElementType {
  std::string_view name;
  std::uint64_t n_bytes;
  std::optional<tensor::DType> type;  // nothing: known, but not handed out
};
constexpr ElementType kElementTypes[] = {{"F32", 4, tensor::DType::f32},
                                         {"F16", 2, tensor::DType::f16},
                                         {"BF16", 2, tensor::DType::bf16},
                                         {"F64", 8, {}},
                                         {"I64", 8, {}},
                                         {"I32", 4, {}},
                                         {"I16", 2, {}},
                                         {"I8", 1, {}},
                                         {"U64", 8, {}},
                                         {"U32", 4, {}},
                                         {"U16", 2, {}},
                                         {"U8", 1, {}},
                                         {"BOOL", 1, {}},
                                         {"F8_E4M3", 1, {}},
                                         {"F8_E5M2", 1, {}}};

/// What the header says of one tensor.
struct Claim {
  std::string name;
  std::string type;
  std::vector<std::uint64_t> shape;
  std::vector<std::uint64_t> offsets;  // begin and end in the data
};

/// The header's grammar, and nothing else that JSON could say:
///   { name: {"dtype": string, "shape": [n…], "data_offsets": [n, n]} …, "__metadata__": {string…}
///   }
/// Each event answers whether to go on; the first error stands in `error`.
class HeaderEvents : public nlohmann::json_sax<nlohmann::json> {
 public:
  std::vector<Claim> claims;
  SafetensorsMetadata metadata;
  std::optional<Error> error;

  bool null() override { return unexpected(); }
  bool boolean(bool) override { return unexpected(); }
  bool number_integer(number_integer_t) override { return unexpected(); }  // below zero
  bool number_float(number_float_t, const string_t&) override { return unexpected(); }
  bool binary(binary_t&) override { return unexpected(); }

  bool number_unsigned(number_unsigned_t value) override {
    if (place_ != Place::list) return unexpected();
    const std::size_t n_max = list_ == &claims.back().shape ? kSafetensorDimsMax : 2;
    if (list_->size() == n_max) return stop(ErrorCode::corrupt_data, "has too long a list");
    list_->push_back(value);
    return true;
  }

  bool string(string_t& text) override {
    if (place_ == Place::metadata) {
      if (metadata.size() == kSafetensorsMetadataMax) {
        claims.clear();
        return stop(ErrorCode::limit_exceeded, "has more than 1,000 entries of metadata");
      }
      metadata.insert_or_assign(key_, std::move(text));
      return true;
    }
    if (place_ != Place::tensor || key_ != "dtype") return unexpected();
    claims.back().type = std::move(text);
    return true;
  }

  bool start_object(std::size_t) override {
    if (place_ == Place::outside) {
      place_ = Place::top;
    } else if (place_ == Place::top && key_ == kMetadataKey) {
      place_ = Place::metadata;
    } else if (place_ == Place::top) {
      place_ = Place::tensor;
      seen_ = 0;
    } else {
      return unexpected();
    }
    return true;
  }

  bool key(string_t& text) override {
    key_ = std::move(text);
    if (place_ == Place::tensor) return tensor_key();
    if (place_ != Place::top || key_ == kMetadataKey) return true;
    if (claims.size() == kSafetensorsMax) {
      claims.clear();  // or the error would name the last of them
      return stop(ErrorCode::limit_exceeded,
                  "has more than " + grouped(kSafetensorsMax) + " tensors");
    }
    if (key_.empty() || key_.size() > kSafetensorNameBytesMax || !is_visible_ascii(key_)) {
      claims.clear();
      return stop(ErrorCode::corrupt_data, "has a tensor whose name is no name: " + escaped(key_));
    }
    claims.push_back({.name = key_, .type = {}, .shape = {}, .offsets = {}});
    return true;
  }

  bool end_object() override {
    constexpr unsigned kAllKeys = 7;
    if (place_ == Place::tensor && seen_ != kAllKeys) {
      return stop(ErrorCode::corrupt_data, "lacks dtype, shape or data_offsets");
    }
    place_ = place_ == Place::top ? Place::outside : Place::top;
    return true;
  }

  bool start_array(std::size_t) override {
    if (place_ != Place::tensor || key_ == "dtype") return unexpected();
    list_ = key_ == "shape" ? &claims.back().shape : &claims.back().offsets;
    place_ = Place::list;
    return true;
  }

  bool end_array() override {
    place_ = Place::tensor;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    claims.clear();
    return stop(ErrorCode::corrupt_data, "is not JSON at its byte " + grouped(position));
  }

 private:
  enum class Place : std::uint8_t { outside, top, metadata, tensor, list };

  /// Ends the parse: "header WHAT", or "tensor NAME WHAT" inside of one.
  bool stop(ErrorCode code, const std::string& what) {
    if (!error) {
      error =
          Error{code, (claims.empty() ? "the header" : "tensor " + escaped(claims.back().name)) +
                          " " + what};
    }
    return false;
  }
  bool unexpected() {
    return stop(ErrorCode::corrupt_data, "has a value of a kind that does not belong there");
  }
  bool tensor_key() {
    const unsigned bit = key_ == "dtype" ? 1 : key_ == "shape" ? 2 : key_ == "data_offsets" ? 4 : 0;
    if (bit == 0) return stop(ErrorCode::corrupt_data, "has an unknown key " + escaped(key_));
    if ((seen_ & bit) != 0) return stop(ErrorCode::corrupt_data, "says " + key_ + " twice");
    seen_ |= bit;
    return true;
  }

  Place place_ = Place::outside;
  std::string key_;
  unsigned seen_ = 0;  // keys of the tensor so far
  std::vector<std::uint64_t>* list_ = nullptr;
};

std::unexpected<Error> fail_file(std::string_view name, ErrorCode code, const std::string& what,
                                 const char* hint) {
  return fail(code, std::string(name) + ": " + what + " (" + hint + "). Run: plmm pull MODEL");
}

Result<const ElementType*> element_type(const Claim& claim, std::string_view name) {
  const auto* const type = std::ranges::find(kElementTypes, claim.type, &ElementType::name);
  if (type != std::end(kElementTypes)) return type;
  return fail_file(name, ErrorCode::unsupported,
                   "tensor " + escaped(claim.name) + " is of type " + escaped(claim.type) +
                       ", which is none of ours",
                   "made by a newer program?");
}

/// The size that type and shape ask for is that of the bytes claimed, and these are in the file.
Result<> check_claim(const Claim& claim, const ElementType& type, std::uint64_t data_bytes,
                     std::string_view name) {
  const auto corrupt = [&](const std::string& what, const char* hint) {
    return fail_file(name, ErrorCode::corrupt_data, "tensor " + escaped(claim.name) + " " + what,
                     hint);
  };
  std::optional<std::uint64_t> n_bytes = type.n_bytes;
  for (const std::uint64_t n : claim.shape) n_bytes = n_bytes ? checked_mul(*n_bytes, n) : n_bytes;
  if (!n_bytes) return corrupt("has a shape of more than 64 bits", kDamaged);
  if (claim.offsets.size() != 2 || claim.offsets[0] > claim.offsets[1]) {
    return corrupt("has no range of bytes", kDamaged);
  }
  const std::uint64_t begin = claim.offsets[0], end = claim.offsets[1];
  if (end > data_bytes) {
    return corrupt(
        "ends at byte " + grouped(end) + " of the data, which has " + grouped(data_bytes),
        kCutShort);
  }
  if (end - begin != *n_bytes) {
    return corrupt("has " + grouped(end - begin) + " bytes, its shape needs " + grouped(*n_bytes),
                   kDamaged);
  }
  return {};
}

/// Tensors lie end to end: none overlaps another, and no byte belongs to none.
Result<> check_order(std::vector<Claim>& claims, std::uint64_t data_bytes, std::string_view name) {
  std::ranges::sort(claims, {}, &Claim::offsets);
  std::uint64_t at = 0;
  for (const Claim& claim : claims) {
    if (claim.offsets[0] != at) {
      return fail_file(name, ErrorCode::corrupt_data,
                       "tensor " + escaped(claim.name) + " begins at byte " +
                           grouped(claim.offsets[0]) + " of the data, the one before ends at " +
                           grouped(at),
                       kDamaged);
    }
    at = claim.offsets[1];
  }
  if (at == data_bytes) return {};
  return fail_file(
      name, ErrorCode::corrupt_data,
      "the tensors end at byte " + grouped(at) + " of the data, which has " + grouped(data_bytes),
      kDamaged);
}

Result<HeaderEvents> parse_header(std::string_view header, std::string_view name) {
  HeaderEvents events;
  // The format wants the first byte to be a brace; nothing else could be an object anyway.
  const bool whole = nlohmann::json::sax_parse(header.begin(), header.end(), &events);
  if (events.error) return fail_file(name, events.error->code, events.error->what, kDamaged);
  CHECK(whole);
  return events;
}

}  // namespace

Result<SafetensorsReader> SafetensorsReader::open(const std::filesystem::path& path) {
  auto map = TRY(MappedFile::open(path));
  auto out = TRY(parse(map.bytes(), path.string()));
  out.map_ = std::move(map);
  return out;
}

Result<SafetensorsReader> SafetensorsReader::parse(std::span<const std::byte> bytes,
                                                   std::string_view name) {
  ByteReader cursor(bytes);
  const auto n_header = cursor.read<std::uint64_t>("the length of the header");
  if (!n_header || *n_header > kSafetensorsHeaderBytesMax || *n_header > cursor.remaining()) {
    const bool too_long = n_header && *n_header > kSafetensorsHeaderBytesMax;
    return fail_file(name, too_long ? ErrorCode::limit_exceeded : ErrorCode::corrupt_data,
                     "the header is said to have " + grouped(n_header.value_or(0)) +
                         " bytes, the file has " + grouped(bytes.size()),
                     too_long ? "not a safetensors file?" : kCutShort);
  }
  const auto header = TRY(cursor.take(*n_header, "the header"));
  const auto data = TRY(cursor.take(cursor.remaining(), "the data"));
  const std::string_view text(reinterpret_cast<const char*>(header.data()), header.size());
  auto events = TRY(parse_header(text, name));
  std::vector<Claim>& claims = events.claims;
  SafetensorsReader out;
  out.metadata_ = std::move(events.metadata);
  out.name_ = name;
  for (const Claim& claim : claims) {
    const auto* const type = TRY(element_type(claim, name));
    TRY(check_claim(claim, *type, data.size(), name));
    if (!type->type) continue;
    out.tensors_.push_back({claim.name, *type->type, claim.shape,
                            data.subspan(claim.offsets[0], claim.offsets[1] - claim.offsets[0])});
  }
  TRY(check_order(claims, data.size(), name));
  std::ranges::sort(claims, {}, &Claim::name);
  const auto twin = std::ranges::adjacent_find(claims, {}, &Claim::name);
  if (twin != claims.end()) {
    return fail_file(name, ErrorCode::corrupt_data,
                     "tensor " + escaped(twin->name) + " stands twice", kDamaged);
  }
  std::ranges::sort(out.tensors_, {}, &Safetensor::name);
  return out;
}

const Safetensor* SafetensorsReader::tensor(std::string_view name) const {
  const auto at = std::ranges::lower_bound(tensors_, name, {}, &Safetensor::name);
  return at != tensors_.end() && at->name == name ? &*at : nullptr;
}

Result<> write_safetensors(const std::filesystem::path& path, std::vector<Safetensor> tensors,
                           const SafetensorsMetadata& metadata) {
  constexpr std::size_t kAlignment = 8;  // of the data, as the format's own writer has it
  std::ranges::sort(tensors, {}, &Safetensor::name);
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header[kMetadataKey] = metadata;
  std::uint64_t at = 0;
  for (const Safetensor& t : tensors) {
    const auto* const type =
        std::ranges::find(kElementTypes, std::optional(t.type), &ElementType::type);
    CHECK(type != std::end(kElementTypes) && !header.contains(t.name));
    header[t.name] = {
        {"dtype", type->name}, {"shape", t.shape}, {"data_offsets", {at, at + t.data.size()}}};
    at += t.data.size();
  }
  std::string text = header.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
  text.resize((text.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  const std::uint64_t n = text.size();
  std::string out(sizeof n, '\0');
  std::memcpy(out.data(), &n, sizeof n);
  out.reserve(out.size() + text.size() + at);
  out += text;
  for (const Safetensor& t : tensors)
    out.append(reinterpret_cast<const char*>(t.data.data()), t.data.size());
  return write_file_atomically(path, out);
}

}  // namespace plmm::gguf
