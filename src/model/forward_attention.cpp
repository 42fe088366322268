// The attention block of a layer: projections, biases, head norms, rotation, cache, softmax,
// output.
#include <algorithm>
#include <cmath>
#include <iterator>

#include "model/forward_pass.h"

namespace plmm::model {
namespace {

std::size_t at(int row, int width) {
  return static_cast<std::size_t>(row) * static_cast<std::size_t>(width);
}

}  // namespace

void ForwardPass::attend_block(int index, int thread) {
  const LayerWeights& w = model_.weights().layers[static_cast<std::size_t>(index)];
  const int stage = index * kStagesPerLayer;
  const Changes inner = changes(index, {LoraTarget::query, LoraTarget::key, LoraTarget::value});
  const Target projections[3] = {
      {&w.query, ws_.q_, c_.q_dim(), kernel::Epilogue::store, &inner, 0},
      {&w.key, ws_.k_, c_.kv_dim(), kernel::Epilogue::store, &inner, 1},
      {&w.value, ws_.v_, c_.kv_dim(), kernel::Epilogue::store, &inner, 2}};
  const Input normed = prepare(ws_.x_, n_, c_.n_embd, &w.attention_norm,
                               {&w.query, &w.key, &w.value}, inner, thread);
  multiply(projections, normed, stage, thread);
  barrier();
  rotate_and_store(index, w, thread);
  barrier();
  attention(index, stage + 1, thread);
  barrier();
  const Changes outer = changes(index, {LoraTarget::output});
  const Input in = prepare(ws_.q_, n_, c_.q_dim(), nullptr, {&w.output}, outer, thread);
  const Target target = block_output(w.output, outer);
  multiply({&target, 1}, in, stage + 2, thread);
  finish_block(w.post_attention_norm, thread);
}

void ForwardPass::rotate_and_store(int index, const LayerWeights& weights, int thread) {
  const Range mine = tokens_of(thread);
  for (int t = mine.begin; t < mine.end; ++t) rotate_token(index, weights, t);
}

void ForwardPass::rotate_token(int index, const LayerWeights& weights, int t) {
  const int dim = c_.head_dim, half = dim / 2;
  float* q = ws_.q_ + at(t, c_.q_dim());
  float* k = ws_.k_ + at(t, c_.kv_dim());
  float* v = ws_.v_ + at(t, c_.kv_dim());
  if (c_.qkv_bias) {
    k_.add(q, weights.query_bias.data(), c_.q_dim());
    k_.add(k, weights.key_bias.data(), c_.kv_dim());
    k_.add(v, weights.value_bias.data(), c_.kv_dim());
  }
  const Workspace::Part& part = part_of(t);
  KvCache& cache = *part.cache;
  const int position = part.position + t - part.row;
  const float* cosines = ws_.angles_ + at((c_.is_local(index) ? 2 * n_ : 0) + t, half);
  const float* sines = cosines + at(n_, half);
  const auto turn = [&](float* head, const std::vector<float>& norm) {
    if (c_.qk_norm) k_.rms_norm(head, norm.data(), dim, c_.norm_epsilon, head);
    k_.rope(head, cosines, sines, dim);
  };
  for (int h = 0; h < c_.n_heads; ++h) turn(q + at(h, dim), weights.query_norm);
  k_.scale(q, 1.0F / std::sqrt(static_cast<float>(dim)), c_.q_dim());
  for (int h = 0; h < c_.n_kv_heads; ++h) {
    turn(k + at(h, dim), weights.key_norm);
    k_.store_kv(cache.type(), k + at(h, dim), v + at(h, dim), position, dim, cache.keys(index, h),
                cache.values(index, h));
  }
}

/// A task is some query rows of one part and key-value head: as many as a tile takes, but no more
/// than an even share of the pass.
void ForwardPass::share_out_attention() {
  const int group = c_.n_heads / c_.n_kv_heads;
  const int even_share = std::max((n_ * c_.n_heads + pool_.size() - 1) / pool_.size(), 1);
  for (Workspace::Part& part : ws_.parts_) {
    part.task = n_attention_tasks_;
    part.n_queries = std::min({kernel::kQueryTile, part.n * group, even_share});
    const int tasks_per_head = (part.n * group + part.n_queries - 1) / part.n_queries;
    n_attention_tasks_ += tasks_per_head * c_.n_kv_heads;
  }
}

void ForwardPass::attention(int index, int stage, int thread) {
  if (is_by_segments()) return attention_by_segments(index, thread);
  const int group = c_.n_heads / c_.n_kv_heads;
  for (int i = next_task(stage); i < n_attention_tasks_; i = next_task(stage)) {
    // Late tokens see the most positions: the longest tasks first.
    const int task = n_attention_tasks_ - 1 - i;
    const auto behind = std::ranges::upper_bound(ws_.parts_, task, {}, &Workspace::Part::task);
    const Workspace::Part& part = *std::prev(behind);
    const int kv_head = (task - part.task) % c_.n_kv_heads;
    const int begin = (task - part.task) / c_.n_kv_heads * part.n_queries;
    attention_rows(index, part, kv_head, {begin, std::min(begin + part.n_queries, part.n * group)},
                   thread);
  }
}

/// Row r of a part: query head r % group of its token r / group.
kernel::AttentionTile ForwardPass::attention_tile(int index, const Workspace::Part& part,
                                                  int kv_head, Range rows) {
  const int group = c_.n_heads / c_.n_kv_heads, dim = c_.head_dim;
  kernel::AttentionTile tile{};
  tile.cache = part.cache->type();
  tile.head_dim = dim;
  tile.n_queries = rows.end - rows.begin;
  tile.keys = part.cache->keys(index, kv_head);
  tile.values = part.cache->values(index, kv_head);
  for (int i = 0; i < tile.n_queries; ++i) {
    const int t = (rows.begin + i) / group, head = kv_head * group + (rows.begin + i) % group;
    float* q = ws_.q_ + at(part.row + t, c_.q_dim()) + at(head, dim);
    tile.query[i] = q;
    tile.out[i] = q;  // each query row is read before its place is written
    tile.last[i] = part.position + t + 1;
    tile.first[i] = c_.is_local(index) ? std::max(0, tile.last[i] - c_.sliding_window) : 0;
  }
  return tile;
}

void ForwardPass::attention_rows(int index, const Workspace::Part& part, int kv_head, Range rows,
                                 int thread) {
  kernel::AttentionTile tile = attention_tile(index, part, kv_head, rows);
  tile.scores = ws_.thread_scores_[static_cast<std::size_t>(thread)];
  tile.ld_scores = ws_.ld_scores_;
  k_.attention(tile);
}

bool ForwardPass::is_by_segments() const {
  const Workspace::Part& part = ws_.parts_.front();
  return pool_.size() > 1 && ws_.parts_.size() == 1 &&
         part.cache->type() == kernel::CacheType::int8 &&
         part.n * (c_.n_heads / c_.n_kv_heads) <= kernel::kQueryTile &&
         part.position + part.n > kernel::kSegment;
}

float* ForwardPass::attention_part(int kv_head, int row, int segment) const {
  const int n_segments = ws_.ld_scores_ / kernel::kSegment + 1;
  const int index = (kv_head * kernel::kQueryTile + row) * n_segments + segment;
  return ws_.attention_parts_ + at(index, kernel::part_floats(c_.head_dim));
}

void ForwardPass::attention_by_segments(int index, int thread) {
  const Workspace::Part& part = ws_.parts_.front();
  const int group = c_.n_heads / c_.n_kv_heads, n_rows = part.n * group;
  const auto tile_of = [&](int kv_head) {
    return attention_tile(index, part, kv_head, {0, n_rows});
  };
  const kernel::AttentionTile first_tile = tile_of(0);  // all heads see the same positions
  const int begin = first_tile.first[0] / kernel::kSegment;
  const int end = (part.position + part.n - 1) / kernel::kSegment + 1;
  const auto stride = static_cast<std::size_t>(attention_part(0, 1, 0) - attention_part(0, 0, 0));
  // Segments in turn, as they lie in memory: while one is computed the next one is fetched.
  const Range segments = split((end - begin) * c_.n_kv_heads, thread, pool_.size());
  for (int i = segments.begin; i < segments.end; ++i) {
    const int kv_head = i / (end - begin), segment = begin + i % (end - begin);
    k_.attend_segment(tile_of(kv_head), segment, attention_part(kv_head, 0, segment), stride);
  }
  barrier();
  const Range mine = split(n_rows * c_.n_kv_heads, thread, pool_.size());
  for (int i = mine.begin; i < mine.end; ++i) {
    const int kv_head = i / n_rows, row = i % n_rows;
    const int first = first_tile.first[row] / kernel::kSegment;
    const int last = (first_tile.last[row] - 1) / kernel::kSegment;
    k_.join_segments(attention_part(kv_head, row, first),
                     static_cast<std::size_t>(kernel::part_floats(c_.head_dim)), last - first + 1,
                     c_.head_dim, tile_of(kv_head).out[row]);
  }
}

}  // namespace plmm::model
