// Tests of the GGUF reader: what it hands out, and the smallest file for each of its errors.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "gguf/forge.h"
#include "gguf/reader.h"

namespace plmm::gguf {
namespace {

using enum ValueType;
constexpr std::uint32_t kF32 = 0;
constexpr std::uint32_t kQ4K = 12;

Result<Reader> parse(const Forge& file) {
  return Reader::parse(std::as_bytes(std::span(file.bytes())), "m");
}

/// The error's text without what all of them have in common; "(read)" when there is none.
std::string error_of(const Forge& file, ErrorCode code = ErrorCode::corrupt_data) {
  const auto reader = parse(file);
  if (reader) return "(read)";
  EXPECT_EQ(reader.error().code, code) << reader.error().what;
  std::string what = reader.error().what;
  const std::string ends[] = {". Run: plmm pull MODEL", ". Run: plmm ls"};
  const bool other = code == ErrorCode::unsupported;
  EXPECT_TRUE(what.ends_with(ends[other ? 1 : 0])) << what;
  EXPECT_TRUE(what.starts_with("m: ")) << what;
  return what.substr(3, what.size() - 3 - ends[other ? 1 : 0].size());
}

/// A file whose one entry is `key` with the given type; the caller adds the value.
Forge entry(ValueType type, std::string_view key = "k") { return Forge(0, 1).key(key, type); }

Forge one_tensor(std::initializer_list<std::uint64_t> ne, std::uint32_t type = kF32,
                 std::uint64_t offset = 0) {
  return Forge(1, 0).tensor("t", ne, type, offset);
}

TEST(Gguf, reads_the_empty_file_of_both_versions) {
  EXPECT_EQ(parse(Forge(0, 0)).value().version(), 3U);
  EXPECT_EQ(parse(Forge(0, 0, 2)).value().version(), 2U);
  EXPECT_EQ(parse(Forge(0, 0)).value().file_size(), 24U);
}

TEST(Gguf, widens_every_scalar) {
  Forge file(0, 12);
  file.key("u8", u8).put<std::uint8_t>(255).key("i8", i8).put<std::int8_t>(-128);
  file.key("u16", u16).put<std::uint16_t>(65535).key("i16", i16).put<std::int16_t>(-32768);
  file.key("u32", u32).put<std::uint32_t>(~0U).key("i32", i32).put<std::int32_t>(-7);
  file.key("u64", u64).put<std::uint64_t>(~0ULL).key("i64", i64).put<std::int64_t>(-9);
  file.key("f32", f32).put(0.5F).key("f64", f64).put(0.1);
  file.key("bool", boolean).put<std::uint8_t>(1).key("string", string).string("text");
  const auto reader = parse(file).value();
  EXPECT_EQ(*reader.find("u8"), Value(std::uint64_t{255}));
  EXPECT_EQ(*reader.find("i8"), Value(std::int64_t{-128}));
  EXPECT_EQ(*reader.find("u16"), Value(std::uint64_t{65535}));
  EXPECT_EQ(*reader.find("i16"), Value(std::int64_t{-32768}));
  EXPECT_EQ(*reader.find("u32"), Value(std::uint64_t{~0U}));
  EXPECT_EQ(*reader.find("i32"), Value(std::int64_t{-7}));
  EXPECT_EQ(*reader.find("u64"), Value(std::uint64_t{~0ULL}));
  EXPECT_EQ(*reader.find("i64"), Value(std::int64_t{-9}));
  EXPECT_EQ(*reader.find("f32"), Value(0.5));
  EXPECT_EQ(*reader.find("f64"), Value(0.1));
  EXPECT_EQ(*reader.find("bool"), Value(true));
  EXPECT_EQ(*reader.find("string"), Value(std::string_view("text")));
  EXPECT_EQ(reader.find("other"), nullptr);
}

template <class T>
void put_array(Forge& file, std::string_view key, ValueType type, std::initializer_list<T> values) {
  file.array(key, type, values.size());
  for (const T value : values) file.put(value);
}

TEST(Gguf, widens_every_array) {
  Forge file(0, 12);
  put_array<std::uint8_t>(file, "u8", u8, {0, 255});
  put_array<std::int8_t>(file, "i8", i8, {-128, 127});
  put_array<std::uint16_t>(file, "u16", u16, {65535});
  put_array<std::int16_t>(file, "i16", i16, {-32768});
  put_array<std::uint32_t>(file, "u32", u32, {~0U});
  put_array<std::int32_t>(file, "i32", i32, {-7, 7});
  put_array<std::uint64_t>(file, "u64", u64, {1ULL << 62U});
  put_array<std::int64_t>(file, "i64", i64, {-1});
  put_array<float>(file, "f32", f32, {0.25F, -1.0F});
  put_array<double>(file, "f64", f64, {0.1});
  put_array<std::uint8_t>(file, "bool", boolean, {1, 0, 1});
  file.array("string", string, 3).string("a").string("").string("\xF0\x9F");
  const auto reader = parse(file).value();
  using Integers = std::vector<std::int64_t>;
  EXPECT_EQ(*reader.find("u8"), Value(Integers{0, 255}));
  EXPECT_EQ(*reader.find("i8"), Value(Integers{-128, 127}));
  EXPECT_EQ(*reader.find("u16"), Value(Integers{65535}));
  EXPECT_EQ(*reader.find("i16"), Value(Integers{-32768}));
  EXPECT_EQ(*reader.find("u32"), Value(Integers{0xFFFFFFFFLL}));
  EXPECT_EQ(*reader.find("i32"), Value(Integers{-7, 7}));
  EXPECT_EQ(*reader.find("u64"), Value(Integers{1LL << 62U}));
  EXPECT_EQ(*reader.find("i64"), Value(Integers{-1}));
  EXPECT_EQ(*reader.find("f32"), Value(std::vector<double>{0.25, -1.0}));
  EXPECT_EQ(*reader.find("f64"), Value(std::vector<double>{0.1}));
  EXPECT_EQ(*reader.find("bool"), Value(std::vector<bool>{true, false, true}));
  EXPECT_EQ(*reader.find("string"), Value(std::vector<std::string_view>{"a", "", "\xF0\x9F"}));
}

TEST(Gguf, hands_out_tensors_by_name_with_their_bytes) {
  Forge file(2, 0);
  file.tensor("b", {2, 3}, kF32, 32).tensor("a", {256}, kQ4K, 64).data(64 + 144);
  const auto reader = parse(file).value();
  ASSERT_EQ(reader.tensors().size(), 2U);
  EXPECT_EQ(reader.tensors()[0].name, "a");
  const TensorInfo* const b = reader.tensor("b");
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(b->n_rows(), 3U);
  EXPECT_EQ(b->data.size(), 24U);
  const auto* const base = reinterpret_cast<const std::byte*>(file.bytes().data());
  EXPECT_EQ(b->data.data() - base, 128 + 32);
  EXPECT_EQ(reader.tensor("a")->data.size(), 144U);
  EXPECT_EQ(reader.tensor("c"), nullptr);
}

TEST(Gguf, aligns_data_as_the_file_says) {
  Forge file(1, 1);
  file.key("general.alignment", u32).put<std::uint32_t>(1).tensor("t", {1}, kF32, 3).data(7, 1);
  const auto reader = parse(file).value();
  EXPECT_EQ(reader.tensor("t")->data.data() + 4,
            reinterpret_cast<const std::byte*>(file.bytes().data()) + file.bytes().size());
}

// Every proper prefix of a good file lacks something.
TEST(Gguf, rejects_every_truncation_of_a_good_file) {
  Forge file(1, 3);
  file.key("a", u32).put<std::uint32_t>(1).array("b", string, 1).string("x");
  file.key("c", string).string("text").tensor("t", {256}, kQ4K, 0).data(144);
  ASSERT_TRUE(parse(file));
  for (std::size_t n = 0; n < file.bytes().size(); ++n) {
    const auto part = std::as_bytes(std::span(file.bytes())).first(n);
    ASSERT_FALSE(Reader::parse(part, "m")) << n;
  }
}

TEST(Gguf, rejects_a_header_that_is_none) {
  EXPECT_EQ(error_of(Forge()), "byte 0: the magic number needs 4 bytes, 0 left (cut short?)");
  EXPECT_EQ(
      error_of(Forge().put<std::uint32_t>(0x3C1B5D00)),
      "byte 0: starts with '\\x00]\\x1b<', not 'GGUF' (not a model, or a web page saved in its "
      "place?)");
  EXPECT_EQ(error_of(Forge().put(kMagic)),
            "byte 4: the version needs 4 bytes, 0 left (cut short?)");
}

TEST(Gguf, rejects_versions_it_does_not_read) {
  const auto code = ErrorCode::unsupported;
  EXPECT_EQ(error_of(Forge(0, 0, 1), code),
            "byte 4: GGUF version 1, versions 2 and 3 are read (made by an old program)");
  EXPECT_EQ(error_of(Forge(0, 0, 0), code),
            "byte 4: GGUF version 0, versions 2 and 3 are read (made by an old program)");
  EXPECT_EQ(error_of(Forge(0, 0, 4), code),
            "byte 4: GGUF version 4, versions 2 and 3 are read (made by a newer program)");
  EXPECT_EQ(error_of(Forge(0, 0, 0x03000000), code),
            "byte 4: the file is big-endian (made for another machine)");
}

// CVE-2024-21802 and CVE-2024-23605: counts that wrap when multiplied by the size of an element.
TEST(Gguf, rejects_counts_over_the_limit_or_over_the_file) {
  EXPECT_EQ(error_of(Forge(1ULL << 61U, 0), ErrorCode::limit_exceeded),
            "byte 8: the number of tensors is 2,305,843,009,213,693,952, at most 65,536 are read "
            "(damaged?)");
  EXPECT_EQ(
      error_of(Forge(0, 65'537), ErrorCode::limit_exceeded),
      "byte 16: the number of metadata entries is 65,537, at most 65,536 are read (damaged?)");
  EXPECT_EQ(error_of(Forge(1, 0)),
            "byte 8: the number of tensors is 1, which needs 33 bytes, 8 left (cut short?)");
  EXPECT_EQ(
      error_of(Forge(0, 1)),
      "byte 16: the number of metadata entries is 1, which needs 14 bytes, 0 left (cut short?)");
}

// CVE-2024-21825 and CVE-2024-23496: string lengths near 2^64; ggml PR 1516: 1 GiB strings in a
// 160-byte file.
TEST(Gguf, rejects_strings_longer_than_the_file) {
  EXPECT_EQ(error_of(entry(string).put<std::uint64_t>(~0ULL), ErrorCode::limit_exceeded),
            "byte 37: the length of a string is 18,446,744,073,709,551,615, at most 67,108,864 are "
            "read (damaged?)");
  EXPECT_EQ(
      error_of(entry(string).put<std::uint64_t>(1U << 30U), ErrorCode::limit_exceeded),
      "byte 37: the length of a string is 1,073,741,824, at most 67,108,864 are read (damaged?)");
  EXPECT_EQ(error_of(entry(string).put<std::uint64_t>(9).put<std::uint64_t>(0)),
            "byte 37: the length of a string is 9, which needs 9 bytes, 8 left (cut short?)");
  EXPECT_EQ(error_of(entry(string).put<std::uint32_t>(0)),
            "byte 37: the length of a string needs 8 bytes, 4 left (cut short?)");
}

TEST(Gguf, rejects_keys_that_are_no_names) {
  EXPECT_EQ(error_of(entry(u64, "").put<std::uint64_t>(0)),
            "byte 24: the length of a key is 0 (damaged?)");
  EXPECT_EQ(error_of(entry(u64, "a\x1b[31m").put<std::uint64_t>(0)),
            "byte 32: name 'a\\x1b[31m' has characters that no name has (damaged?)");
  EXPECT_EQ(
      error_of(entry(u64, std::string(257, 'k')).put<std::uint64_t>(0), ErrorCode::limit_exceeded),
      "byte 24: the length of a key is 257, at most 256 are read (damaged?)");
  Forge twice(0, 2);
  twice.key("k", u8).put<std::uint8_t>(0).key("k", i8).put<std::int8_t>(0);
  EXPECT_EQ(error_of(twice), "byte 46: key 'k' stands twice (damaged?)");
}

TEST(Gguf, caps_the_text_that_an_error_repeats) {
  const std::string what = error_of(entry(u64, std::string(200, '\a')).put<std::uint64_t>(0));
  EXPECT_LT(what.size(), 350U);
  EXPECT_EQ(what.find('\a'), std::string::npos);
}

TEST(Gguf, rejects_values_that_are_none) {
  EXPECT_EQ(error_of(entry(static_cast<ValueType>(13)).put<std::uint64_t>(0)),
            "byte 33: value type 13 does not exist (damaged?)");
  EXPECT_EQ(error_of(entry(boolean).put<std::uint8_t>(2)),
            "byte 37: a yes-or-no value is 2, not 0 or 1 (damaged?)");
  EXPECT_EQ(error_of(entry(u64).put<std::uint32_t>(2)),
            "byte 37: a value needs 8 bytes, 4 left (cut short?)");
}

// CVE-2024-21836: array lengths that wrap; llama.cpp PR 26690: element types that nobody checked.
TEST(Gguf, rejects_arrays_that_lie) {
  EXPECT_EQ(error_of(Forge(0, 1).array("k", u64, 1ULL << 61U), ErrorCode::limit_exceeded),
            "byte 41: the length of an array is 2,305,843,009,213,693,952, at most 16,777,216 are "
            "read (damaged?)");
  EXPECT_EQ(error_of(Forge(0, 1).array("k", f64, 2).put(0.0)),
            "byte 41: the length of an array is 2, which needs 16 bytes, 8 left (cut short?)");
  EXPECT_EQ(error_of(Forge(0, 1).array("k", array, 0), ErrorCode::unsupported),
            "byte 37: an array of arrays (not part of any model we run)");
  EXPECT_EQ(error_of(Forge(0, 1).array("k", static_cast<ValueType>(13), 0)),
            "byte 37: array element type 13 does not exist (damaged?)");
  EXPECT_EQ(error_of(Forge(0, 1).array("k", boolean, 2).put<std::uint16_t>(0x0300)),
            "byte 50: a yes-or-no value is 3, not 0 or 1 (damaged?)");
  EXPECT_EQ(
      error_of(Forge(0, 1).array("k", u64, 1).put(~0ULL), ErrorCode::limit_exceeded),
      "byte 49: an array element is 18,446,744,073,709,551,615, more than 63 bits (damaged?)");
  EXPECT_EQ(error_of(Forge(0, 1).array("k", string, 1).put<std::uint64_t>(1)),
            "byte 49: the length of a string is 1, which needs 1 bytes, 0 left (cut short?)");
}

// ggml PR 1516: an alignment of 2^30; llama.cpp PR 26318: padding that wraps.
TEST(Gguf, rejects_an_alignment_that_is_none) {
  const auto with = [](auto value, ValueType type) {
    return error_of(Forge(0, 1).key("general.alignment", type).put(value));
  };
  const std::string text = ", not a power of two up to 65,536 (damaged?)";
  EXPECT_EQ(with(0U, u32), "byte 32: general.alignment is 0" + text);
  EXPECT_EQ(with(24U, u32), "byte 32: general.alignment is 24" + text);
  EXPECT_EQ(with(1U << 30U, u32), "byte 32: general.alignment is 1,073,741,824" + text);
  EXPECT_EQ(with(1ULL << 63U, u64),
            "byte 32: general.alignment is 9,223,372,036,854,775,808" + text);
  EXPECT_EQ(with(32, i32), "byte 32: general.alignment is not an unsigned integer (damaged?)");
}

TEST(Gguf, rejects_tensor_names_that_are_none) {
  EXPECT_EQ(error_of(Forge(1, 0).tensor("", {1}, kF32, 0).data(4)),
            "byte 24: the length of a tensor's name is 0 (damaged?)");
  EXPECT_EQ(error_of(Forge(1, 0).tensor(std::string(65, 'n'), {1}, kF32, 0).data(4),
                     ErrorCode::limit_exceeded),
            "byte 24: the length of a tensor's name is 65, at most 64 are read (damaged?)");
  EXPECT_EQ(error_of(Forge(2, 0).tensor("t", {1}, kF32, 0).tensor("t", {1}, kF32, 32).data(36)),
            "byte 65: tensor 't' stands twice (damaged?)");
}

// CVE-2025-53630, CVE-2026-27940, CVE-2026-33298, llama.cpp PR 24263 and issue 27203: dimensions of
// 0 and products that wrap.
TEST(Gguf, rejects_dimensions_that_cannot_be) {
  EXPECT_EQ(error_of(one_tensor({}).put<std::uint64_t>(0)),
            "byte 33: tensor 't' has 0 dimensions, 1 to 4 are possible (damaged?)");
  EXPECT_EQ(error_of(one_tensor({1, 1, 1, 1, 1})),
            "byte 33: tensor 't' has 5 dimensions, 1 to 4 are possible (damaged?)");
  EXPECT_EQ(error_of(one_tensor({4, 0})),
            "byte 45: tensor 't' has dimension 1 of length 0 (damaged?)");
  EXPECT_EQ(error_of(one_tensor({1, 1ULL << 32U, 1ULL << 32U})),
            "byte 37: tensor 't' has more than 2^64 rows (damaged?)");
  EXPECT_EQ(error_of(one_tensor({1ULL << 62U})),
            "byte 37: tensor 't' has more than 2^64 bytes or elements (damaged?)");
  EXPECT_EQ(error_of(one_tensor({1ULL << 33U, 1ULL << 31U}, kQ4K)),
            "byte 37: tensor 't' has more than 2^64 bytes or elements (damaged?)");
  EXPECT_EQ(
      error_of(one_tensor({255}, kQ4K)),
      "byte 37: tensor 't' has rows of 255 elements, Q4_K needs a multiple of 256 (damaged?)");
}

TEST(Gguf, names_the_tensor_whose_type_it_does_not_read) {
  EXPECT_EQ(
      error_of(one_tensor({1}, 20), ErrorCode::unsupported),
      "byte 45: tensor 't' has element type 20, which is not read (choose a file in Q4_K_M or "
      "Q8_0)");
  EXPECT_EQ(
      error_of(one_tensor({1}, 0xFFFFFFFFU), ErrorCode::unsupported),
      "byte 45: tensor 't' has element type 4,294,967,295, which is not read (choose a file in "
      "Q4_K_M or Q8_0)");
}

TEST(Gguf, rejects_tensors_outside_the_file) {
  EXPECT_EQ(error_of(one_tensor({1}, kF32, 16).data(64)),
            "byte 49: tensor 't' has offset 16, not a multiple of 32 (damaged?)");
  EXPECT_EQ(error_of(one_tensor({1}).data(3)),
            "tensor 't' ends at byte 68 but the file has 67 (cut short?)");
  EXPECT_EQ(error_of(one_tensor({1})),
            "tensor 't' ends at byte 68 but the file has 57 (cut short?)");
  EXPECT_EQ(error_of(one_tensor({1}, kF32, ~31ULL)),
            "tensor 't' ends at a byte beyond 2^64 but the file has 57 (cut short?)");
  EXPECT_EQ(error_of(one_tensor({1}, kF32, ~31ULL - 64)),
            "tensor 't' ends at byte 18,446,744,073,709,551,588 but the file has 57 (cut short?)");
}

TEST(Gguf, rejects_tensors_that_overlap) {
  Forge file(3, 0);
  file.tensor("c", {1}, kF32, 64).tensor("a", {1}, kF32, 0).tensor("b", {9}, kF32, 32).data(68);
  EXPECT_EQ(error_of(file), "byte 192: tensors 'b' and 'c' overlap (damaged?)");
  Forge same(2, 0);
  same.tensor("a", {1}, kF32, 0).tensor("b", {1}, kF32, 0).data(4);
  EXPECT_EQ(error_of(same).substr(0, 8), "byte 96:");
}

TEST(Gguf, look_ups_are_typed_and_bounded) {
  Forge file(0, 6);
  file.key("n", u32).put<std::uint32_t>(513).key("minus", i32).put<std::int32_t>(-1);
  file.key("plus", i32).put<std::int32_t>(5).key("nan", f32).put(std::nanf(""));
  file.key("s", string).string("text").key("b", boolean).put<std::uint8_t>(0);
  const auto reader = parse(file).value();
  EXPECT_EQ(reader.u64("n", 1, 513).value(), 513U);
  EXPECT_EQ(reader.u64("plus", 0, 9).value(), 5U);
  EXPECT_EQ(reader.string("s").value(), "text");
  EXPECT_EQ(reader.boolean("b").value(), false);
  // llama.cpp PR 25821: a block_count over 512.
  EXPECT_EQ(reader.u64("n", 1, 512).error().what,
            "m: metadata 'n' is 513, allowed are 1 to 512 (damaged?). Run: plmm pull MODEL");
  EXPECT_EQ(reader.u64("minus", 0, 9).error().what,
            "m: metadata 'minus' is not an unsigned integer (damaged?). Run: plmm pull MODEL");
  EXPECT_EQ(
      reader.u64("absent", 0, 9).error().what,
      "m: metadata 'absent' is missing (not a file of this architecture?). Run: plmm pull MODEL");
  EXPECT_EQ(reader.f64("nan", 0, 1).error().what,
            "m: metadata 'nan' is nan, allowed are 0.000000 to 1.000000 (damaged?). Run: plmm pull "
            "MODEL");
  EXPECT_EQ(reader.f64("n", 0, 1).error().what,
            "m: metadata 'n' is not a floating-point number (damaged?). Run: plmm pull MODEL");
  EXPECT_EQ(reader.string("n").error().code, ErrorCode::corrupt_data);
  EXPECT_EQ(reader.boolean("s").error().code, ErrorCode::corrupt_data);
}

TEST(Gguf, open_names_a_file_that_is_not_there) {
  const auto missing = std::filesystem::temp_directory_path() / "plmm_gguf_absent.gguf";
  EXPECT_EQ(Reader::open(missing).error().code, ErrorCode::not_found);
  EXPECT_EQ(Reader::open(std::filesystem::temp_directory_path()).error().code, ErrorCode::io);
}

}  // namespace
}  // namespace plmm::gguf
