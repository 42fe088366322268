// Products with adapters: stages of tasks over tokens, panels or columns.
#include "train/linear.h"

#include <algorithm>

#include "kernel/backward.h"

namespace plmm::train {
namespace {

using kernel::FloatProduct;
using kernel::Start;

constexpr int kTaskPanels = 4;   // panels that share their activations
constexpr int kTokenTask = 48;   // four tiles of rows
constexpr int kColumnTask = 64;  // two strips

std::size_t u(int n) { return static_cast<std::size_t>(n); }
int tasks_of(int n, int each) { return (n + each - 1) / each; }

/// A of each pair turned to [n_in][rank], or B, which is kept turned, to [n_out][rank].
enum class Side : bool { a, b };
void turn(const Team& team, std::span<const Linear> linears, Side side) {
  constexpr int kRows = 256;
  const auto& k = *team.kernels.backward;
  const auto width = [&](const Linear& l) {
    return side == Side::a ? l.pair->n_in : l.pair->n_out;
  };
  int most = 0;
  for (const Linear& l : linears) most = std::max(most, tasks_of(width(l), kRows));
  for_each_task(team.pool, most * static_cast<int>(linears.size()), [&](int task, int) {
    const auto which = u(task / most);
    const Linear& l = linears[which];
    const int begin = task % most * kRows, n = std::min(kRows, width(l) - begin);
    if (l.pair->empty() || n <= 0) return;
    const float* from = team.parameters.values.data() + (side == Side::a ? l.pair->a : l.pair->b);
    k.transpose(from + begin, u(width(l)), l.pair->rank, n,
                team.buffers.turned[which] + u(begin) * u(l.pair->rank), u(l.pair->rank));
  });
}

/// low = scaling · x · turned for the rows of a task.
void low_rows(const Team& team, Rows x, int depth, const PairPlace& pair, const float* turned,
              float* low, int begin, int end) {
  FloatProduct p{.n_rows = end - begin,
                 .n_columns = pair.rank,
                 .depth = depth,
                 .a = x.row(begin),
                 .a_row = x.ld,
                 .b = turned,
                 .ldb = u(pair.rank),
                 .c = low + u(begin) * u(pair.rank),
                 .ldc = u(pair.rank)};
  team.kernels.backward->product(p);
  team.kernels.scale(p.c, pair.scaling, p.n_rows * pair.rank);
}

void multiply_panels(const Team& team, const Linear& l, Rows x, const kernel::QuantizedRows& codes,
                     int n, int begin, int thread) {
  const int end = std::min(begin + kTaskPanels, l.w->n_panels());
  const int row = begin * kernel::kPanelRows;
  float* y = l.y.data + row;
  if (l.w->is_float()) {
    team.kernels.matmul_float(*l.w, begin, end, x.data, x.stride(), 0, n, y, l.y.stride(),
                              kernel::Epilogue::store);
  } else {
    team.kernels.matmul(*l.w, begin, end, codes, 0, n, y, l.y.stride(), kernel::Epilogue::store,
                        team.buffers.scratch[u(thread)]);
  }
  if (l.pair->empty()) return;
  const int rank = l.pair->rank;
  team.kernels.backward->product({.n_rows = n,
                                  .n_columns = std::min(end * kernel::kPanelRows, l.w->n_out) - row,
                                  .depth = rank,
                                  .a = l.low,
                                  .a_row = u(rank),
                                  .b = team.parameters.values.data() + l.pair->b + row,
                                  .ldb = u(l.pair->n_out),
                                  .c = y,
                                  .ldc = l.y.ld,
                                  .start = Start::old});
}

/// A += lowᵀ·x of the columns of a task: low [n][rank], x [n][width].
void outer(const Team& team, const float* low, int rank, int n, Rows x, int width, float* gradient,
           int begin) {
  team.kernels.backward->product({.n_rows = rank,
                                  .n_columns = std::min(kColumnTask, width - begin),
                                  .depth = n,
                                  .a = low,
                                  .a_row = 1,
                                  .a_depth = u(rank),
                                  .b = x.data + begin,
                                  .ldb = x.ld,
                                  .c = gradient + begin,
                                  .ldc = u(width),
                                  .start = Start::old});
}

/// Columns [begin, end) of d_x.
void input_gradient(const Team& team, std::span<const Linear> linears, int n, int begin, int end,
                    Rows d_x) {
  const auto& k = *team.kernels.backward;
  for (std::size_t i = 0; i < linears.size(); ++i) {
    const Linear& l = linears[i];
    k.product_transposed(*l.w, l.y.data, l.y.ld, n, begin, end, d_x.data, d_x.ld,
                         i == 0 ? Start::zero : Start::old);
    if (l.pair->empty()) continue;
    k.product({.n_rows = n,
               .n_columns = end - begin,
               .depth = l.pair->rank,
               .a = team.buffers.d_low[i],
               .a_row = u(l.pair->rank),
               .b = team.parameters.values.data() + l.pair->a + begin,
               .ldb = u(l.pair->n_in),
               .c = d_x.data + begin,
               .ldc = d_x.ld,
               .start = Start::old});
  }
}

}  // namespace

void low_forward(const Team& team, std::span<const Linear> linears, Rows x, int n) {
  turn(team, linears, Side::a);
  for_each_task(team.pool, tasks_of(n, kTokenTask), [&](int task, int) {
    const int begin = task * kTokenTask, end = std::min(begin + kTokenTask, n);
    for (std::size_t i = 0; i < linears.size(); ++i) {
      const Linear& l = linears[i];
      if (l.pair->empty()) continue;
      low_rows(team, x, l.w->n_in, *l.pair, team.buffers.turned[i], l.low, begin, end);
    }
  });
}

void linear_forward(const Team& team, std::span<const Linear> linears, Rows x, int n) {
  const auto codes = kernel::QuantizedRows::in(team.buffers.quantized, n, linears.front().w->n_in);
  if (!std::ranges::all_of(linears, [](const Linear& l) { return l.w->is_float(); })) {
    for_each_task(team.pool, tasks_of(n, kTokenTask), [&](int task, int) {
      const int begin = task * kTokenTask;
      team.kernels.quantize_rows(x.data, x.stride(), begin, std::min(begin + kTokenTask, n), codes);
    });
  }
  low_forward(team, linears, x, n);
  int n_tasks = 0;
  for (const Linear& l : linears) n_tasks += tasks_of(l.w->n_panels(), kTaskPanels);
  for_each_task(team.pool, n_tasks, [&](int task, int thread) {
    for (const Linear& l : linears) {
      const int mine = tasks_of(l.w->n_panels(), kTaskPanels);
      if (task < mine) return multiply_panels(team, l, x, codes, n, task * kTaskPanels, thread);
      task -= mine;
    }
  });
}

void linear_backward(const Team& team, std::span<const Linear> linears, Rows x, int n,
                     InputGradient wanted, Rows d_x) {
  const int n_in = linears.front().w->n_in;
  turn(team, linears, Side::b);
  for_each_task(team.pool, tasks_of(n, kTokenTask), [&](int task, int) {
    const int begin = task * kTokenTask, end = std::min(begin + kTokenTask, n);
    for (std::size_t i = 0; i < linears.size(); ++i) {
      const Linear& l = linears[i];
      if (l.pair->empty()) continue;
      low_rows(team, l.y, l.pair->n_out, *l.pair, team.buffers.turned[i], team.buffers.d_low[i],
               begin, end);
    }
  });
  const int width = input_columns(team.pool, n_in);
  const int n_strips = wanted == InputGradient::store ? tasks_of(n_in, width) : 0;
  const int of_a = tasks_of(n_in, kColumnTask);
  int n_outer = 0;
  for (const Linear& l : linears) n_outer += of_a + tasks_of(l.pair->n_out, kColumnTask);
  // The dear tasks first, so that no thread is left alone with one at the end.
  for_each_task(team.pool, n_strips + n_outer, [&](int task, int) {
    if (task < n_strips) {
      const int begin = task * width;
      return input_gradient(team, linears, n, begin, std::min(begin + width, n_in), d_x);
    }
    task -= n_strips;
    for (std::size_t i = 0; i < linears.size(); ++i) {
      const Linear& l = linears[i];
      const int of_b = tasks_of(l.pair->n_out, kColumnTask);
      if (task >= of_a + of_b) {
        task -= of_a + of_b;
        continue;
      }
      if (l.pair->empty()) return;
      float* gradients = team.parameters.gradients.data();
      if (task < of_a) {
        return outer(team, team.buffers.d_low[i], l.pair->rank, n, x, n_in, gradients + l.pair->a,
                     task * kColumnTask);
      }
      return outer(team, l.low, l.pair->rank, n, l.y, l.pair->n_out, gradients + l.pair->b,
                   (task - of_a) * kColumnTask);
    }
  });
}

}  // namespace plmm::train
