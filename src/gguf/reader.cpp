// The GGUF parser. It holds nothing that the file says before it has checked it, and allocates only
// for bytes it has seen.
#include "gguf/reader.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <utility>

#include "base/bytes.h"
#include "base/narrow.h"
#include "gguf/format.h"

namespace plmm::gguf {
namespace {

constexpr std::uint64_t kEntryBytesMin = 8 + 1 + 4 + 1;           // key length, key, type, value
constexpr std::uint64_t kTensorBytesMin = 8 + 1 + 4 + 8 + 4 + 8;  // name, n_dims, ne, type, offset
constexpr const char* kCutShort = "cut short?";
constexpr const char* kDamaged = "damaged?";

/// "NAME: WHAT (HINT). Run: …".
std::unexpected<Error> fail_file(ErrorCode code, std::string_view name, const std::string& what,
                                 std::string_view hint) {
  std::string text(name);
  text += ": " + what + " (";
  text += hint;
  text += code == ErrorCode::unsupported ? "). Run: plmm ls" : "). Run: plmm pull MODEL";
  return fail(code, std::move(text));
}

/// Where a tensor's bytes lie, relative to the data section, and where it was declared.
struct Extent {
  std::uint64_t offset;
  std::uint64_t size;
};

class Parser {
 public:
  Parser(std::span<const std::byte> bytes, std::string_view name)
      : bytes_(bytes), name_(name), cursor_(bytes) {}

  Result<> parse();

  std::uint32_t version = 0;
  std::vector<Entry> entries;
  std::vector<TensorInfo> tensors;

 private:
  std::unexpected<Error> fail_at(std::size_t offset, ErrorCode code, const std::string& cause,
                                 std::string_view hint) const {
    return fail_file(code, name_, "byte " + grouped(offset) + ": " + cause, hint);
  }
  std::unexpected<Error> corrupt_at(std::size_t offset, const std::string& cause) const {
    return fail_at(offset, ErrorCode::corrupt_data, cause, kDamaged);
  }
  std::size_t offset_of(std::string_view inside) const {
    return static_cast<std::size_t>(reinterpret_cast<const std::byte*>(inside.data()) -
                                    bytes_.data());
  }

  Result<> need(std::uint64_t n, const char* field) const;
  Result<std::span<const std::byte>> take(std::uint64_t n, const char* field);
  template <class T>
  Result<T> read(const char* field);
  Result<std::uint64_t> count(const char* field, std::uint64_t max, std::uint64_t bytes_each);
  Result<std::string_view> string(const char* field, std::uint64_t bytes_max);
  Result<std::string_view> name_string(const char* field, std::uint64_t bytes_max);

  Result<> header();
  Result<> metadata();
  Result<Value> value(ValueType type, std::size_t at);
  Result<bool> boolean(std::uint8_t raw, std::size_t at) const;
  Result<Value> array();
  template <class T, class Wide>
  Result<Value> numbers(std::uint64_t n);
  Result<Value> booleans(std::uint64_t n);
  Result<Value> strings(std::uint64_t n);
  Result<> alignment();

  Result<> tensor_infos();
  Result<> tensor_info();
  Result<std::uint64_t> tensor_size(const TensorInfo& info, std::size_t at) const;
  Result<> place_tensors();
  Result<> check_overlaps() const;

