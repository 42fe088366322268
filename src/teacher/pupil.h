// An expert as its teacher sees it; whoever joins the two implements it (apps/plmm, bench, tests).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "teacher/words.h"

namespace plmm::teacher {

/// What an answer is given from: the library as it is, or the copy that study() has changed.
enum class From : std::uint8_t { library, copy };

/// One thread at a time.
class Pupil {
 public:
  virtual ~Pupil() = default;

  /// What the expert says. Costs nothing: it is its owner's own exam.
  virtual Result<std::string> answer(const std::string& question, From from,
                                     const Cancel& cancel) = 0;

  /// Whether its library holds these words already, under whatever title.
  virtual Result<bool> holds(const Passage& passage) = 0;

  /// What its library has about the question and it answers from, best first. Costs a search.
  virtual Result<std::vector<Passage>> reads(const std::string& question) = 0;

  /// Makes the copy: the library as it is with these passages added. Nothing of it is kept when the
  /// pupil goes.
  virtual Result<> study(std::span<const Passage> passages, const Cancel& cancel) = 0;

  /// Whether the question gets other passages from the copy than from the library; if not, the
  /// answer is the same too.
  virtual Result<bool> is_affected(const std::string& question) = 0;
};

}  // namespace plmm::teacher
