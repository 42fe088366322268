// User data that nobody prints, formats or logs by accident: it is read by saying what for.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <utility>

namespace plmm {

/// What personal data is read for; to find every such place, search for `reveal(`.
enum class Purpose : std::uint8_t {
  show_owner,  // on the owner's own screen
  prompt,      // for the model on this device
  redact,      // to find and replace it in what leaves the device
  seal,        // to encrypt it
  compare,     // equality, order, length
};

/// Holds user data. Streams, format strings and test messages refuse it at compile time.
template <class T>
class Personal {
 public:
  Personal() = default;
  explicit Personal(T value) : value_(std::move(value)) {}

  const T& reveal(Purpose) const& { return value_; }
  T reveal(Purpose) && { return std::move(value_); }

  bool operator==(const Personal&) const = default;

 private:
  T value_{};
};

template <class T>
std::ostream& operator<<(std::ostream&, const Personal<T>&) = delete;
/// fmt's and GoogleTest's ways to print a type of one's own.
template <class T>
void format_as(const Personal<T>&) = delete;
template <class T>
void PrintTo(const Personal<T>&, std::ostream*) = delete;

}  // namespace plmm
