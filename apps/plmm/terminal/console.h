// Standard output and standard error: who gets what, in which colour, and what happens when a
// reader goes away.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "apps/plmm/files/paths.h"
#include "base/result.h"

namespace plmm::terminal {

enum class Colour : std::uint8_t { automatic, always, never };
enum class Paint : std::uint8_t { plain, good, warning, bad, quiet };

/// Answers go to standard output, everything else to standard error.
class Console {
 public:
  /// Asks the operating system whether standard input and standard error are terminals.
  explicit Console(const files::Environment& environment);

  bool input_is_terminal() const { return input_is_terminal_; }
  /// Whether lines on standard error may be drawn over: a terminal that can move its cursor.
  bool can_redraw() const { return error_is_terminal_ && !dumb_; }

  void set_colour(Colour colour);
  /// The text in colour, as standard error takes it.
  std::string painted(Paint paint, std::string_view text) const;

  /// Standard output, written at once. answer() passes it through printable(); data() is for what
  /// we made ourselves.
  void answer(std::string_view text);
  void data(std::string_view text);
  /// One line on standard error, made printable.
  void note(std::string_view text) { note(Paint::plain, text); }
  void note(Paint paint, std::string_view text);
  /// "error: …"
  void error(const Error& error);
  /// Standard error as it is, for prompts and progress.
  void draw(std::string_view text);

  /// Nobody reads standard output any more (a pipe was closed): finish quietly.
  bool output_closed() const { return output_closed_; }
  /// The first failure of standard output that is not a closed pipe, such as a full disk.
  Result<> output_state() const;

 private:
  void write_output(std::string_view text);

  bool input_is_terminal_ = false;
  bool error_is_terminal_ = false;
  bool dumb_ = false;
  bool no_color_ = false;
  bool colour_ = false;
  bool output_closed_ = false;
  int output_errno_ = 0;
};

}  // namespace plmm::terminal