  std::span<const std::byte> bytes_;
  std::string_view name_;
  ByteReader cursor_;
  std::uint64_t n_tensors_ = 0;
  std::uint64_t n_entries_ = 0;
  std::uint64_t alignment_ = kAlignmentDefault;
  std::vector<Extent> extents_;  // of tensors[i], until they are sorted by name
};

Result<> Parser::need(std::uint64_t n, const char* field) const {
  if (n <= cursor_.remaining()) return {};
  return fail_at(cursor_.offset(), ErrorCode::corrupt_data,
                 std::string(field) + " needs " + grouped(n) + " bytes, " +
                     grouped(cursor_.remaining()) + " left",
                 kCutShort);
}

Result<std::span<const std::byte>> Parser::take(std::uint64_t n, const char* field) {
  TRY(need(n, field));
  return cursor_.take(n, field);
}

template <class T>
Result<T> Parser::read(const char* field) {
  TRY(need(sizeof(T), field));
  return cursor_.read<T>(field);
}

/// A count of things that take at least `bytes_each` bytes each: within the limit and within what
/// is left.
Result<std::uint64_t> Parser::count(const char* field, std::uint64_t max,
                                    std::uint64_t bytes_each) {
  const std::size_t at = cursor_.offset();
  const auto n = TRY(read<std::uint64_t>(field));
  if (n > max) {
    return fail_at(
        at, ErrorCode::limit_exceeded,
        std::string(field) + " is " + grouped(n) + ", at most " + grouped(max) + " are read",
        kDamaged);
  }
  if (n > cursor_.remaining() / bytes_each) {
    return fail_at(at, ErrorCode::corrupt_data,
                   std::string(field) + " is " + grouped(n) + ", which needs " +
                       grouped(n * bytes_each) + " bytes, " + grouped(cursor_.remaining()) +
                       " left",
                   kCutShort);
  }
  return n;
}

Result<std::string_view> Parser::string(const char* field, std::uint64_t bytes_max) {
  const auto n = TRY(count(field, bytes_max, 1));
  const auto raw = TRY(take(n, field));
  return std::string_view(reinterpret_cast<const char*>(raw.data()), raw.size());
}

/// A key or tensor name: not empty, visible ASCII only, so that it can stand in errors and
/// listings.
Result<std::string_view> Parser::name_string(const char* field, std::uint64_t bytes_max) {
  const std::size_t at = cursor_.offset();
  const auto text = TRY(string(field, bytes_max));
  if (text.empty()) return corrupt_at(at, std::string(field) + " is 0");
  if (!is_visible_ascii(text)) {
    return corrupt_at(at + 8, "name " + escaped(text) + " has characters that no name has");
  }
  return text;
}

Result<> Parser::header() {
  const auto magic = TRY(read<std::uint32_t>("the magic number"));
  if (magic != kMagic) {
    const std::string_view start(reinterpret_cast<const char*>(bytes_.data()), 4);
    return fail_at(0, ErrorCode::corrupt_data, "starts with " + escaped(start) + ", not 'GGUF'",
                   "not a model, or a web page saved in its place?");
  }
  version = TRY(read<std::uint32_t>("the version"));
  if (version >= kVersionOldest && version <= kVersion) {
    n_tensors_ = TRY(count("the number of tensors", kTensorsMax, kTensorBytesMin));
    n_entries_ = TRY(count("the number of metadata entries", kEntriesMax, kEntryBytesMin));
    return {};
  }
  if (version != 0 && std::byteswap(version) <= kVersion) {
    return fail_at(4, ErrorCode::unsupported, "the file is big-endian", "made for another machine");
  }
  return fail_at(4, ErrorCode::unsupported,
                 "GGUF version " + grouped(version) + ", versions 2 and 3 are read",
                 version > kVersion ? "made by a newer program" : "made by an old program");
}

Result<> Parser::metadata() {
  entries.reserve(n_entries_);
  for (std::uint64_t i = 0; i < n_entries_; ++i) {
    const auto key = TRY(name_string("the length of a key", kKeyBytesMax));
    const std::size_t at = cursor_.offset();
    const auto type = TRY(read<std::uint32_t>("a value's type"));
    entries.push_back({key, TRY(value(static_cast<ValueType>(type), at))});
  }
  std::ranges::sort(entries, {}, &Entry::key);
  const auto twin = std::ranges::adjacent_find(entries, {}, &Entry::key);
  if (twin != entries.end()) {
    const std::size_t at = std::max(offset_of(twin->key), offset_of(std::next(twin)->key));
    return corrupt_at(at, "key " + escaped(twin->key) + " stands twice");
  }
  return alignment();
}

Result<Value> Parser::value(ValueType type, std::size_t at) {
  constexpr const char* kField = "a value";
  switch (type) {
    case ValueType::u8:
      return Value(std::uint64_t{TRY(read<std::uint8_t>(kField))});
    case ValueType::i8:
      return Value(std::int64_t{TRY(read<std::int8_t>(kField))});
    case ValueType::u16:
      return Value(std::uint64_t{TRY(read<std::uint16_t>(kField))});
    case ValueType::i16:
      return Value(std::int64_t{TRY(read<std::int16_t>(kField))});
    case ValueType::u32:
      return Value(std::uint64_t{TRY(read<std::uint32_t>(kField))});
    case ValueType::i32:
      return Value(std::int64_t{TRY(read<std::int32_t>(kField))});
    case ValueType::u64:
      return Value(TRY(read<std::uint64_t>(kField)));
    case ValueType::i64:
      return Value(TRY(read<std::int64_t>(kField)));
    case ValueType::f32:
      return Value(double{TRY(read<float>(kField))});
    case ValueType::f64:
      return Value(TRY(read<double>(kField)));
    case ValueType::boolean: {
      const auto raw = TRY(read<std::uint8_t>(kField));
      return Value(TRY(boolean(raw, at + 4)));
    }
    case ValueType::string:
      return Value(TRY(string("the length of a string", kStringBytesMax)));
    case ValueType::array:
      return array();
  }
  return corrupt_at(at,
                    "value type " + grouped(static_cast<std::uint32_t>(type)) + " does not exist");
}

Result<bool> Parser::boolean(std::uint8_t raw, std::size_t at) const {
  if (raw > 1) return corrupt_at(at, "a yes-or-no value is " + grouped(raw) + ", not 0 or 1");
  return raw == 1;
}

Result<Value> Parser::array() {
  const std::size_t at = cursor_.offset();
  const auto type = TRY(read<std::uint32_t>("an array's element type"));
  if (type == static_cast<std::uint32_t>(ValueType::array)) {
    return fail_at(at, ErrorCode::unsupported, "an array of arrays",
                   "not part of any model we run");
  }
  constexpr std::uint64_t kBytesEach[] = {1, 1, 2, 2, 4, 4, 4, 1, 8, 0, 8, 8, 8};  // by ValueType
  if (type >= std::size(kBytesEach)) {
    return corrupt_at(at, "array element type " + grouped(type) + " does not exist");
  }
  const auto n = TRY(count("the length of an array", kArrayMax, kBytesEach[type]));
  switch (static_cast<ValueType>(type)) {
    case ValueType::u8:
      return numbers<std::uint8_t, std::int64_t>(n);
    case ValueType::i8:
      return numbers<std::int8_t, std::int64_t>(n);
    case ValueType::u16:
      return numbers<std::uint16_t, std::int64_t>(n);
    case ValueType::i16:
      return numbers<std::int16_t, std::int64_t>(n);
    case ValueType::u32:
      return numbers<std::uint32_t, std::int64_t>(n);
    case ValueType::i32:
      return numbers<std::int32_t, std::int64_t>(n);
    case ValueType::u64:
      return numbers<std::uint64_t, std::int64_t>(n);
    case ValueType::i64:
      return numbers<std::int64_t, std::int64_t>(n);
    case ValueType::f32:
      return numbers<float, double>(n);
    case ValueType::f64:
      return numbers<double, double>(n);
    case ValueType::boolean:
      return booleans(n);
    case ValueType::string:
      return strings(n);
    case ValueType::array:
      break;
  }
  CHECK(false);  // every type below std::size(kBytesEach) has returned
  std::unreachable();
}

template <class T, class Wide>
Result<Value> Parser::numbers(std::uint64_t n) {
  const std::size_t at = cursor_.offset();
  const auto raw = TRY(take(n * sizeof(T), "an array"));
  std::vector<Wide> out(n);
  for (std::size_t i = 0; i < n; ++i) {
    T element;
    std::memcpy(&element, raw.data() + i * sizeof(T), sizeof(T));
    if constexpr (std::is_same_v<T, std::uint64_t>) {
      if (!std::in_range<std::int64_t>(element)) {
        return fail_at(at + i * sizeof(T), ErrorCode::limit_exceeded,
                       "an array element is " + grouped(element) + ", more than 63 bits", kDamaged);
      }
    }
    out[i] = static_cast<Wide>(element);
  }
  return Value(std::move(out));
}

Result<Value> Parser::booleans(std::uint64_t n) {
  const std::size_t at = cursor_.offset();
  const auto raw = TRY(take(n, "an array"));
  std::vector<bool> out(n);
  for (std::size_t i = 0; i < n; ++i) {
    out[i] = TRY(boolean(std::to_integer<std::uint8_t>(raw[i]), at + i));
  }
  return Value(std::move(out));
}

Result<Value> Parser::strings(std::uint64_t n) {
  std::vector<std::string_view> out(n);
  for (std::string_view& text : out) {
    text = TRY(string("the length of a string", kStringBytesMax));
  }
  return Value(std::move(out));
}

Result<> Parser::alignment() {
  const auto entry = std::ranges::lower_bound(entries, kAlignmentKey, {}, &Entry::key);
  if (entry == entries.end() || entry->key != kAlignmentKey) return {};
  const auto* const stated = std::get_if<std::uint64_t>(&entry->value);
  if (stated == nullptr) {
    return corrupt_at(offset_of(entry->key), "general.alignment is not an unsigned integer");
  }
  if (!std::has_single_bit(*stated) || *stated > kAlignmentMax) {
    return corrupt_at(offset_of(entry->key), "general.alignment is " + grouped(*stated) +
                                                 ", not a power of two up to 65,536");
  }
  alignment_ = *stated;
  return {};
}

Result<> Parser::tensor_infos() {
  // The count was checked against all that was left then; the metadata has used some of it since.
  TRY(need(n_tensors_ * kTensorBytesMin, "the list of tensors"));
  tensors.reserve(n_tensors_);
  extents_.reserve(n_tensors_);
  for (std::uint64_t i = 0; i < n_tensors_; ++i) TRY(tensor_info());
  return {};
}

Result<> Parser::tensor_info() {
  TensorInfo info;
  info.name = TRY(name_string("the length of a tensor's name", kTensorNameBytesMax));
  const std::string subject = "tensor " + escaped(info.name);
  std::size_t at = cursor_.offset();
  const auto n_dims = TRY(read<std::uint32_t>("a tensor's number of dimensions"));
  if (n_dims < 1 || n_dims > kDimsMax) {
    return corrupt_at(at, subject + " has " + grouped(n_dims) + " dimensions, 1 to 4 are possible");
  }
  at = cursor_.offset();
  info.ne.reserve(n_dims);
  for (std::uint32_t i = 0; i < n_dims; ++i) {
    info.ne.push_back(TRY(read<std::uint64_t>("a tensor's dimension")));
  }
  const std::size_t type_at = cursor_.offset();
  const auto number = TRY(read<std::uint32_t>("a tensor's type"));
  const auto type = tensor::dtype_from_number(number);
  if (!type) {
    return fail_at(type_at, ErrorCode::unsupported,
                   subject + " has element type " + grouped(number) + ", which is not read",
                   "choose a file in Q4_K_M or Q8_0");
  }
  info.type = *type;
  const auto size = TRY(tensor_size(info, at));
  at = cursor_.offset();
  const auto offset = TRY(read<std::uint64_t>("a tensor's offset"));
  if (offset % alignment_ != 0) {
    return corrupt_at(at, subject + " has offset " + grouped(offset) + ", not a multiple of " +
                              grouped(alignment_));
  }
  tensors.push_back(std::move(info));
  extents_.push_back({offset, size});
  return {};
}

Result<std::uint64_t> Parser::tensor_size(const TensorInfo& info, std::size_t at) const {
  const std::string subject = "tensor " + escaped(info.name);
  std::uint64_t n_rows = 1;
  for (std::size_t i = 0; i < info.ne.size(); ++i) {
    if (info.ne[i] == 0) {
      return corrupt_at(at + 8 * i, subject + " has dimension " + grouped(i) + " of length 0");
    }
    const auto product = checked_mul(n_rows, i == 0 ? 1 : info.ne[i]);
    if (!product) return corrupt_at(at, subject + " has more than 2^64 rows");
    n_rows = *product;
  }
  const tensor::DTypeInfo& type = tensor::info(info.type);
  if (info.ne[0] % type.n_block != 0) {
    return corrupt_at(at, subject + " has rows of " + grouped(info.ne[0]) + " elements, " +
                              std::string(type.name) + " needs a multiple of " +
                              grouped(type.n_block));
  }
  const auto row_bytes = tensor::bytes_of(info.type, info.ne[0]);
  const auto size = row_bytes ? checked_mul<std::uint64_t>(*row_bytes, n_rows) : std::nullopt;
  // The number of elements must fit as well: bytes can be fewer than elements.
  if (!size || !checked_mul(info.ne[0], n_rows)) {
    return corrupt_at(at, subject + " has more than 2^64 bytes or elements");
  }
  return *size;
}

/// Turns offsets into spans: the data section begins at the next multiple of the alignment.
Result<> Parser::place_tensors() {
  const std::uint64_t begin = (cursor_.offset() + alignment_ - 1) / alignment_ * alignment_;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto first = checked_add(begin, extents_[i].offset);
    const auto end = first ? checked_add(*first, extents_[i].size) : std::nullopt;
    if (!end || *end > bytes_.size()) {
      const std::string where = end ? "byte " + grouped(*end) : "a byte beyond 2^64";
      return fail_file(ErrorCode::corrupt_data, name_,
                       "tensor " + escaped(tensors[i].name) + " ends at " + where +
                           " but the file has " + grouped(bytes_.size()),
                       kCutShort);
    }
    tensors[i].data = bytes_.subspan(*first, extents_[i].size);
  }
  TRY(check_overlaps());
  std::ranges::sort(tensors, {}, &TensorInfo::name);
  const auto twin = std::ranges::adjacent_find(tensors, {}, &TensorInfo::name);
  if (twin != tensors.end()) {
    const std::size_t at = std::max(offset_of(twin->name), offset_of(std::next(twin)->name));
    return corrupt_at(at, "tensor " + escaped(twin->name) + " stands twice");
  }
  return {};
}

Result<> Parser::check_overlaps() const {
  std::vector<std::size_t> order(tensors.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return extents_[i].offset; });
  for (std::size_t i = 1; i < order.size(); ++i) {
    const TensorInfo& low = tensors[order[i - 1]];
    const TensorInfo& high = tensors[order[i]];
    if (low.data.data() + low.data.size() > high.data.data()) {
      const auto at = static_cast<std::size_t>(high.data.data() - bytes_.data());
      return corrupt_at(at,
                        "tensors " + escaped(low.name) + " and " + escaped(high.name) + " overlap");
    }
  }
  return {};
}

