// What an adapter adds to a stage of the forward pass: A·x for all its matrices first, then B times
// that behind each panel of the weights.
#include <algorithm>

#include "model/forward_pass.h"

namespace plmm::model {

ForwardPass::Changes ForwardPass::changes(int index,
                                          std::initializer_list<LoraTarget> targets) const {
  Changes out;
  out.layer = index;
  for (const LoraTarget target : targets)
    out.targets[static_cast<std::size_t>(out.n_targets++)] = target;
  for (const Workspace::Group& group : ws_.groups_) {
    if (group.lora.adapter == nullptr) continue;
    int width = 0;
    for (const LoraTarget target : targets) {
      const PackedLora::Pair& pair = group.lora.adapter->pair(index, target);
      width += pair.empty() ? 0 : pair.a.n_out;
    }
    out.width = std::max(out.width, width);
  }
  return out;
}

ForwardPass::Change ForwardPass::change_of(const Workspace::Group& group, const Changes& changes,
                                           int target) const {
  if (group.lora.adapter == nullptr) return {};
  Change out;
  for (int i = 0; i <= target; ++i) {
    if (out.pair != nullptr) out.column += out.pair->a.n_out;
    const LoraTarget one = changes.targets[static_cast<std::size_t>(i)];
    const PackedLora::Pair& pair = group.lora.adapter->pair(changes.layer, one);
    out.pair = pair.empty() ? nullptr : &pair;
  }
  return out;
}

void ForwardPass::project(const Changes& changes, const Input& in, Range rows, int thread) {
  for (const Workspace::Group& group : ws_.groups_) {
    const Range mine{std::max(rows.begin, group.begin), std::min(rows.end, group.end)};
    if (mine.begin < mine.end) project_group(group, changes, in, mine, thread);
  }
}

void ForwardPass::project_group(const Workspace::Group& group, const Changes& changes,
                                const Input& in, Range rows, int thread) {
  // A single token's rows of A are shared out, several tokens are shared out themselves.
  const bool single = in.n == 1;
  int n_panels = 0;
  for (int i = 0; i < changes.n_targets; ++i) {
    const Change change = change_of(group, changes, i);
    n_panels += change.pair != nullptr ? change.pair->a.n_panels() : 0;
  }
  const Range mine = single ? split(n_panels, thread, pool_.size()) : Range{0, n_panels};
  int first = 0;
  for (int i = 0; i < changes.n_targets; ++i) {
    const Change change = change_of(group, changes, i);
    if (change.pair == nullptr) continue;
    const PackedMatrix& a = change.pair->a;
    const int begin = std::max(mine.begin - first, 0);
    const int end = std::min(mine.end - first, a.n_panels());
    first += a.n_panels();
    if (begin >= end) continue;
    const int row = begin * kernel::kPanelRows;
    const int n_rows = std::min(end * kernel::kPanelRows, a.n_out) - row;
    float* h = ws_.low_rank_ + change.column + row;
    k_.matmul_float(a, begin, end, in.x, in.ldx, rows.begin, rows.end, h, changes.width,
                    kernel::Epilogue::store);
    for (int t = rows.begin; t < rows.end; ++t) {
      k_.scale(h + static_cast<std::ptrdiff_t>(t) * changes.width,
               change.pair->scaling * group.lora.scale, n_rows);
    }
  }
}

void ForwardPass::add_change(const Target& target, const Input& in, Range panels) {
  if (target.changes == nullptr || target.changes->width == 0) return;
  for (const Workspace::Group& group : ws_.groups_) {
    const Change change = change_of(group, *target.changes, target.change);
    if (change.pair == nullptr) continue;
    k_.matmul_float(change.pair->b, panels.begin, panels.end, ws_.low_rank_ + change.column,
                    in.ld_low_rank, group.begin, group.end, target.y, target.ldy,
                    kernel::Epilogue::add);
  }
}

}  // namespace plmm::model
