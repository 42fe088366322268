// Values as the bytes that are hashed and signed. For the .cpp files of this folder.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/narrow.h"
#include "ledger/types.h"

namespace plmm::protocol {

/// Big-endian.
template <std::unsigned_integral Integer>
void append(std::string& out, Integer value) {
  for (std::size_t i = sizeof(Integer); i-- > 0;) {
    out.push_back(static_cast<char>(value >> (8 * i) & 0xFF));
  }
}

inline void append(std::string& out, const ledger::Id128& id) {
  append(out, id.high);
  append(out, id.low);
}

/// Digests, keys and signatures: as they are.
inline void append(std::string& out, std::span<const std::byte> bytes) {
  out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

/// Its length as a Length, then the text.
template <std::unsigned_integral Length>
void append_text(std::string& out, std::string_view text) {
  append(out, narrow<Length>(text.size()));
  out += text;
}

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

}  // namespace plmm::protocol
