// Joins typed lines into a turn: a trailing backslash continues, three double quotes open and close
// a block.
#pragma once

#include <string>
#include <string_view>

namespace plmm::terminal {

/// Without spaces, tabs and carriage returns at both ends.
std::string_view trimmed(std::string_view text);

class TurnReader {
 public:
  /// True when the turn is complete; then take() gives it.
  bool add(std::string_view line);
  /// Whether a turn is begun and not complete.
  bool begun() const { return begun_; }
  std::string take();
  void forget() { static_cast<void>(take()); }

 private:
  bool add_to_block(std::string_view line);

  std::string text_;
  bool begun_ = false;
  bool in_block_ = false;
};

}  // namespace plmm::terminal
