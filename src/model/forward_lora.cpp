// What an adapter adds to a stage of the forward pass: A·x for all its matrices first, then B times
// that behind each panel of the weights.
#include <algorithm>

#include "model/forward_pass.h"

namespace plmm::model {

ForwardPass::Changes ForwardPass::changes(int index,
                                          std::initializer_list<LoraTarget> targets) const {
  Changes out;
  if (lora_.adapter == nullptr) return out;
  for (std::size_t i = 0; const LoraTarget target : targets) {
    const PackedLora::Pair& pair = lora_.adapter->pair(index, target);
    if (!pair.empty()) {
      out.of[i] = {&pair, out.width};
      out.width += pair.a.n_out;
    }
    ++i;
  }
  return out;
}

void ForwardPass::project(const Changes& changes, const Input& in, Range tokens, int thread) {
  // A single token's rows of A are shared out, several tokens are shared out themselves.
  const bool single = in.n == 1;
  int n_panels = 0;
  for (const Change& change : changes.of) n_panels += change.pair ? change.pair->a.n_panels() : 0;
  const Range mine = single ? split(n_panels, thread, pool_.size()) : Range{0, n_panels};
  int first = 0;
  for (const Change& change : changes.of) {
    if (change.pair == nullptr) continue;
    const PackedMatrix& a = change.pair->a;
    const int begin = std::max(mine.begin - first, 0);
    const int end = std::min(mine.end - first, a.n_panels());
    first += a.n_panels();
    if (begin >= end) continue;
    const int row = begin * kernel::kPanelRows;
    const int n_rows = std::min(end * kernel::kPanelRows, a.n_out) - row;
    float* h = ws_.low_rank_ + change.column + row;
    k_.matmul_float(a, begin, end, in.x, in.ldx, tokens.begin, tokens.end, h, changes.width,
                    kernel::Epilogue::store);
    for (int t = tokens.begin; t < tokens.end; ++t) {
      k_.scale(h + static_cast<std::ptrdiff_t>(t) * changes.width,
               change.pair->scaling * lora_.scale, n_rows);
    }
  }
}

void ForwardPass::add_change(const Target& target, const Input& in, Range panels) {
  if (target.change.pair == nullptr) return;
  k_.matmul_float(target.change.pair->b, panels.begin, panels.end,
                  ws_.low_rank_ + target.change.column, in.ld_low_rank, 0, in.n, target.y,
                  target.ldy, kernel::Epilogue::add);
}

}  // namespace plmm::model