Result<> Parser::parse() {
  TRY(header());
  TRY(metadata());
  TRY(tensor_infos());
  return place_tensors();
}

}  // namespace

std::uint64_t TensorInfo::n_rows() const {
  return std::accumulate(ne.begin() + 1, ne.end(), std::uint64_t{1}, std::multiplies<>());
}

Result<Reader> Reader::open(const std::filesystem::path& path) {
  auto map = TRY(MappedFile::open(path));
  auto reader = TRY(parse(map.bytes(), path.string()));
  reader.map_ = std::move(map);
  return reader;
}

Result<Reader> Reader::parse(std::span<const std::byte> bytes, std::string_view name) {
  Parser parser(bytes, name);
  TRY(parser.parse());
  Reader reader;
  reader.name_ = name;
  reader.version_ = parser.version;
  reader.size_ = bytes.size();
  reader.entries_ = std::move(parser.entries);
  reader.tensors_ = std::move(parser.tensors);
  return reader;
}

const Value* Reader::find(std::string_view key) const {
  const auto it = std::ranges::lower_bound(entries_, key, {}, &Entry::key);
  return it != entries_.end() && it->key == key ? &it->value : nullptr;
}

const TensorInfo* Reader::tensor(std::string_view name) const {
  const auto it = std::ranges::lower_bound(tensors_, name, {}, &TensorInfo::name);
  return it != tensors_.end() && it->name == name ? &*it : nullptr;
}

