// The stages of a layer in training; docs/training.md follows them.
#include "train/block.h"

#include <algorithm>
#include <cmath>

#include "kernel/backward.h"

namespace plmm::train {
namespace {

using kernel::Start;
using model::LoraTarget;

std::size_t u(int n) { return static_cast<std::size_t>(n); }

}  // namespace

Block::Block(const Team& team, const model::Model& model, Visible visible, int index)
    : team_(team),
      k_(team.kernels),
      model_(model),
      c_(model.config()),
      w_(model.weights().layers[u(index)]),
      b_(team.buffers),
      visible_(visible),
      n_(visible.n),
      index_(index) {}

Linear Block::linear(LoraTarget target, const kernel::PackedMatrix& w, Rows y) const {
  return {&w, &team_.parameters.place(index_, target), y, b_.low[static_cast<std::size_t>(target)]};
}

void Block::norm_rows(Rows x, const std::vector<float>& weight, Rows out) {
  for_each_row(team_.pool, n_, [&](int t, int) {
    k_.rms_norm(x.row(t), weight.data(), c_.n_embd, c_.norm_epsilon, out.row(t));
  });
}

void Block::join(Rows x, Rows y, const std::vector<float>& post_norm, Rows out) {
  for_each_row(team_.pool, n_, [&](int t, int) {
    if (!post_norm.empty()) {
      k_.rms_norm(y.row(t), post_norm.data(), c_.n_embd, c_.norm_epsilon, out.row(t));
    }
    k_.add(out.row(t), x.row(t), c_.n_embd);
  });
}

void Block::rotate(int t) {
  const int dim = c_.head_dim, half = dim / 2;
  float *q = b_.q.row(t), *k = b_.k.row(t);
  if (c_.qkv_bias) {
    k_.add(q, w_.query_bias.data(), c_.q_dim());
    k_.add(k, w_.key_bias.data(), c_.kv_dim());
    k_.add(b_.v.row(t), w_.value_bias.data(), c_.kv_dim());
  }
  if (c_.qk_norm) {
    std::copy_n(q, c_.q_dim(), b_.q_raw.row(t));
    std::copy_n(k, c_.kv_dim(), b_.k_raw.row(t));
  }
  const float* cosines = b_.angles + u((c_.is_local(index_) ? 2 * n_ : 0) + t) * u(half);
  const float* sines = cosines + u(n_) * u(half);
  const auto turn = [&](float* head, const std::vector<float>& norm) {
    if (c_.qk_norm) k_.rms_norm(head, norm.data(), dim, c_.norm_epsilon, head);
    k_.rope(head, cosines, sines, dim);
  };
  for (int h = 0; h < c_.n_heads; ++h) turn(q + h * dim, w_.query_norm);
  for (int h = 0; h < c_.n_kv_heads; ++h) turn(k + h * dim, w_.key_norm);
  k_.scale(q, 1.0F / std::sqrt(static_cast<float>(dim)), c_.q_dim());
}

void Block::rotate_back(int t) {
  const int dim = c_.head_dim, half = dim / 2;
  const float* cosines = b_.angles + u((c_.is_local(index_) ? 2 * n_ : 0) + t) * u(half);
  const float* sines = cosines + u(n_) * u(half);
  const auto& backward = *k_.backward;
  float *d_q = b_.d_q.row(t), *d_k = b_.d_k.row(t);
  const auto turn = [&](float* d, const float* raw, const std::vector<float>& norm) {
    backward.rope_backward(d, cosines, sines, dim);
    if (!c_.qk_norm) return;
    backward.rms_norm_backward(raw, norm.data(), d, dim, c_.norm_epsilon, Start::zero, d);
  };
  k_.scale(d_q, 1.0F / std::sqrt(static_cast<float>(dim)), c_.q_dim());
  for (int h = 0; h < c_.n_heads; ++h) {
    turn(d_q + h * dim, c_.qk_norm ? b_.q_raw.row(t) + h * dim : nullptr, w_.query_norm);
  }
  for (int h = 0; h < c_.n_kv_heads; ++h) {
    turn(d_k + h * dim, c_.qk_norm ? b_.k_raw.row(t) + h * dim : nullptr, w_.key_norm);
  }
}

void Block::attend() {
  const Rows x = b_.inputs[u(index_)];
  norm_rows(x, w_.attention_norm, b_.attention_normed);
  const Linear projections[] = {linear(LoraTarget::query, w_.query, b_.q),
                                linear(LoraTarget::key, w_.key, b_.k),
                                linear(LoraTarget::value, w_.value, b_.v)};
  linear_forward(team_, projections, b_.attention_normed, n_);
  for_each_row(team_.pool, n_, [&](int t, int) { rotate(t); });
  attention_forward(team_, c_, model_.exact() ? kernel::CacheType::f32 : kernel::CacheType::f16,
                    visible_);
  const Rows out = c_.post_norms ? b_.attention_out : b_.middle;
  const Linear output[] = {linear(LoraTarget::output, w_.output, out)};
  linear_forward(team_, output, b_.o, n_);
  join(x, out, w_.post_attention_norm, b_.middle);
}

void Block::feed_forward(Purpose purpose) {
  norm_rows(b_.middle, w_.feed_forward_norm, b_.ff_normed);
  const Linear gates[] = {linear(LoraTarget::gate, w_.gate, b_.gate),
                          linear(LoraTarget::up, w_.up, b_.up)};
  linear_forward(team_, gates, b_.ff_normed, n_);
  const auto activate =
      c_.activation == model::Activation::gelu ? k_.gelu_multiply : k_.silu_multiply;
  for_each_row(team_.pool, n_, [&](int t, int) {
    std::copy_n(b_.gate.row(t), c_.n_ff, b_.ff.row(t));
    activate(b_.ff.row(t), b_.up.row(t), c_.n_ff);
  });
  const Rows end = b_.inputs[u(index_) + 1];
  const Rows out = c_.post_norms ? b_.ff_out : end;
  const Linear down[] = {linear(LoraTarget::down, w_.down, out)};
  if (purpose == Purpose::output || c_.post_norms) {
    linear_forward(team_, down, b_.ff, n_);
  } else {
    low_forward(team_, down, b_.ff, n_);
  }
  if (purpose == Purpose::output) join(b_.middle, out, w_.post_feed_forward_norm, end);
}

void Block::forward(Purpose purpose) {
  attend();
  feed_forward(purpose);
}

Rows Block::block_gradient(Rows raw, const std::vector<float>& post_norm) {
  if (post_norm.empty()) return b_.d_x;
  for_each_row(team_.pool, n_, [&](int t, int) {
    k_.backward->rms_norm_backward(raw.row(t), post_norm.data(), b_.d_x.row(t), c_.n_embd,
                                   c_.norm_epsilon, Start::zero, b_.d_block.row(t));
  });
  return b_.d_block;
}

void Block::norm_backward(Rows x, const std::vector<float>& weight, Rows d) {
  for_each_row(team_.pool, n_, [&](int t, int) {
    k_.backward->rms_norm_backward(x.row(t), weight.data(), d.row(t), c_.n_embd, c_.norm_epsilon,
                                   Start::old, b_.d_x.row(t));
  });
}

void Block::backward(InputGradient wanted) {
  const Rows d_out = block_gradient(b_.ff_out, w_.post_feed_forward_norm);
  const Linear down[] = {linear(LoraTarget::down, w_.down, d_out)};
  linear_backward(team_, down, b_.ff, n_, InputGradient::store, b_.d_ff);
  const auto gate_backward = c_.activation == model::Activation::gelu ? k_.backward->gelu_backward
                                                                      : k_.backward->silu_backward;
  for_each_row(team_.pool, n_, [&](int t, int) {
    gate_backward(b_.gate.row(t), b_.up.row(t), b_.d_ff.row(t), c_.n_ff);
  });
  const Linear gates[] = {linear(LoraTarget::gate, w_.gate, b_.gate),
                          linear(LoraTarget::up, w_.up, b_.up)};
  linear_backward(team_, gates, b_.ff_normed, n_, InputGradient::store, b_.d_normed);
  norm_backward(b_.middle, w_.feed_forward_norm, b_.d_normed);

  const Rows d_attention = block_gradient(b_.attention_out, w_.post_attention_norm);
  const Linear output[] = {linear(LoraTarget::output, w_.output, d_attention)};
  linear_backward(team_, output, b_.o, n_, InputGradient::store, b_.d_o);
  attention_backward(team_, c_, visible_);
  for_each_row(team_.pool, n_, [&](int t, int) { rotate_back(t); });
  const Linear projections[] = {linear(LoraTarget::query, w_.query, b_.d_q),
                                linear(LoraTarget::key, w_.key, b_.d_k),
                                linear(LoraTarget::value, w_.value, b_.d_v)};
  linear_backward(team_, projections, b_.attention_normed, n_, wanted, b_.d_normed);
  if (wanted == InputGradient::skip) return;
  norm_backward(b_.inputs[u(index_)], w_.attention_norm, b_.d_normed);
}

}  // namespace plmm::train
