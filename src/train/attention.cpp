// Attention in training, head by head.
#include "train/attention.h"

#include <algorithm>
#include <limits>
#include <span>

#include "kernel/backward.h"

namespace plmm::train {
namespace {

using kernel::Start;

std::size_t u(int n) { return static_cast<std::size_t>(n); }

int rounded_up(int n) {
  return (n + kernel::kKeyBlock - 1) / kernel::kKeyBlock * kernel::kKeyBlock;
}

/// The gradient of one query head: its own rows of d_q, and its share of its keys and values.
class HeadBackward {
 public:
  HeadBackward(const Team& team, const model::ModelConfig& config, const Visible& visible, int head,
               int thread)
      : team_(team),
        k_(*team.kernels.backward),
        visible_(visible),
        dim_(config.head_dim),
        column_(head * config.head_dim),
        kv_column_(head / (config.n_heads / config.n_kv_heads) * config.head_dim),
        ld_(u(team.buffers.n_positions)),
        p_(team.buffers.scores[u(thread)]),
        d_p_(team.buffers.d_scores[u(thread)]) {
    const Buffers& b = team.buffers;
    const std::size_t turned = u(kv_column_) * ld_, own = u(column_) * ld_;
    keys_turned_ = b.keys_turned + turned;
    values_turned_ = b.values_turned + turned;
    d_keys_ = b.d_keys + own;
    d_values_ = b.d_values + own;
  }

  void run() {
    const std::size_t used = u(rounded_up(visible_.n)) * u(dim_);
    std::fill_n(d_keys_, used, 0.0F);
    std::fill_n(d_values_, used, 0.0F);
    for (int t = 0; t < visible_.n; t += kBackwardTile) {
      tile(t, std::min(t + kBackwardTile, visible_.n));
    }
  }

 private:
  /// Queries [t0, t1) against the keys that any of them sees, from a multiple of 16 on.
  void tile(int t0, int t1) {
    const Buffers& b = team_.buffers;
    int first = lowest(t0);
    for (int t = t0; t < t1; ++t) first = std::min(first, lowest(t));
    const int begin = first / kernel::kKeyBlock * kernel::kKeyBlock, width = rounded_up(t1) - begin;
    const Rows q = b.q.from(column_), d_o = b.d_o.from(column_);
    by_keys(q.row(t0), q.ld, keys_turned_ + begin, t1 - t0, width, p_);
    by_keys(d_o.row(t0), d_o.ld, values_turned_ + begin, t1 - t0, width, d_p_);
    for (int t = t0; t < t1; ++t) {
      float* p = p_ + u(t - t0) * ld_;
      const std::span<float> others = between(p, t, begin);
      std::ranges::fill(others, -std::numeric_limits<float>::infinity());
      k_.softmax(p, lowest(t) - begin, t + 1 - begin, 0, width);
      std::ranges::fill(others, 0.0F);
      k_.softmax_backward(p, d_p_ + u(t - t0) * ld_, width);
    }
    by_queries(p_, d_o.row(t0), d_o.ld, t1 - t0, width, d_values_ + u(begin) * u(dim_));
    by_queries(d_p_, q.row(t0), q.ld, t1 - t0, width, d_keys_ + u(begin) * u(dim_));
    const Rows d_q = b.d_q.from(column_), keys = b.k.from(kv_column_);
    k_.product({.n_rows = t1 - t0,
                .n_columns = dim_,
                .depth = t1 - begin,
                .a = d_p_,
                .a_row = ld_,
                .b = keys.row(begin),
                .ldb = keys.ld,
                .c = d_q.row(t0),
                .ldc = d_q.ld});
  }

  /// The first row that query t sees.
  int lowest(int t) const {
    const int shared = visible_.first_shared[u(t)];
    return shared < visible_.n_shared ? shared : visible_.first[u(t)];
  }
  /// Of scores from row `begin` on those of the segments between what t shares and its own.
  std::span<float> between(float* scores, int t, int begin) const {
    if (visible_.first_shared[u(t)] >= visible_.n_shared) return {};
    const int n = visible_.first[u(t)] - visible_.n_shared;
    if (n <= 0) return {};
    return {scores + (visible_.n_shared - begin), u(n)};
  }

  /// out [n][width] = rows · turned
  void by_keys(const float* rows, std::size_t ld, const float* turned, int n, int width,
               float* out) {
    k_.product({.n_rows = n,
                .n_columns = width,
                .depth = dim_,
                .a = rows,
                .a_row = ld,
                .b = turned,
                .ldb = ld_,
                .c = out,
                .ldc = ld_});
  }

  /// sums [width][dim] += scoresᵀ · rows
  void by_queries(const float* scores, const float* rows, std::size_t ld, int n, int width,
                  float* sums) {
    k_.product({.n_rows = width,
                .n_columns = dim_,
                .depth = n,
                .a = scores,
                .a_row = 1,
                .a_depth = ld_,
                .b = rows,
                .ldb = ld,
                .c = sums,
                .ldc = u(dim_),
                .start = Start::old});
  }

