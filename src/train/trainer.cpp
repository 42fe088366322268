// Batches in, steps out.
#include "train/trainer.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "train/gradient_pass.h"
#include "train/optimizer.h"
#include "train/soft_labels.h"
#include "train/trainer_state.h"

namespace plmm::train {
namespace {

/// Whether what a teacher says fits the rows of a sequence that count.
bool fits(const SoftLabels& teacher, std::size_t n_rows, int n_vocabulary) {
  if (teacher.rows.empty()) return teacher.labels.empty();
  if (teacher.rows.size() != n_rows) return false;
  std::span<const SoftLabel> rest = teacher.labels;
  for (const SoftRow& row : teacher.rows) {
    if (row.n_labels > rest.size() || !is_sound(row, rest.first(row.n_labels), n_vocabulary))
      return false;
    rest = rest.subspan(row.n_labels);
  }
  if (!rest.empty()) return false;
  return teacher.share >= 0.0F && teacher.share <= 1.0F && teacher.temperature > 0.0F &&
         std::isfinite(teacher.temperature);
}

/// Whether what its segments share is there, and nothing counts in it.
bool shares_tokens(const Sequence& s) {
  if (s.n_shared < 0 || s.segment_starts.empty() || !s.teacher.rows.empty()) return false;
  const auto n = static_cast<std::size_t>(s.n_shared);
  return n < s.weights.size() && std::all_of(
                                     s.weights.begin(), s.weights.begin() + s.n_shared,
                                     [](float weight) { return weight == 0.0F; });
}

bool is_choice_of_segments(const Sequence& s) {
  if (s.segment_starts.size() < 2 || !s.teacher.rows.empty()) return false;
  if (!(s.likelihood >= 0.0F && std::isfinite(s.likelihood))) return false;
  for (std::size_t i = 0; i < s.segment_starts.size(); ++i) {
    const bool is_last = i + 1 == s.segment_starts.size();
    const auto begin = s.weights.begin() + s.segment_starts[i];
    const auto end = is_last ? s.weights.end() : s.weights.begin() + s.segment_starts[i + 1];
    if (std::none_of(begin, end, [](float weight) { return weight > 0.0F; })) return false;
  }
  return true;
}

/// Whether a sequence is well formed for this model; `index` is its place in the batch.
Result<> check_sequence(const Sequence& s, std::size_t index, int n_tokens_max, int n_vocabulary) {
  const std::string place = "sequence " + std::to_string(index + 1) + " of the batch ";
  const std::size_t n = s.tokens.size();
  if (n < 2 || n > static_cast<std::size_t>(n_tokens_max)) {
    return fail(ErrorCode::invalid_argument, place + "has " + std::to_string(n) +
                                                 " tokens; there must be 2 to " +
                                                 std::to_string(n_tokens_max));
  }
  if (s.weights.size() != n)
    return fail(ErrorCode::invalid_argument, place + "does not have one weight for each token");
  for (std::size_t t = 0; t < n; ++t) {
    if (s.tokens[t] < 0 || s.tokens[t] >= n_vocabulary)
      return fail(ErrorCode::invalid_argument, place + "has a token that the model does not know");
    if (!(s.weights[t] >= 0.0F && std::isfinite(s.weights[t])))
      return fail(ErrorCode::invalid_argument, place + "has a weight that is not a number ≥ 0");
  }
  if (s.weights.back() != 0.0F)
    return fail(ErrorCode::invalid_argument, place + "has a weight behind its last token");
  if (s.n_shared != 0 && !shares_tokens(s)) {
    return fail(ErrorCode::invalid_argument,
                place + "shares tokens, but has no segments, or a weight or a teacher there");
  }
  for (std::size_t i = 0; i < s.segment_starts.size(); ++i) {
    const int start = s.segment_starts[i], before = i == 0 ? -1 : s.segment_starts[i - 1];
    if (start <= before || static_cast<std::size_t>(start) >= n ||
        (i == 0 && start != s.n_shared)) {
      return fail(ErrorCode::invalid_argument,
                  place + "has segments that do not begin behind what they share and ascend");
    }
    if (i > 0 && s.weights[static_cast<std::size_t>(start) - 1] != 0.0F)
      return fail(ErrorCode::invalid_argument, place + "predicts across the end of a segment");
  }
  if (!fits(s.teacher, supervised_rows(s).size(), n_vocabulary))
    return fail(ErrorCode::invalid_argument, place + "has labels of a teacher that do not fit it");
  if (s.is_choice && !is_choice_of_segments(s)) {
    return fail(ErrorCode::invalid_argument,
                place + "is a choice, but not of two or more segments that all count");
  }
  return {};
}

}  // namespace

struct Trainer::Impl {
  const model::Model& model;
  ThreadPool& pool;
  TrainerState state;
  std::unique_ptr<Buffers> buffers;

