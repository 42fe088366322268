// Checked integer conversions and products, for sizes that come from outside.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>

#include "base/check.h"

namespace plmm {

/// Converts between integer types; a value that does not fit is a bug (check input before).
template <class To, class From>
constexpr To narrow(From value) {
  CHECK(std::in_range<To>(value));
  return static_cast<To>(value);
}

/// a·b and a+b, or nothing when they wrap.
template <class T>
constexpr std::optional<T> checked_mul(T a, T b) {
  T out{};
  if (__builtin_mul_overflow(a, b, &out)) return std::nullopt;
  return out;
}
template <class T>
constexpr std::optional<T> checked_add(T a, T b) {
  T out{};
  if (__builtin_add_overflow(a, b, &out)) return std::nullopt;
  return out;
}

}  // namespace plmm
