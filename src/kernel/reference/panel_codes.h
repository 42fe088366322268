// Reads single weights out of a packed panel: the specification of the layout that the tiers read
// sixteen at a time.
#pragma once

#include "kernel/packed_matrix.h"

namespace plmm::kernel::reference {

/// The unsigned code of (row, k) in panel p of a quantised matrix.
int panel_code(const PackedMatrix& w, int p, int row, int k);

struct PanelScale {
  float scale;
  float minimum;  // 0 where the layout has none
};
/// Of sub-block s (n_sub inputs) of a row.
PanelScale panel_scale(const PackedMatrix& w, int p, int row, int s);

/// The weight of (row, k) in a float matrix.
float panel_weight(const PackedMatrix& w, int p, int row, int k);

}  // namespace plmm::kernel::reference
