// A whole file measured, and what its figures say: values, how sure they are, and which of two
// models is better.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "measure/eval_file.h"
#include "measure/perplexity.h"
#include "measure/questions.h"

namespace plmm::measure {

struct MeasureOptions {
  WindowOptions windows;
  Compared compared = Compared::texts;
};

/// What a model made of each item of a file, in its order.
struct Outcomes {
  std::vector<Choice> choices;
  std::vector<bool> answers;
  std::vector<Stretch> texts;
  std::vector<Stretch> chats;
};

/// How far it is: so many "questions" or "tokens" of one kind.
using OnMeasured =
    std::function<void(std::string_view what, std::size_t n_done, std::size_t n_total)>;

/// Windows longer than the model's context are as long as that. Errors of choose(), answer() and
/// predict(); invalid_argument where no text has a second token to predict.
Result<Outcomes> measure(const Subject& subject, const EvalFile& file,
                         const MeasureOptions& options, const Cancel& cancel,
                         const OnMeasured& on_measured = {});

enum class Verdict : std::uint8_t { better, worse, undecided };

/// Beside another model on the same items.
struct Comparison {
  double value = 0;                      // the other's
  std::optional<Estimate> change;        // ours less the other's; perplexity: ours over the other's
  std::optional<double> p;               // McNemar's, of shares of questions
  Verdict verdict = Verdict::undecided;  // of ours, where chance explains the change in less than
                                         // 5 % of all cases
};

struct Metric {
  std::string_view name;  // "acc", "acc_norm", "exact_match", "perplexity", "bits_per_byte"
  std::string_view kind;  // "choices", "questions", "texts", "chats"
  Estimate estimate;
  std::uint64_t n_items = 0;    // questions, texts or chats
  std::uint64_t n_counted = 0;  // right questions, predicted tokens, their bytes
  std::optional<Comparison> comparison;

  bool is_share() const { return kind == "choices" || kind == "questions"; }
};

/// Of each kind that the file has. `other`: of the same file by another model, or null.
std::vector<Metric> metrics(const EvalFile& file, const Outcomes& outcomes, const Outcomes* other,
                            std::uint64_t seed);

}  // namespace plmm::measure
