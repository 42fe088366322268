// plmm itself, measured from outside: a process of its own in a home of its own.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/temporary_folder.h"
#include "bench/bench.h"
#include "bench/peer.h"

namespace plmm::bench {

/// Whatever it keeps, such as packed weights, is there for the next start and gone at the end.
class OwnProgram {
 public:
  /// Needs options.program.
  static Result<OwnProgram> create(const Options& options);

  /// `plmm WORDS…` with the threads and kernels of the options. What it says on standard error is
  /// read like its answers.
  Result<Peer> start(const std::vector<std::string>& words) const;

 private:
  OwnProgram(const Options& options, TemporaryFolder home)
      : options_(&options), home_(std::move(home)) {}
  const Options* options_;
  TemporaryFolder home_;
};

}  // namespace plmm::bench
