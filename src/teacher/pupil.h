// An expert as its teacher sees it; whoever joins the two implements it (apps/plmm, bench, tests).
#pragma once

#include <span>
#include <string>

#include "base/cancel.h"
#include "base/result.h"
#include "teacher/words.h"

namespace plmm::teacher {

/// One thread at a time.
class Pupil {
 public:
  virtual ~Pupil() = default;

  /// What the expert says, from the library that it studies now. Costs nothing: it is its owner's
  /// own exam.
  virtual Result<std::string> answer(const std::string& question, const Cancel& cancel) = 0;

  /// Whether its own library holds these words already, under whatever title.
  virtual Result<bool> holds(const Passage& passage) = 0;

  /// From now on answers come from a copy of the library with these passages added; none: from the
  /// library as it is. Each call starts from the library as it is; nothing is kept when the pupil
  /// goes.
  virtual Result<> study(std::span<const Passage> passages, const Cancel& cancel) = 0;

  /// Whether the question gets other passages from what it studies now than from the library as it
  /// is; if not, the answer is the same too.
  virtual Result<bool> is_affected(const std::string& question) = 0;
};

}  // namespace plmm::teacher
