// Signal handlers reach only what stands at file scope here, and call only what POSIX allows them.
#include "apps/plmm/terminal/signals.h"

#include <fcntl.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <initializer_list>

#include "apps/plmm/terminal/exit_code.h"

namespace plmm::terminal {
namespace {

Cancel g_interrupt;
int g_pipe[2] = {-1, -1};
std::atomic<bool> g_window_changed{false};
termios g_terminal{};  // as found at the start
std::atomic<bool> g_terminal_known{false};

void restore_terminal() {
  if (g_terminal_known.load()) ::tcsetattr(STDIN_FILENO, TCSANOW, &g_terminal);
}

void wake() {
  const char byte = 0;
  static_cast<void>(!::write(g_pipe[1], &byte, 1));  // a full pipe wakes just as well
}

void on_interrupt(int) {
  const int saved = errno;
  if (g_interrupt.requested()) {
    restore_terminal();
    ::_exit(static_cast<int>(ExitCode::interrupted));
  }
  g_interrupt.request();
  wake();
  errno = saved;
}

void on_change(int signal) {
  const int saved = errno;
  if (signal == SIGWINCH || signal == SIGCONT) g_window_changed.store(true);
  wake();
  errno = saved;
}

/// Asked to end: the terminal first, then the default action.
void on_end(int signal) {
  restore_terminal();
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction action{};
  action.sa_handler = handler;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(signal, &action, nullptr);
}

}  // namespace

void install_signal_handlers() {
  static_cast<void>(!::pipe2(g_pipe, O_CLOEXEC | O_NONBLOCK));
  g_terminal_known.store(::tcgetattr(STDIN_FILENO, &g_terminal) == 0);
  handle(SIGINT, on_interrupt);
  handle(SIGWINCH, on_change);
  handle(SIGCONT, on_change);
  for (const int signal : {SIGTERM, SIGHUP, SIGQUIT}) handle(signal, on_end);
  handle(SIGPIPE, SIG_IGN);
}

void end_like_interrupt() {
  for (const int signal : {SIGTERM, SIGHUP}) handle(signal, on_interrupt);
}

Cancel& interrupt() { return g_interrupt; }
int signal_fd() { return g_pipe[0]; }

bool drain_signals() {
  char bytes[64];
  while (::read(g_pipe[0], bytes, sizeof bytes) > 0) {
  }
  return g_window_changed.exchange(false);
}

HiddenTyping::HiddenTyping() {
  if (!g_terminal_known.load()) return;
  termios quiet = g_terminal;
  quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  ::tcsetattr(STDIN_FILENO, TCSANOW, &quiet);
}

HiddenTyping::~HiddenTyping() { restore_terminal(); }

}  // namespace plmm::terminal
