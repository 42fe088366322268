// Lines of standard input when it is no terminal.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace plmm::terminal {

inline constexpr std::size_t kLineBytesMax = 1024 * 1024;  // more than any context holds

class InputLines {
 public:
  /// The next line without its newline; nothing at the end, or when Ctrl-C was pressed.
  /// invalid_argument for a line that is too long.
  Result<std::optional<std::string>> next();

 private:
  bool fill();

  std::string buffer_;
  bool ended_ = false;
};

}  // namespace plmm::terminal
