// Ctrl-C as a flag and a wake-up, and a terminal that is left as it was found.
#pragma once

#include "base/cancel.h"

namespace plmm::terminal {

/// Installs the handlers; there is one set of them in a process. Ctrl-C requests `interrupt()`;
/// when that was requested before and nobody has reset it since, the program ends at once with exit
/// code 130.
void install_signal_handlers();

/// From now on SIGTERM and SIGHUP do what Ctrl-C does: for programs that serve others and have to
/// say good-bye.
void end_like_interrupt();

/// Set by Ctrl-C. Whoever has dealt with it resets it.
Cancel& interrupt();
/// A descriptor that becomes readable when a signal arrives (also a change of the window's size).
int signal_fd();
/// Empties it; true when the window's size has changed since the last call.
bool drain_signals();

/// While one lives, the terminal on standard input does not show what is typed, so that it cannot
/// land in the middle of an answer; it is read as the next input. Does nothing when standard input
/// is no terminal.
class HiddenTyping {
 public:
  HiddenTyping();
  HiddenTyping(const HiddenTyping&) = delete;
  HiddenTyping& operator=(const HiddenTyping&) = delete;
  ~HiddenTyping();
};

}  // namespace plmm::terminal
