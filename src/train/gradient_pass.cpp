// Embedding, layers, loss, and the way back.
#include "train/gradient_pass.h"

#include <algorithm>

#include "model/rope_angles.h"
#include "tensor/blocks.h"

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
  const int n_shared = sequence_.n_shared;
  for (const int start : sequence_.segment_starts) {
    if (start < n_) starts_.push_back(start);
  }
  if (starts_.empty()) starts_.push_back(0);
  for (Firsts& firsts : firsts_) {
    firsts.own.resize(u(n_));
    firsts.shared.resize(u(n_));
  }
  const auto place = [&](int begin, int end, int n_before) {
    for (int t = begin; t < end; ++t) {
      const int lowest = std::max(0, n_before + t - begin + 1 - c_.sliding_window);  // position
      firsts_[0].own[u(t)] = begin;
      firsts_[0].shared[u(t)] = n_shared - n_before;
      firsts_[1].own[u(t)] = begin + std::max(0, lowest - n_before);
      firsts_[1].shared[u(t)] = n_before == 0 ? n_shared : std::min(lowest, n_shared);
    }
  };
  if (n_shared > 0) place(0, n_shared, 0);
  for (std::size_t s = 0; s < starts_.size(); ++s)
    place(starts_[s], s + 1 < starts_.size() ? starts_[s + 1] : n_, n_shared);
}

void GradientPass::fill_angles() {
  const int half = c_.head_dim / 2, n_shared = sequence_.n_shared;
  const auto fill = [&](int kind, int begin, int end, int position) {
    float* cosines = team_.buffers.angles + u(kind * 2 * n_ + begin) * u(half);
    model::fill_rope_angles(c_, model_.weights().rope_factors, kind == 1, position, end - begin,
                            cosines, cosines + u(n_) * u(half));
  };
  for (int kind = 0; kind < (c_.sliding_window > 0 ? 2 : 1); ++kind) {
    if (n_shared > 0) fill(kind, 0, n_shared, 0);
    for (std::size_t s = 0; s < starts_.size(); ++s)
      fill(kind, starts_[s], s + 1 < starts_.size() ? starts_[s + 1] : n_, n_shared);
  }
}

Block GradientPass::block(int layer) const {
  const Firsts& firsts = firsts_[c_.is_local(layer) ? 1 : 0];
  return {team_, model_, {firsts.own, firsts.shared, starts_, n_, sequence_.n_shared}, layer};
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
    block(i).forward(Purpose::output);
  }
  head_.emplace(team_, model_, team_.buffers.inputs.back(), rows_, sequence_);
  return head_->sum();
}

bool GradientPass::add_gradients(float scale, const Cancel& cancel) {
  const Rows d_x = team_.buffers.d_x;
  for_each_row(team_.pool, n_, [&](int t, int) { std::fill_n(d_x.row(t), c_.n_embd, 0.0F); });
  head_->backward(scale, d_x);
  // Nothing below the first layer that learns needs a gradient.
  const int lowest = team_.parameters.first_layer();
  for (int i = c_.n_layers - 1; i >= lowest; --i) {
    if (cancel.requested()) return false;
    Block layer = block(i);
    layer.forward(Purpose::gradients);
    layer.backward(i > lowest ? InputGradient::store : InputGradient::skip);
  }
  return true;
}

}  // namespace plmm::train
