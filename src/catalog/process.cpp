// fork and exec, with everything that allocates done before the fork.
#include "catalog/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <utility>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/file.h"

extern char** environ;

namespace plmm::catalog {
namespace {

constexpr int kExitNoExec = 127;  // as shells do it

/// Our environment with the given variables in the place of ours.
std::vector<std::string> merge_environment(const std::vector<std::string>& over) {
  std::vector<std::string> merged = over;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view ours = *variable;
    const std::string_view name_and_equals = ours.substr(0, ours.find('=') + 1);
    bool replaced = false;
    for (const std::string& text : over) replaced = replaced || text.starts_with(name_and_equals);
    if (!replaced) merged.emplace_back(ours);
  }
  return merged;
}

/// Pointers for exec; the strings must outlive them.
std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (std::string& text : strings) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

/// In the child, between fork and exec: only calls that are safe after a fork of a threaded
/// process.
[[noreturn]] void become(const char* program, char* const* arguments, char* const* environment,
                         const char* folder, int input, int log, pid_t parent) {
  ::setpgid(0, 0);
#ifdef __linux__
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kExitNoExec);  // killed before prctl took effect
#else
  static_cast<void>(parent);
#endif
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGHUP}) ::signal(number, SIG_DFL);
  const bool ready = ::dup2(input, STDIN_FILENO) >= 0 && ::dup2(log, STDOUT_FILENO) >= 0 &&
                     ::dup2(log, STDERR_FILENO) >= 0 && ::chdir(folder) == 0;
  if (ready) ::execve(program, arguments, environment);
  ::_exit(kExitNoExec);
}

}  // namespace

Result<std::filesystem::path> find_program(const std::string& name) {
  const auto runs = [](const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
  };
  if (name.find('/') != std::string::npos) {
    if (runs(name)) return std::filesystem::absolute(name);
    return fail(ErrorCode::not_found, name + ": not a program");
  }
  const char* variable = std::getenv("PATH");
  std::string_view rest = variable == nullptr ? "/usr/local/bin:/usr/bin:/bin" : variable;
  while (!rest.empty()) {
    const std::string_view folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
    if (!folder.starts_with('/')) continue;  // a relative PATH entry is where attacks hide
    const auto path = std::filesystem::path(folder) / name;
    if (runs(path)) return path;
  }
  return fail(ErrorCode::not_found, name + ": no such program in PATH");
}

Result<Child> Child::start(const Command& command) {
  std::vector<std::string> arguments{command.program.string()};
  arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
  std::vector<std::string> environment = merge_environment(command.environment);
  const auto argument_pointers = pointers(arguments);
  const auto environment_pointers = pointers(environment);
  const int input = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (input < 0) return std::unexpected(errno_error("/dev/null"));
  const int log = ::open(command.log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (log < 0) {
    auto error = errno_error(command.log);
    ::close(input);
    return std::unexpected(std::move(error));
  }
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    become(command.program.c_str(), argument_pointers.data(), environment_pointers.data(),
           command.folder.c_str(), input, log, parent);
  }
  auto error = errno_error(command.program);
  ::close(input);
  ::close(log);
  if (pid < 0) return std::unexpected(std::move(error));
  ::setpgid(pid, pid);  // in both processes, so that neither has to wait for the other
  return Child(pid);
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), status_(other.status_) {}

Child::~Child() {
  if (pid_ <= 0 || status_) return;
  ::kill(-pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::optional<int> Child::poll() {
  if (status_) return status_;
  int raw = 0;
  const pid_t ended = ::waitpid(pid_, &raw, WNOHANG);
  if (ended == pid_) status_ = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
  if (ended < 0 && errno != EINTR)
    status_ = kExitNoExec;  // somebody else reaped it: count it as failed
  return status_;
}

}  // namespace plmm::catalog
