// What attention over an int8 cache must compute: one query and one number at a time.
#pragma once

#include "kernel/dispatch.h"

namespace plmm::kernel::reference {

void store_kv_int8(const float* key, const float* value, int position, int head_dim, void* keys,
                   void* values);
void attention_int8(const AttentionTile& tile);
void attend_segment(const AttentionTile& tile, int segment, float* parts, std::size_t stride);
void join_segments(float* parts, std::size_t stride, int n, int head_dim, float* out);

}  // namespace plmm::kernel::reference
