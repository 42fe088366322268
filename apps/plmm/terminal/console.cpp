// Unbuffered writes: a token is seen when it is known, and nothing is lost when a signal ends the
// program.
#include "apps/plmm/terminal/console.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "apps/plmm/terminal/printable.h"

namespace plmm::terminal {
namespace {

/// 0, or the errno of the failure.
int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return 0;
}

std::string_view code_of(Paint paint) {
  switch (paint) {
    case Paint::plain:
      return "";
    case Paint::good:
      return "\x1b[32m";
    case Paint::warning:
      return "\x1b[33m";
    case Paint::bad:
      return "\x1b[1;31m";
    case Paint::quiet:
      return "\x1b[2m";
  }
  return "";
}

}  // namespace

Console::Console(const files::Environment& environment)
    : input_is_terminal_(::isatty(STDIN_FILENO) == 1),
      error_is_terminal_(::isatty(STDERR_FILENO) == 1) {
  const auto term = environment("TERM");
  dumb_ = !term || term->empty() || *term == "dumb";
  const auto no_color = environment("NO_COLOR");
  no_color_ = no_color && !no_color->empty();
  set_colour(Colour::automatic);
}

void Console::set_colour(Colour colour) {
  colour_ = colour == Colour::always || (colour == Colour::automatic && can_redraw() && !no_color_);
}

std::string Console::painted(Paint paint, std::string_view text) const {
  if (!colour_ || paint == Paint::plain) return std::string(text);
  return fmt::format("{}{}\x1b[0m", code_of(paint), text);
}

void Console::write_output(std::string_view text) {
  if (output_closed_ || output_errno_ != 0) return;
  const int code = write_all(STDOUT_FILENO, text);
  if (code == EPIPE) {
    output_closed_ = true;
  } else {
    output_errno_ = code;
  }
}

void Console::answer(std::string_view text) { write_output(printable(text)); }
void Console::data(std::string_view text) { write_output(text); }

void Console::note(Paint paint, std::string_view text) {
  draw(painted(paint, printable(text)) + "\n");
}

void Console::error(const Error& error) {
  draw(painted(Paint::bad, "error:") + " " + printable(error.what) + "\n");
}

void Console::draw(std::string_view text) { static_cast<void>(write_all(STDERR_FILENO, text)); }

Result<> Console::output_state() const {
  if (output_errno_ == 0) return {};
  return fail(ErrorCode::io, fmt::format("standard output: {}", std::strerror(output_errno_)));
}

}  // namespace plmm::terminal
