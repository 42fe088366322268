// Integers as big-endian bytes: what is hashed and signed. For the .cpp files of this folder.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>

#include "ledger/types.h"

namespace plmm::protocol {

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

}  // namespace plmm::protocol
