// The suites behind `plmm bench`: measure, compare with goals and peers, print.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "kernel/cache_layout.h"

namespace plmm::bench {

struct Options {
  std::string suite;                        // "engine" or "accuracy"
  std::vector<std::filesystem::path> data;  // texts in the place of the suite's own
  std::vector<std::string> models;          // names or paths; empty: all of the catalogue
  std::filesystem::path models_dir;
  std::filesystem::path program;  // plmm itself: what is measured as a process of its own
  bool peers = false;
  bool json = false;
  int n_threads = 2;  // what the goals speak of
  std::string tier;   // of kernels; empty: the best here
  kernel::CacheType kv_cache = kernel::CacheType::int8;
  int n_tokens = 20000;            // of text, for accuracy
  std::vector<std::string> only;   // parts of loop or personal; empty: those run without it
  int n_users = 20;                // of personal's part style
  int plant = 0;                   // loop: which sections are withheld; each number other ones
  const Cancel* cancel = nullptr;  // looked at between measurements
};

/// Where a suite's words go: its metrics to `answer`, what a person should know to `note`. Both get
/// whole lines, without the line break.
struct Output {
  std::function<void(std::string_view line)> answer;
  std::function<void(std::string_view line)> note;
};

/// cancelled, once options.cancel is requested.
Result<> go_on(const Options& options);

enum class Verdict { goals_hold, goal_missed };

/// Runs a suite. invalid_argument for an unknown suite or tier; not_found when no model is here
/// (the message names the command that brings one) or a named one is not; else the error of
/// whatever a goal needs and could not run, told after the metrics that could; cancelled.
Result<Verdict> run(const Options& options, const Output& output);

}  // namespace plmm::bench
