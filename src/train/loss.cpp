// The loss in chunks of the vocabulary: once for its sums, once more for the gradient.
#include "train/loss.h"

#include <algorithm>
#include <cmath>

#include "kernel/backward.h"

namespace plmm::train {
namespace {

using kernel::kPanelRows;
using kernel::Start;

std::size_t u(int n) { return static_cast<std::size_t>(n); }
int tasks_of(int n, int each) { return (n + each - 1) / each; }

/// Panels [begin, end) of a matrix as a matrix of their own, which must not outlive it.
kernel::PackedMatrix part_of(const kernel::PackedMatrix& w, int begin, int end) {
  kernel::PackedMatrix out;
  out.n_in = w.n_in;
  out.n_out = std::min(end * kPanelRows, w.n_out) - begin * kPanelRows;
  out.layout = w.layout;
  out.data = {w.data.get() + u(begin) * w.layout.panel_bytes, [](void*) {}};
  return out;
}

}  // namespace

Loss::Loss(const Team& team, const model::Model& model, Rows x, std::span<const Supervised> rows,
           const Sequence& sequence)
    : team_(team),
      model_(model),
      w_(model.weights().head),
      b_(team.buffers),
      x_(x),
      rows_(rows),
      sequence_(sequence),
      codes_(kernel::QuantizedRows::in(team.buffers.quantized, n(), model.config().n_embd)),
      teacher_(sequence.teacher) {
  const auto& c = model.config();
  for (const Supervised& row : rows) weights_.push_back(row.weight);
  for_each_row(team.pool, n(), [&](int i, int) {
    team_.kernels.rms_norm(x_.row(rows_[u(i)].row), model_.weights().output_norm.data(), c.n_embd,
                           c.norm_epsilon, b_.ff_normed.row(i));
    if (!w_.is_float()) {
      team_.kernels.quantize_rows(b_.ff_normed.data, b_.ff_normed.stride(), i, i + 1, codes_);
    }
  });
}

void Loss::multiply(int panel_begin, int panel_end, float* logits, int ld, int thread) const {
  if (w_.is_float()) {
    return team_.kernels.matmul_float(w_, panel_begin, panel_end, b_.ff_normed.data,
                                      b_.ff_normed.stride(), 0, n(), logits, ld,
                                      kernel::Epilogue::store);
  }
  team_.kernels.matmul(w_, panel_begin, panel_end, codes_, 0, n(), logits, ld,
                       kernel::Epilogue::store, b_.scratch[u(thread)]);
}

std::span<const SoftLabel> Loss::labels_of(int i, int begin, int end) const {
  const auto all =
      teacher_.labels.subspan(label_begins_[u(i)], label_begins_[u(i) + 1] - label_begins_[u(i)]);
  const auto first = std::ranges::lower_bound(all, begin, {}, &SoftLabel::token);
  const auto last = std::ranges::lower_bound(first, all.end(), end, {}, &SoftLabel::token);
  return {first, last};
}

void Loss::take(int i, int chunk, int begin, int n_words, float* row) {
  const auto& k = *team_.kernels.backward;
  const std::size_t at = u(chunk) * u(n()) + u(i);
  b_.chunk_maximum[at] = k.maximum(row, n_words);
  b_.chunk_sum[at] = k.exponential_sum(row, n_words, b_.chunk_maximum[at]);
  const int target = static_cast<int>(rows_[u(i)].target) - begin;
  if (target >= 0 && target < n_words) target_logits_[u(i)] = row[target];
  if (!is_taught()) return;
  for (const SoftLabel& label : labels_of(i, begin, begin + n_words))
    label_logits_[static_cast<std::size_t>(&label - teacher_.labels.data())] =
        row[label.token - begin];
  if (!is_tempered()) return;
  team_.kernels.scale(row, 1.0F / teacher_.temperature, n_words);
  tempered_maximum_[at] = k.maximum(row, n_words);
  tempered_sum_[at] = k.exponential_sum(row, n_words, tempered_maximum_[at]);
}

double Loss::log_sum(int i, const float* maximum, const float* sums) const {
  const int n_chunks = tasks_of(w_.n_out, kHeadRowsOfThread);
  double top = maximum[i], total = 0;
  for (int chunk = 1; chunk < n_chunks; ++chunk)
    top = std::max(top, static_cast<double>(maximum[u(chunk) * u(n()) + u(i)]));
  for (int chunk = 0; chunk < n_chunks; ++chunk) {
    const std::size_t at = u(chunk) * u(n()) + u(i);
    total += sums[at] * std::exp(maximum[at] - top);
  }
  return top + std::log(total);
}

/// KL(teacher ‖ p) of row i: the teacher's cross-entropy with p, less its own entropy.
double Loss::divergence(int i) const {
  const double all = is_tempered() ? tempered_log_sums_[u(i)] : log_sums_[u(i)];
  double cross = 0;
  for (std::size_t at = label_begins_[u(i)]; at < label_begins_[u(i) + 1]; ++at) {
    const double logit = static_cast<double>(label_logits_[at]) / teacher_.temperature;
    cross += teacher_.labels[at].probability * (all - logit);
  }
  return cross - teacher_.rows[u(i)].entropy;
}

double Loss::choice() {
  const auto& starts = sequence_.segment_starts;
  const double likelihood = sequence_.likelihood;
  std::vector<double> scores(starts.size(), 0.0);
  std::vector<std::size_t> segments;  // of each row
  for (int i = 0; i < n(); ++i) {
    const auto next = std::ranges::upper_bound(starts, rows_[u(i)].row);
    segments.push_back(static_cast<std::size_t>(next - starts.begin()) - 1);
    scores[segments.back()] += rows_[u(i)].weight * (target_logits_[u(i)] - log_sums_[u(i)]);
  }
  const double top = std::ranges::max(scores);
  double total = 0;
  for (const double score : scores) total += std::exp(score - top);
  for (int i = 0; i < n(); ++i) {
    const std::size_t segment = segments[u(i)];
    const double share = std::exp(scores[segment] - top) / total;
    const double wanted = segment == 0 ? 1.0 + likelihood : 0.0;
    weights_[u(i)] = static_cast<float>(rows_[u(i)].weight * (wanted - share));
  }
  return top + std::log(total) - (1.0 + likelihood) * scores[0];
}

double Loss::sum() {
  const int n_chunks = tasks_of(w_.n_out, kHeadRowsOfThread);
  target_logits_.assign(u(n()), 0.0F);
  log_sums_.assign(u(n()), 0.0);
  if (is_taught()) {
    label_begins_.assign(1, 0);
    for (const SoftRow& row : teacher_.rows)
      label_begins_.push_back(label_begins_.back() + row.n_labels);
    label_logits_.assign(teacher_.labels.size(), 0.0F);
  }
  if (is_tempered()) {
    tempered_log_sums_.assign(u(n()), 0.0);
    for (auto* numbers : {&tempered_maximum_, &tempered_sum_})
      numbers->assign(u(n_chunks) * u(n()), 0.0F);
  }
  for_each_task(team_.pool, n_chunks, [&](int chunk, int thread) {
    const int begin = chunk * kHeadRowsOfThread;
    const int n_words = std::min(kHeadRowsOfThread, w_.n_out - begin);
    float* logits = b_.thread_logits[u(thread)];
    multiply(begin / kPanelRows, tasks_of(begin + n_words, kPanelRows), logits, kHeadRowsOfThread,
             thread);
    for (int i = 0; i < n(); ++i) take(i, chunk, begin, n_words, logits + u(i) * kHeadRowsOfThread);
  });
  const double share = is_taught() ? teacher_.share : 0.0;
  const double squared = double{teacher_.temperature} * teacher_.temperature;
  double loss = 0;
  for (int i = 0; i < n(); ++i) {
    log_sums_[u(i)] = log_sum(i, b_.chunk_maximum, b_.chunk_sum);
    double row = log_sums_[u(i)] - target_logits_[u(i)];
    if (is_tempered())
      tempered_log_sums_[u(i)] = log_sum(i, tempered_maximum_.data(), tempered_sum_.data());
    if (is_taught()) row = (1.0 - share) * row + share * squared * divergence(i);
    loss += rows_[u(i)].weight * row;
  }
  return sequence_.is_choice ? choice() : loss;
}

void Loss::row_gradient(int i, int begin, int n_words, float scale, float* logits,
                        float* spare) const {
  const auto& k = *team_.kernels.backward;
  const float factor = scale * weights_[u(i)];
  const float taught = is_taught() ? factor * teacher_.share * teacher_.temperature : 0.0F;
  const float told = is_taught() ? factor * (1.0F - teacher_.share) : factor;
  if (is_tempered()) {
    std::copy_n(logits, n_words, spare);
    team_.kernels.scale(spare, 1.0F / teacher_.temperature, n_words);
    k.probabilities(spare, n_words, static_cast<float>(tempered_log_sums_[u(i)]), taught);
    k.probabilities(logits, n_words, static_cast<float>(log_sums_[u(i)]), told);
    for (int word = 0; word < n_words; ++word) logits[word] += spare[word];
  } else {
    k.probabilities(logits, n_words, static_cast<float>(log_sums_[u(i)]), factor);
  }
  const int target = static_cast<int>(rows_[u(i)].target) - begin;
  if (target >= 0 && target < n_words) logits[target] -= told;
  if (!is_taught()) return;
  for (const SoftLabel& label : labels_of(i, begin, begin + n_words))
    logits[label.token - begin] -= taught * label.probability;
}

/// logits = scale · the gradient of each row's loss, of the words from row_begin on.
void Loss::chunk_gradient(int row_begin, float scale) {
  constexpr int kTaskPanels = 4;
  static_assert(kTaskPanels * kPanelRows <= kHeadRowsOfThread);
  const int n_words = std::min(kHeadRows, w_.n_out - row_begin);
  const int first = row_begin / kPanelRows, last = tasks_of(row_begin + n_words, kPanelRows);
  for_each_task(team_.pool, tasks_of(last - first, kTaskPanels), [&](int task, int thread) {
    const int begin = first + task * kTaskPanels, end = std::min(begin + kTaskPanels, last);
    float* logits = b_.logits + (begin - first) * kPanelRows;
    multiply(begin, end, logits, kHeadRowsApart, thread);
    const int word = begin * kPanelRows, n_mine = std::min(end * kPanelRows, w_.n_out) - word;
    for (int i = 0; i < n(); ++i) {
      row_gradient(i, word, n_mine, scale, logits + u(i) * kHeadRowsApart,
                   b_.thread_logits[u(thread)]);
    }
  });
}

void Loss::backward(float scale, Rows d_x) {
  const auto& k = *team_.kernels.backward;
  const int n_embd = model_.config().n_embd;
  for (int begin = 0; begin < w_.n_out; begin += kHeadRows) {
    chunk_gradient(begin, scale);
    const auto part =
        part_of(w_, begin / kPanelRows, std::min((begin + kHeadRows) / kPanelRows, w_.n_panels()));
    const int width = input_columns(team_.pool, n_embd);
    for_each_task(team_.pool, tasks_of(n_embd, width), [&](int task, int) {
      const int column = task * width;
      k.product_transposed(part, b_.logits, kHeadRowsApart, n(), column,
                           std::min(column + width, n_embd), b_.d_normed.data, b_.d_normed.ld,
                           begin == 0 ? Start::zero : Start::old);
    });
  }
  for_each_row(team_.pool, n(), [&](int i, int) {
    const int t = rows_[u(i)].row;
    k.rms_norm_backward(x_.row(t), model_.weights().output_norm.data(), b_.d_normed.row(i), n_embd,
                        model_.config().norm_epsilon, Start::zero, d_x.row(t));
  });
}

}  // namespace plmm::train
