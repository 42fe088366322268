// Waits for input and for Ctrl-C at once.
#include "apps/plmm/terminal/lines.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "apps/plmm/terminal/signals.h"

namespace plmm::terminal {

Result<std::optional<std::string>> InputLines::next() {
  for (;;) {
    if (const auto stop = buffer_.find('\n'); stop != std::string::npos) {
      std::string line = buffer_.substr(0, stop);
      buffer_.erase(0, stop + 1);
      return line;
    }
    if (buffer_.size() > kLineBytesMax)
      return fail(ErrorCode::invalid_argument, "a line of input is longer than 1 MiB");
    if (ended_) {
      if (buffer_.empty()) return std::nullopt;
      return std::exchange(buffer_, {});
    }
    if (!fill()) return std::nullopt;
  }
}

/// False when Ctrl-C was pressed.
bool InputLines::fill() {
  std::array<pollfd, 2> ready{pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{signal_fd(), POLLIN, 0}};
  const int n = ::poll(ready.data(), ready.size(), -1);
  drain_signals();
  if (interrupt().requested()) return false;
  if (n < 0 || ready[0].revents == 0) return true;
  char bytes[1 << 14];
  const ssize_t got = ::read(STDIN_FILENO, bytes, sizeof bytes);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (got <= 0) {
    ended_ = true;  // an unreadable standard input is an empty one
  } else {
    buffer_.append(bytes, static_cast<std::size_t>(got));
  }
  return true;
}

}  // namespace plmm::terminal
