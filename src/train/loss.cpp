// Cross-entropy in chunks of the vocabulary: once for its sums, once more for the gradient.
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

Loss::Loss(const Team& team, const model::Model& model, Rows x, std::span<const Supervised> rows)
    : team_(team),
      model_(model),
      w_(model.weights().head),
      b_(team.buffers),
      x_(x),
      rows_(rows),
      codes_(kernel::QuantizedRows::in(team.buffers.quantized, n(), model.config().n_embd)) {
  const auto& c = model.config();
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

double Loss::sum() {
  const auto& k = *team_.kernels.backward;
  const int n_chunks = tasks_of(w_.n_out, kHeadRowsOfThread);
  target_logits_.assign(u(n()), 0.0F);
  log_sums_.assign(u(n()), 0.0);
  for_each_task(team_.pool, n_chunks, [&](int chunk, int thread) {
    const int begin = chunk * kHeadRowsOfThread;
    const int n_words = std::min(kHeadRowsOfThread, w_.n_out - begin);
    float* logits = b_.thread_logits[u(thread)];
    multiply(begin / kPanelRows, tasks_of(begin + n_words, kPanelRows), logits, kHeadRowsOfThread,
             thread);
    for (int i = 0; i < n(); ++i) {
      const float* row = logits + u(i) * kHeadRowsOfThread;
      const std::size_t at = u(chunk) * u(n()) + u(i);
      b_.chunk_maximum[at] = k.maximum(row, n_words);
      b_.chunk_sum[at] = k.exponential_sum(row, n_words, b_.chunk_maximum[at]);
      const int target = static_cast<int>(rows_[u(i)].target) - begin;
      if (target >= 0 && target < n_words) target_logits_[u(i)] = row[target];
    }
  });
  double loss = 0;
  for (int i = 0; i < n(); ++i) {
    double top = b_.chunk_maximum[i], total = 0;
    for (int chunk = 1; chunk < n_chunks; ++chunk) {
      top = std::max(top, static_cast<double>(b_.chunk_maximum[u(chunk) * u(n()) + u(i)]));
    }
    for (int chunk = 0; chunk < n_chunks; ++chunk) {
      const std::size_t at = u(chunk) * u(n()) + u(i);
      total += b_.chunk_sum[at] * std::exp(b_.chunk_maximum[at] - top);
    }
    log_sums_[u(i)] = top + std::log(total);
    loss += rows_[u(i)].weight * (log_sums_[u(i)] - target_logits_[u(i)]);
  }
  return loss;
}

/// logits = scale · weight · (p − 1 at the target), of the words from row_begin on.
void Loss::chunk_gradient(int row_begin, float scale) {
  constexpr int kTaskPanels = 4;
  const auto& k = *team_.kernels.backward;
  const int n_words = std::min(kHeadRows, w_.n_out - row_begin);
  const int first = row_begin / kPanelRows, last = tasks_of(row_begin + n_words, kPanelRows);
  for_each_task(team_.pool, tasks_of(last - first, kTaskPanels), [&](int task, int thread) {
    const int begin = first + task * kTaskPanels, end = std::min(begin + kTaskPanels, last);
    float* logits = b_.logits + (begin - first) * kPanelRows;
    multiply(begin, end, logits, kHeadRowsApart, thread);
    const int word = begin * kPanelRows, n_mine = std::min(end * kPanelRows, w_.n_out) - word;
    for (int i = 0; i < n(); ++i) {
      const Supervised& row = rows_[u(i)];
      float* mine = logits + u(i) * kHeadRowsApart;
      const float factor = scale * row.weight;
      k.probabilities(mine, n_mine, static_cast<float>(log_sums_[u(i)]), factor);
      const int target = static_cast<int>(row.target) - word;
      if (target >= 0 && target < n_mine) mine[target] -= factor;
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
