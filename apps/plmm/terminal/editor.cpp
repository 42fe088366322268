// A shell finds the editor and runs it; see editor.h.
#include "apps/plmm/terminal/editor.h"

#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "apps/plmm/terminal/signals.h"

extern char** environ;

namespace plmm::terminal {
namespace {

constexpr int kNotFound = 127;  // a shell's exit status where there is no such program

std::string command(const files::Environment& environment) {
  for (const char* name : {"VISUAL", "EDITOR"}) {
    const auto editor = environment(name);
    if (editor && !editor->empty()) return *editor + " \"$1\"";
  }
  return "for e in editor nano vi; do command -v $e >/dev/null && exec $e \"$1\"; done; exit 127";
}

}  // namespace

Result<> edit_file(const std::filesystem::path& file, const files::Environment& environment) {
  std::string shell = "sh", flag = "-c", text = command(environment), path = file.string();
  const std::array<char*, 6> arguments{shell.data(), flag.data(), text.data(),
                                       shell.data(), path.data(), nullptr};
  pid_t pid = 0;
  const int failed =
      ::posix_spawnp(&pid, shell.c_str(), nullptr, nullptr, arguments.data(), environ);
  if (failed != 0)
    return fail(ErrorCode::io, std::string("the editor does not start: ") + std::strerror(failed));
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  interrupt().reset();  // Ctrl-C was the editor's
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNotFound) {
    return fail(ErrorCode::not_found,
                "there is no editor. Set EDITOR to the name of one, for example: EDITOR=nano");
  }
  return fail(ErrorCode::io, "the editor ended with an error");
}

}  // namespace plmm::terminal