namespace {

std::unexpected<Error> fail_key(const Reader& reader, std::string_view key, std::string_view cause,
                                std::string_view hint) {
  return fail_file(ErrorCode::corrupt_data, reader.name(),
                   "metadata " + escaped(key) + " " + std::string(cause), hint);
}

/// The value of `key` when it is a T.
template <class T>
Result<T> typed(const Reader& reader, std::string_view key, std::string_view kind) {
  const Value* const value = reader.find(key);
  if (value == nullptr) {
    return fail_key(reader, key, "is missing", "not a file of this architecture?");
  }
  if (const T* const exact = std::get_if<T>(value)) return *exact;
  return fail_key(reader, key, "is not " + std::string(kind), kDamaged);
}

}  // namespace

Result<std::uint64_t> Reader::u64(std::string_view key, std::uint64_t min,
                                  std::uint64_t max) const {
  std::uint64_t n = 0;
  const Value* const value = find(key);
  const auto* const with_sign = value ? std::get_if<std::int64_t>(value) : nullptr;
  if (with_sign != nullptr && *with_sign >= 0) {
    n = static_cast<std::uint64_t>(*with_sign);
  } else {
    n = TRY(typed<std::uint64_t>(*this, key, "an unsigned integer"));
  }
  if (n >= min && n <= max) return n;
  return fail_key(*this, key,
                  "is " + grouped(n) + ", allowed are " + grouped(min) + " to " + grouped(max),
                  kDamaged);
}

Result<double> Reader::f64(std::string_view key, double min, double max) const {
  const auto x = TRY(typed<double>(*this, key, "a floating-point number"));
  if (x >= min && x <= max) return x;
  return fail_key(*this, key,
                  "is " + std::to_string(x) + ", allowed are " + std::to_string(min) + " to " +
                      std::to_string(max),
                  kDamaged);
}

Result<std::string_view> Reader::string(std::string_view key) const {
  return typed<std::string_view>(*this, key, "a string");
}

Result<bool> Reader::boolean(std::string_view key) const {
  return typed<bool>(*this, key, "a yes-or-no value");
}

}  // namespace plmm::gguf
