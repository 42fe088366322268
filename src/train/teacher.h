// The pass of a teacher over the data of its student: forward only, logits of the rows that count.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "base/thread_pool.h"
#include "model/forward.h"
#include "model/model.h"
#include "train/data.h"
#include "train/label_file.h"
#include "train/soft_labels.h"

namespace plmm::train {

/// Whether what one reads as a token the other reads as the same one. invalid_argument, naming the
/// first that differs and what to do.
Result<> check_same_tokens(const text::Tokenizer& teacher, const text::Tokenizer& student);

class Teacher {
 public:
  /// The model and the pool outlive it. n_tokens_max: of a sequence; n_vocabulary: tokens that both
  /// models know. invalid_argument for options out of range or a context that is too short; io.
  static Result<Teacher> create(const model::Model& model, ThreadPool& pool,
                                const LabelOptions& options, int n_tokens_max, int n_vocabulary);

  struct Said {
    std::vector<SoftRow> rows;
    std::vector<SoftLabel> labels;
  };
  /// `seed` with the place of a row decides its draws. Same bits for any number of threads and on
  /// every kernel tier. cancelled; corrupt_data when the model computes no numbers.
  Result<Said> label(const Sequence& sequence, std::uint64_t seed, const Cancel& cancel);

 private:
  struct Segment;
  Teacher(const model::Model& model, ThreadPool& pool, const LabelOptions& options,
          int n_vocabulary)
      : model_(&model), pool_(&pool), options_(options), n_vocabulary_(n_vocabulary) {}
  Result<> pass(std::vector<Segment>& segments, bool wants_logits, const Cancel& cancel);

  const model::Model* model_;
  ThreadPool* pool_;
  LabelOptions options_;
  int n_vocabulary_;
  std::unique_ptr<model::Workspace> workspace_;
  std::vector<float> logits_;
};

/// Rows that count, of each sequence: those to learn from, then those kept apart.
std::vector<std::uint32_t> rows_of(const TrainingData& data);

/// Labels what the file does not have yet; on_done gets how many sequences have labels. cancelled:
/// what was labelled is in the file.
Result<> label_all(Teacher& teacher, const TrainingData& data, std::uint64_t seed, LabelFile& file,
                   const std::function<void(std::size_t)>& on_done, const Cancel& cancel);

/// Gives each training sequence what its teacher says, which must outlive the data. What was kept
/// apart stays without: there the loss is that of the data alone. Needs: as many as rows_of().
void teach(std::span<const SoftLabels> labels, float share, float temperature, TrainingData& data);

/// The teacher's own mean loss, weighted, on what was kept apart; 0 where nothing was.
double loss_apart(std::span<const SoftLabels> labels, const TrainingData& data);

/// A teacher whose loss is lower by less has nothing to teach: nats, a tenth of a percent of
/// perplexity.
inline constexpr double kGapMin = 1e-3;
/// The share of the way from the student's loss before to the teacher's that it went; nothing where
/// there was no way.
std::optional<double> gap_closed(double before, double after, double teacher);

}  // namespace plmm::train
