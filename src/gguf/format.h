// What reader and writer share: GGUF's numbers, our limits, and how untrusted text appears in an
// error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace plmm::gguf {

inline constexpr std::uint32_t kMagic = 0x46554747;  // "GGUF" little-endian
inline constexpr std::uint32_t kVersionOldest = 2;
inline constexpr std::uint32_t kVersion = 3;  // differs from 2 only by allowing big-endian files

/// The values are GGUF's own numbers.
enum class ValueType : std::uint32_t {
  u8 = 0,
  i8 = 1,
  u16 = 2,
  i16 = 3,
  u32 = 4,
  i32 = 5,
  f32 = 6,
  boolean = 7,
  string = 8,
  array = 9,
  u64 = 10,
  i64 = 11,
  f64 = 12,
};

// Each limit is far above any model we know and far below what hurts. docs/formats/gguf.md lists
// them.
inline constexpr std::uint64_t kEntriesMax = 65'536;
inline constexpr std::uint64_t kTensorsMax = 65'536;
inline constexpr std::uint64_t kKeyBytesMax = 256;
inline constexpr std::uint64_t kTensorNameBytesMax = 64;  // the format's own limit
inline constexpr std::uint64_t kStringBytesMax = 64U
                                                 << 20U;  // a whole tokenizer.json may be a string
inline constexpr std::uint64_t kArrayMax = 1U << 24U;  // elements; 64 times the largest vocabulary
inline constexpr std::uint32_t kDimsMax = 4;
inline constexpr std::uint64_t kTensorBytesMax = 1ULL
                                                 << 46U;  // written: sums of offsets cannot wrap
inline constexpr std::uint64_t kAlignmentDefault = 32;
inline constexpr std::uint64_t kAlignmentMax = 65'536;

inline constexpr std::string_view kAlignmentKey = "general.alignment";

/// Whether a key or tensor name has only visible ASCII characters.
bool is_visible_ascii(std::string_view text);

/// 'text' fit for a terminal: bytes outside visible ASCII as \xNN, at most 64 bytes of it.
std::string escaped(std::string_view text);

/// 98400000 as "98,400,000".
std::string grouped(std::uint64_t n);

}  // namespace plmm::gguf
