// A matrix of the model with its adapter: y = W·x + scaling · B·(A·x), and the gradients.
#pragma once

#include <span>

#include "base/thread_pool.h"
#include "kernel/backward.h"
#include "kernel/dispatch.h"
#include "train/buffers.h"
#include "train/parameters.h"
#include "train/rows.h"

namespace plmm::train {

/// What every stage needs.
struct Team {
  const kernel::Kernels& kernels;
  ThreadPool& pool;
  Buffers& buffers;
  Parameters& parameters;
};

/// One matrix of a stage. Up to three share an input.
struct Linear {
  const kernel::PackedMatrix* w;
  const PairPlace* pair;
  Rows y;      // of the output, or of the gradient by it
  float* low;  // [n][rank] scaling · A·x: written by forward, read by backward
};

/// y of each; the base product on the path of inference (8-bit activations unless the matrix holds
/// floats), the adapter's in f32.
void linear_forward(const Team& team, std::span<const Linear> linears, Rows x, int n);

/// Columns of a gradient by the input that one task computes: up to three strips.
inline int input_columns(const ThreadPool& pool, int n_in) {
  const int n_strips = (n_in + kernel::kStripColumns - 1) / kernel::kStripColumns;
  return pieces_of_task(n_strips, 3, pool.size()) * kernel::kStripColumns;
}

/// Only the part that linear_backward() needs: low.
void low_forward(const Team& team, std::span<const Linear> linears, Rows x, int n);

enum class InputGradient : bool { skip, store };

/// Adds to the gradients of A and B of each, and stores d_x = Σ Wᵀ·dy + Aᵀ·(scaling · Bᵀ·dy) over
/// all of them unless it is not wanted. The rounding of activations is taken as if it were not
/// there (straight through).
void linear_backward(const Team& team, std::span<const Linear> linears, Rows x, int n,
                     InputGradient wanted, Rows d_x);

}  // namespace plmm::train
