// A child process without a shell: an argument list, its output in a log file, and its whole group
// killed on demand.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace plmm::catalog {

struct Command {
  std::filesystem::path program;         // not looked up in PATH
  std::vector<std::string> arguments;    // without the program itself
  std::vector<std::string> environment;  // "NAME=value", over our own
  std::filesystem::path folder;          // where it runs
  std::filesystem::path log;             // gets stdout and stderr
};

/// The program of that name in PATH, or the path itself when it has a slash. not_found otherwise.
Result<std::filesystem::path> find_program(const std::string& name);

/// A running child in a process group of its own. It dies with this object, and also when this
/// process is killed.
class Child {
 public:
  /// Call it on the thread that keeps the object: the kernel ends the child with that thread.
  static Result<Child> start(const Command& command);
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  ~Child();

  /// The exit status once it has ended (128 + signal number when a signal did it); nothing while it
  /// runs.
  std::optional<int> poll();

 private:
  explicit Child(pid_t pid) : pid_(pid) {}

  pid_t pid_;
  std::optional<int> status_;
};

}  // namespace plmm::catalog
