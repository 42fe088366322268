// Reading a line from a terminal with editing, history and pasting of several lines.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "apps/plmm/terminal/console.h"
#include "base/result.h"

namespace plmm::terminal {

enum class InputEnd : std::uint8_t { line, interrupted, end_of_input };

struct Input {
  InputEnd end = InputEnd::line;
  std::string text;  // without the newline; for `interrupted`: what had been typed
};

/// One per process: it owns the terminal on standard input while it reads. What it shows goes to
/// standard error.
class LineEditor {
 public:
  /// `history_file`: where lines are kept (mode 0600), or nothing.
  static std::unique_ptr<LineEditor> create(std::optional<std::filesystem::path> history_file,
                                            const Console& console);
  struct State;
  explicit LineEditor(std::unique_ptr<State> state);
  ~LineEditor();

  Input read(std::string_view prompt);
  /// Adds a line to the history, and to its file when there is one; an error concerns the file
  /// only.
  Result<> remember(const std::string& line);

 private:
  std::unique_ptr<State> state_;
};

}  // namespace plmm::terminal