  const Team& team_;
  const kernel::BackwardKernels& k_;
  const Visible& visible_;
  int dim_, column_, kv_column_;
  std::size_t ld_;
  float *p_, *d_p_;
  const float *keys_turned_, *values_turned_;
  float *d_keys_, *d_values_;
};

/// k and v of every key-value head as [head_dim][position], zeros up to a whole block.
void turn_keys(const Team& team, const model::ModelConfig& c, int n) {
  const Buffers& b = team.buffers;
  for_each_task(team.pool, 2 * c.n_kv_heads, [&](int task, int) {
    const Rows rows = (task % 2 == 0 ? b.k : b.v).from(task / 2 * c.head_dim);
    float* out = (task % 2 == 0 ? b.keys_turned : b.values_turned) +
                 u(task / 2) * u(c.head_dim) * u(b.n_positions);
    team.kernels.backward->transpose(rows.data, rows.ld, n, c.head_dim, out, u(b.n_positions));
    for (int d = 0; d < c.head_dim; ++d) {
      std::fill_n(out + u(d) * u(b.n_positions) + n, rounded_up(n) - n, 0.0F);
    }
  });
}

}  // namespace

namespace {

/// Rows [begin, end) behind the shared ones, or these themselves: in the cache they stand behind
/// `n_before` positions, where those of the segment before are not needed any more.
void segment_forward(const Team& team, const model::ModelConfig& c, kernel::CacheType type,
                     const Visible& visible, int begin_row, int end_row, int n_before) {
  const Buffers& b = team.buffers;
  const int dim = c.head_dim, group = c.n_heads / c.n_kv_heads;
  const int n_queries = (end_row - begin_row) * group, back = begin_row - n_before;
  for_each_row(team.pool, end_row - begin_row, [&](int i, int) {
    const int t = begin_row + i;
    for (int h = 0; h < c.n_kv_heads; ++h) {
      const std::size_t at = u(h) * b.cache_head_bytes;
      team.kernels.store_kv(type, b.k.row(t) + h * dim, b.v.row(t) + h * dim, t - back, dim,
                            b.keys + at, b.values + at);
    }
  });
  const int per_head = (n_queries + kernel::kQueryTile - 1) / kernel::kQueryTile;
  for_each_task(team.pool, per_head * c.n_kv_heads, [&](int task, int thread) {
    const int kv_head = task % c.n_kv_heads;
    const int begin = (per_head - 1 - task / c.n_kv_heads) * kernel::kQueryTile;  // longest first
    const int end = std::min(begin + kernel::kQueryTile, n_queries);
    kernel::AttentionTile tile{};
    tile.cache = type;
    tile.head_dim = dim;
    tile.n_queries = end - begin;
    tile.keys = b.keys + u(kv_head) * b.cache_head_bytes;
    tile.values = b.values + u(kv_head) * b.cache_head_bytes;
    tile.scores = b.scores[u(thread)];
    tile.ld_scores = b.n_positions;
    for (int i = 0; i < tile.n_queries; ++i) {
      const int t = begin_row + (begin + i) / group;
      const int column = (kv_head * group + (begin + i) % group) * dim;
      const int shared = visible.first_shared[u(t)];
      tile.query[i] = b.q.row(t) + column;
      tile.out[i] = b.o.row(t) + column;
      tile.first[i] = shared < visible.n_shared ? shared : visible.first[u(t)] - back;
      tile.last[i] = t - back + 1;
    }
    team.kernels.attention(tile);
  });
}

}  // namespace

void attention_forward(const Team& team, const model::ModelConfig& c, kernel::CacheType type,
                       const Visible& visible) {
  // Without shared tokens all segments together: each sees its own positions only.
  if (visible.n_shared == 0) return segment_forward(team, c, type, visible, 0, visible.n, 0);
  segment_forward(team, c, type, visible, 0, visible.n_shared, 0);
  for (std::size_t i = 0; i < visible.starts.size(); ++i) {
    const bool is_last = i + 1 == visible.starts.size();
    segment_forward(team, c, type, visible, visible.starts[i],
                    is_last ? visible.n : visible.starts[i + 1], visible.n_shared);
  }
}

void attention_backward(const Team& team, const model::ModelConfig& c, const Visible& visible) {
  const Buffers& b = team.buffers;
  turn_keys(team, c, visible.n);
  for_each_task(team.pool, c.n_heads,
                [&](int head, int thread) { HeadBackward(team, c, visible, head, thread).run(); });
  const int dim = c.head_dim, group = c.n_heads / c.n_kv_heads;
  for_each_row(team.pool, visible.n, [&](int t, int) {
    const auto sum = [&](const float* shares, int kv_head, float* out) {
      for (int i = 0; i < group; ++i) {
        const float* share = shares + (u(kv_head * group + i) * u(b.n_positions) + u(t)) * u(dim);
        if (i == 0) {
          std::copy_n(share, dim, out);
        } else {
          team.kernels.add(out, share, dim);
        }
      }
    };
    for (int h = 0; h < c.n_kv_heads; ++h) {
      sum(b.d_keys, h, b.d_k.row(t) + h * dim);
      sum(b.d_values, h, b.d_v.row(t) + h * dim);
    }
  });
}

}  // namespace plmm::train
