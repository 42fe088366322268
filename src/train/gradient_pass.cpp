// Embedding, layers, loss, and the way back.
#include "train/gradient_pass.h"

#include <algorithm>

#include "model/rope_angles.h"
#include "tensor/blocks.h"
#include "train/block.h"

namespace plmm::train {
namespace {

std::size_t u(int n) { return static_cast<std::size_t>(n); }

}  // namespace

std::vector<Supervised> supervised_rows(const Sequence& sequence) {
  std::vector<Supervised> out;
  for (std::size_t t = 0; t + 1 < sequence.tokens.size(); ++t) {
    if (sequence.weights[t] > 0.0F)
      out.push_back({static_cast<int>(t), sequence.tokens[t + 1], sequence.weights[t]});
  }
  return out;
}

GradientPass::GradientPass(const Team& team, const model::Model& model, const Sequence& sequence,
                           std::span<const Supervised> rows)
    : team_(team),
      model_(model),
      c_(model.config()),
      sequence_(sequence),
      rows_(rows),
      n_(rows.back().row + 1) {
  place_segments();
  fill_angles();
}

void GradientPass::place_segments() {
  for (const int start : sequence_.segment_starts) {
    if (start < n_) starts_.push_back(start);
  }
  if (starts_.empty()) starts_.push_back(0);
  first_.assign(2, std::vector<int>(u(n_)));
  for (std::size_t s = 0; s < starts_.size(); ++s) {
    const int end = s + 1 < starts_.size() ? starts_[s + 1] : n_;
    for (int t = starts_[s]; t < end; ++t) {
      first_[0][u(t)] = starts_[s];
      first_[1][u(t)] = std::max(starts_[s], t + 1 - c_.sliding_window);
    }
  }
}

void GradientPass::fill_angles() {
  const int half = c_.head_dim / 2;
  for (int kind = 0; kind < (c_.sliding_window > 0 ? 2 : 1); ++kind) {
    for (std::size_t s = 0; s < starts_.size(); ++s) {
      const int start = starts_[s], end = s + 1 < starts_.size() ? starts_[s + 1] : n_;
      float* cosines = team_.buffers.angles + u(kind * 2 * n_ + start) * u(half);
      model::fill_rope_angles(c_, model_.weights().rope_factors, kind == 1, 0, end - start, cosines,
                              cosines + u(n_) * u(half));
    }
  }
}

void GradientPass::embed() {
  const auto& embedding = model_.weights().embedding;
  const std::size_t row_bytes = embedding.data.size() / u(embedding.n_out);
  for_each_row(team_.pool, n_, [&](int t, int) {
    float* x = team_.buffers.inputs[0].row(t);
    const auto row = static_cast<std::size_t>(sequence_.tokens[u(t)]);
    tensor::decode_row(embedding.type, embedding.data.subspan(row * row_bytes, row_bytes),
                       {x, u(c_.n_embd)});
    if (c_.embedding_scale != 1.0F) team_.kernels.scale(x, c_.embedding_scale, c_.n_embd);
  });
}

std::optional<double> GradientPass::loss(const Cancel& cancel) {
  embed();
  for (int i = 0; i < c_.n_layers; ++i) {
    if (cancel.requested()) return std::nullopt;
    Block(team_, model_, first_, n_, i).forward(Purpose::output);
  }
  head_.emplace(team_, model_, team_.buffers.inputs.back(), rows_, sequence_.teacher);
  return head_->sum();
}

bool GradientPass::add_gradients(float scale, const Cancel& cancel) {
  const Rows d_x = team_.buffers.d_x;
  for_each_row(team_.pool, n_, [&](int t, int) { std::fill_n(d_x.row(t), c_.n_embd, 0.0F); });
  head_->backward(scale, d_x);
  for (int i = c_.n_layers - 1; i >= 0; --i) {
    if (cancel.requested()) return false;
    Block block(team_, model_, first_, n_, i);
    block.forward(Purpose::gradients);
    // Nothing below the first layer learns.
    block.backward(i > 0 ? InputGradient::store : InputGradient::skip);
  }
  return true;
}

}  // namespace plmm::train