  /// The sum of the weighted losses; gradients of the sum / total are added where wanted.
  Result<double> run(std::span<const Sequence> batch, double total, bool gradients,
                     const Cancel& cancel) {
    const Team team{model.kernels(), pool, *buffers, state.parameters};
    double sum = 0;
    for (const Sequence& sequence : batch) {
      const auto rows = supervised_rows(sequence);
      if (rows.empty()) continue;
      GradientPass pass(team, model, sequence, rows);
      const auto loss = pass.loss(cancel);
      if (!loss || (gradients && !pass.add_gradients(static_cast<float>(1.0 / total), cancel)))
        return fail(ErrorCode::cancelled, "training was stopped; the step was not taken");
      sum += *loss;
    }
    if (!std::isfinite(sum)) {
      return fail(ErrorCode::corrupt_data,
                  "the loss is not a number: choose a lower learning rate, or a sound model");
    }
    return sum;
  }

  /// Σ weights of a checked batch.
  Result<double> weight_of(std::span<const Sequence> batch) const {
    double total = 0;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      TRY(check_sequence(batch[i], i, state.options.n_tokens_max, model.config().n_vocabulary));
      if (batch[i].is_choice) {
        total += 1.0;
        continue;
      }
      for (const float weight : batch[i].weights) total += weight;
    }
    if (!(total > 0.0))
      return fail(ErrorCode::invalid_argument, "no token of the batch counts: all weights are 0");
    return total;
  }
};

Trainer::Trainer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Trainer::Trainer(Trainer&&) noexcept = default;
Trainer& Trainer::operator=(Trainer&&) noexcept = default;
Trainer::~Trainer() = default;

Result<Trainer> Trainer::create(const model::Model& model, ThreadPool& pool,
                                model::LoraAdapter adapter, const TrainOptions& options) {
  TRY(model::check_lora(adapter, model.config()));
  TRY(check_options(options, model.config().n_context));
  if (adapter.n_parameters() == 0)
    return fail(ErrorCode::invalid_argument, "the adapter has no pair that could be trained");
  auto impl =
      std::make_unique<Impl>(Impl{model, pool, TrainerState(std::move(adapter), options), nullptr});
  impl->buffers =
      TRY(Buffers::create(model, impl->state.parameters, options.n_tokens_max, pool.size()));
  return Trainer(std::move(impl));
}

Result<StepReport> Trainer::step(std::span<const Sequence> batch, const Cancel& cancel) {
  const double total = TRY(impl_->weight_of(batch));
  TrainerState& state = impl_->state;
  std::ranges::fill(state.parameters.gradients, 0.0F);
  const double sum = TRY(impl_->run(batch, total, true, cancel));
  const double norm = norm_of(state.parameters.gradients, impl_->pool);
  if (!std::isfinite(norm)) {
    return fail(ErrorCode::corrupt_data,
                "a gradient is not a number: choose a lower learning rate, or a sound model");
  }
  const double clip = state.options.clip;
  const double rate = learning_rate(state.options, state.n_steps_done);
  const double factor = clip > 0 && norm > clip ? clip / norm : 1.0;
  ++state.n_steps_done;
  adam_step(state.parameters.values, state.parameters.gradients, state.moments, state.options, rate,
            static_cast<float>(factor), state.n_steps_done, impl_->pool);
  StepReport out{.step = state.n_steps_done,
                 .loss = sum / total,
                 .gradient_norm = norm,
                 .learning_rate = rate};
  for (const Sequence& sequence : batch) {
    out.n_tokens += static_cast<int>(sequence.tokens.size());
    out.n_supervised += static_cast<int>(supervised_rows(sequence).size());
  }
  return out;
}

Result<double> Trainer::evaluate(std::span<const Sequence> batch, const Cancel& cancel) {
  const double total = TRY(impl_->weight_of(batch));
  const double sum = TRY(impl_->run(batch, total, false, cancel));
  return sum / total;
}

Result<model::LoraAdapter> Trainer::gradients(std::span<const Sequence> batch,
                                              const Cancel& cancel) {
  const double total = TRY(impl_->weight_of(batch));
  Parameters& parameters = impl_->state.parameters;
  std::ranges::fill(parameters.gradients, 0.0F);
  TRY(impl_->run(batch, total, true, cancel));
  return parameters.shaped(parameters.gradients);
}

int Trainer::n_steps_done() const { return impl_->state.n_steps_done; }
const TrainOptions& Trainer::options() const { return impl_->state.options; }
model::LoraAdapter Trainer::adapter() const {
  return impl_->state.parameters.shaped(impl_->state.parameters.values);
}
std::vector<std::byte> Trainer::save() const { return impl_->state.save(); }
Result<> Trainer::restore(std::span<const std::byte> state) { return impl_->state.restore(state); }

}  // namespace plmm::train
