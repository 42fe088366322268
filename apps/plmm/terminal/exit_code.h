// The exit codes of plmm, and the one place where a kind of error becomes one.
#pragma once

#include <array>
#include <string_view>

#include "base/result.h"

namespace plmm::terminal {

enum class ExitCode : int {
  ok = 0,
  goal_missed = 1,  // bench: a goal does not hold
  usage = 2,
  no_model = 3,
  offline = 4,
  over_budget = 5,  // reserved for refusing to spend
  corrupt_file = 6,
  failed = 7,         // the operating system refused
  interrupted = 130,  // 128 + SIGINT, as shells report it
};

struct ExitCodeHelp {
  ExitCode code;
  std::string_view meaning;
};

/// What the man pages say.
inline constexpr std::array kExitCodes{
    ExitCodeHelp{ExitCode::ok, "Success."},
    ExitCodeHelp{ExitCode::goal_missed, "bench only: a goal was missed."},
    ExitCodeHelp{
        ExitCode::usage,
        "Wrong usage: an unknown verb, option or value, a broken config file, or a vault that "
        "stays locked."},
    ExitCodeHelp{ExitCode::no_model,
                 "The model (or a file that was named) is not on this machine."},
    ExitCodeHelp{ExitCode::offline,
                 "The network was needed and is not there, or --offline forbids it."},
    ExitCodeHelp{ExitCode::over_budget, "Reserved: refused by a spending limit."},
    ExitCodeHelp{ExitCode::corrupt_file,
                 "A file is damaged, over a limit, or of a kind that plmm does not run."},
    ExitCodeHelp{ExitCode::failed, "Another failure: no space, no permission, too little memory."},
    ExitCodeHelp{ExitCode::interrupted, "Stopped by Ctrl-C."},
};

constexpr ExitCode exit_code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
      return ExitCode::usage;
    case ErrorCode::not_found:
      return ExitCode::no_model;
    case ErrorCode::offline:
      return ExitCode::offline;
    case ErrorCode::corrupt_data:
    case ErrorCode::limit_exceeded:
    case ErrorCode::unsupported:
      return ExitCode::corrupt_file;
    case ErrorCode::cancelled:
      return ExitCode::interrupted;
    case ErrorCode::io:
      return ExitCode::failed;
  }
  return ExitCode::failed;
}

}  // namespace plmm::terminal
