// Attention over an int8 cache on sixteen lanes. Included inside a tier's namespace, after
// int8_cache_halves.inl or int8_cache_pairs.inl, which multiply codes. The order of operations is
// that of reference/int8_cache.cpp; see there for the formulas.
//
// Every loop over an array of accumulators is unrolled by a pragma: one that is left makes g++ keep
// the array in memory, where each product then waits for a store.

/// Lane i gets x[i] + x[i + kStep] where i has not the bit kStep, else x[i − kStep] − x[i].
template <int kStep>
inline F butterfly(F x) {
  alignas(64) static constexpr auto kSigns = [] {
    struct {
      float lane[16];
    } out{};
    for (int i = 0; i < 16; ++i) out.lane[i] = (i & kStep) != 0 ? -1.0F : 1.0F;
    return out;
  }();
  return f_fma(x, f_load(kSigns.lane), f_swap<kStep>(x));
}

/// out may be x.
inline void turn(const float* x, int head_dim, float* out) {
  for (int d = 0; d < head_dim; d += 16) {
    const F pairs = butterfly<2>(butterfly<1>(f_load(x + d)));
    f_store(out + d, butterfly<8>(butterfly<4>(pairs)));
  }
  const int width = turned_width(head_dim);
  for (int step = 16; step < width; step *= 2) {
    for (int d = 0; d < head_dim; d += 16) {
      if ((d & step) != 0) continue;
      const F a = f_load(out + d), b = f_load(out + d + step);
      f_store(out + d, f_add(a, b));
      f_store(out + d + step, f_sub(a, b));
    }
  }
}

inline F load_scales(const std::byte* at) {
  return f_load(static_cast<const float*>(static_cast<const void*>(at)));
}

struct RowScale {
  float scale;    // NaN where a number is not finite
  float inverse;  // 0 where there is nothing to scale
};

inline RowScale row_scale(const float* x, int n, float code_max) {
  F largest = f_zero(), poison = f_zero();
  for (int i = 0; i < n; i += 16) {
    const F v = f_load(x + i);
    largest = f_max(f_abs(v), largest);
    poison = f_fma(v, f_zero(), poison);
  }
  if (f_sum(poison) != 0.0F) return {__builtin_nanf(""), 0.0F};
  const float top = f_max_lanes(largest);
  if (top < kSmallestScaled) return {0.0F, 0.0F};
  return {top / code_max, code_max / top};
}

/// Codes of 16 numbers; 0 for all of a row that is not finite.
inline F codes_of(const float* x, const RowScale& row) {
  if (row.inverse == 0.0F) return f_zero();
  return f_from_i(i_from_f(f_mul(f_load(x), f_set1(row.inverse))));
}

/// code = kUnit · high + low with low in 0 … kUnit − 1; codes are whole numbers.
template <int kUnit>
inline void split_floor(F code, F& high, F& low) {
  constexpr float kInverse = 1.0F / kUnit;
  high = f_from_i(i_from_f(f_fma(code, f_set1(kInverse), f_set1(-0.5F * (kUnit - 1) * kInverse))));
  low = f_nfma(high, f_set1(kUnit), code);
}

inline void store_key(const float* key, int lane, int head_dim, std::byte* block) {
  float turned[kCacheDimMax];
  turned[0] = 0;  // g++ 12 does not see that turn() writes all that is read
  turn(key, head_dim, turned);
  const RowScale row = row_scale(turned, head_dim, kKeyCodeMax);
  std::byte* line = block + 4 * lane;
  for (int d = 0; d < head_dim; d += 16) {
    F high, low;
    split_floor<16>(codes_of(turned + d, row), high, low);
    std::int8_t bytes[16], nibbles[16];
    i_store_i8(bytes, i_from_f(high));
    i_store_i8(nibbles, i_from_f(low));
    for (int i = 0; i < 16; i += kKeyGroup, line += kKeyGroupBytes) {
      constexpr int kAddBias = static_cast<int>(0x80808080U);  // 128 to each of four bytes
      const int group[3] = {four_codes(bytes + i) ^ kAddBias, four_codes(bytes + i + 4) ^ kAddBias,
                            four_codes(nibbles + i) | four_codes(nibbles + i + 4) << 4};
      for (int j = 0; j < 3; ++j) __builtin_memcpy(line + 64 * j, &group[j], 4);
    }
  }
  __builtin_memcpy(block + key_scales_at(head_dim) + 4 * lane, &row.scale, 4);
}

inline void store_value(const float* value, int lane, int head_dim, std::byte* block) {
  float turned[kCacheDimMax];
  turned[0] = 0;  // g++ 12 does not see that turn() writes all that is read
  turn(value, head_dim, turned);
  const RowScale row = row_scale(turned, head_dim, kValueCodeMax);
  std::byte* out = block + lane / kValueGroup * kValueGroup * head_dim + lane % kValueGroup;
  for (int d = 0; d < head_dim; d += 16) {
    std::int8_t codes[16];
    i_store_i8(codes, i_from_f(codes_of(turned + d, row)));
    for (int i = 0; i < 16; ++i) out[(d + i) * kValueGroup] = static_cast<std::byte>(codes[i]);
  }
  __builtin_memcpy(block + value_scales_at(head_dim) + 4 * lane, &row.scale, 4);
}

void store_kv(CacheType type, const float* key, const float* value, int position, int head_dim,
              void* keys, void* values) {
  if (type != CacheType::int8)
    return store_kv_float(type, key, value, position, head_dim, keys, values);
  const auto block = static_cast<std::size_t>(position / kKeyBlock);
  const int lane = position % kKeyBlock;
  store_key(key, lane, head_dim,
            static_cast<std::byte*>(keys) + block * key_block_bytes(type, head_dim));
  store_value(value, lane, head_dim,
              static_cast<std::byte*>(values) + block * value_block_bytes(type, head_dim));
}

/// A query as keys are multiplied with it.
struct TurnedQuery {
  QueryCodes codes;
  float scale;  // of a product of codes / 16
};

inline void turn_query(const float* query, int head_dim, TurnedQuery& out) {
  float turned[kCacheDimMax];
  turned[0] = 0;  // g++ 12 does not see that turn() writes all that is read
  turn(query, head_dim, turned);
  const RowScale row = row_scale(turned, head_dim, kQueryCodeMax);
  out.codes.clear();
  for (int d = 0; d < head_dim; d += 16) {
    const F code = codes_of(turned + d, row);
    const F high = f_from_i(i_from_f(f_mul(code, f_set1(1.0F / 128.0F))));
    out.codes.put(d, i_from_f(high), i_from_f(f_nfma(high, f_set1(128.0F), code)));
  }
  out.scale = row.scale * (16.0F / static_cast<float>(turned_width(head_dim)));
}

/// What the queries of a tile have of one segment, on its way to a part.
struct Segment {
  int begin;  // positions that any query of the tile sees, in whole blocks
  int end;
  float scores[kQueryTile][kSegment];  // from `begin` on, as the weights
  WeightCodes weights[kQueryTile];
  float factor[kQueryTile];  // of what the codes of weights weigh
  const std::byte* next;     // keys of the next segment
  std::size_t next_bytes;    // to be fetched for each block of this one
};

/// Values are fetched while keys are multiplied, and the next keys while values are: the hardware
/// does not see these jumps coming.
inline void fetch(const std::byte* at, std::size_t n) {
  for (std::size_t i = 0; i < n; i += 64) __builtin_prefetch(at + i, 0, 2);
}

template <int kQueries>
inline void score_segment(const AttentionTile& tile, const TurnedQuery* queries, int q0,
                          Segment& s) {
  const int dim = tile.head_dim;
  for (int block = s.begin / kKeyBlock; block < s.end / kKeyBlock; ++block) {
    const auto* at = static_cast<const std::byte*>(tile.keys) +
                     static_cast<std::size_t>(block) * key_block_bytes(CacheType::int8, dim);
    if (q0 == 0) {
      const std::size_t n = value_block_bytes(CacheType::int8, dim);
      fetch(static_cast<const std::byte*>(tile.values) + static_cast<std::size_t>(block) * n, n);
    }
    KeySum sum[kQueries];
#pragma GCC unroll 8
    for (int q = 0; q < kQueries; ++q) sum[q].start(queries[q0 + q].codes);
    for (int d = 0; d < dim; d += kKeyGroup, at += kKeyGroupBytes) {
#pragma GCC unroll 2
      for (int half = 0; half < 2; ++half) {
        const B nibbles = b_load(at + 128);
        const KeyLine line =
            KeyLine::of(b_load(at + 64 * half), half == 0 ? b_low4(nibbles) : b_high4(nibbles));
#pragma GCC unroll 8
        for (int q = 0; q < kQueries; ++q) sum[q].add(line, queries[q0 + q].codes, d + 4 * half);
      }
    }
    const F scale = load_scales(at);
#pragma GCC unroll 8
    for (int q = 0; q < kQueries; ++q) {
      f_store(&s.scores[q0 + q][block * kKeyBlock - s.begin],
              f_mul(sum[q].total(), f_mul(scale, f_set1(queries[q0 + q].scale))));
    }
  }
}

/// Scores of a query become codes of weights; `part` gets the largest score and the sum.
inline void weigh_segment(const AttentionTile& tile, int q, int first, int last, Segment& s,
                          float* part) {
  float* scores = s.scores[q];
  const int begin = first - s.begin, end = last - s.begin, n = s.end - s.begin;
  for (int i = 0; i < begin; ++i) scores[i] = -__builtin_inff();
  for (int i = end; i < n; ++i) scores[i] = -__builtin_inff();
  F best = f_load(scores);
  for (int i = 16; i < n; i += 16) best = f_max(f_load(scores + i), best);
  part[0] = f_max_lanes(best);
  const F top = f_set1(part[0]);
  const std::size_t block_bytes = value_block_bytes(CacheType::int8, tile.head_dim);
  const auto* scale_at = static_cast<const std::byte*>(tile.values) +
                         static_cast<std::size_t>(s.begin / kKeyBlock) * block_bytes +
                         value_scales_at(tile.head_dim);
  F sum = f_zero(), largest = f_zero(), poison = f_zero();
  for (int i = 0; i < n; i += 16, scale_at += block_bytes) {
    F p = f_exp(f_sub(f_load(scores + i), top)), scale = load_scales(scale_at);
    if (i < begin || i + 16 > end) {  // the edges: what is not visible counts exactly nothing
      const auto lane = [&](int at) { return at < i ? 0 : at > i + 16 ? 16 : at - i; };
      p = f_keep(p, lane(begin), lane(end));
      scale = f_keep(scale, lane(begin), lane(end));
    }
    sum = f_add(sum, p);
    const F weight = f_mul(p, scale);
    largest = f_max(weight, largest);
    poison = f_fma(weight, f_zero(), poison);
    f_store(scores + i, weight);
  }
  part[1] = f_sum(sum);
  const float most = f_max_lanes(largest), bad = f_sum(poison);
  const bool none = most < kSmallestScaled || bad != 0.0F;
  s.factor[q] = (none ? 0.0F : most / kWeightCodeMax) + bad;
  const F inverse = f_set1(none ? 0.0F : kWeightCodeMax / most);
  for (int i = 0; i < n; i += 16) {
    s.weights[q].put(i, none ? i_zero() : i_from_f(f_mul(f_load(scores + i), inverse)));
  }
}

/// parts[q0 …][kPartValues + d0 …] of 16 · kVectors dimensions.
template <int kQueries, int kVectors>
inline void mix_segment(const AttentionTile& tile, int q0, int d0, Segment& s, float* parts,
                        std::size_t stride) {
  const int dim = tile.head_dim;
  ValueSum sum[kQueries][kVectors];
  for (int i = 0; i < s.end - s.begin; i += kKeyBlock) {
    if (q0 == 0 && d0 == 0) {
      fetch(s.next, s.next_bytes);
      s.next += s.next_bytes;
    }
    const auto* at = static_cast<const std::byte*>(tile.values) +
                     static_cast<std::size_t>((s.begin + i) / kKeyBlock) *
                         value_block_bytes(CacheType::int8, dim) +
                     d0 * kValueGroup;
#pragma GCC unroll 4
    for (int j = 0; j < kKeyBlock / kValueGroup; ++j) {
      ValueLine line[kVectors];
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v)
        line[v] = ValueLine::of(b_load(at + j * dim * kValueGroup + 64 * v));
#pragma GCC unroll 8
      for (int q = 0; q < kQueries; ++q) {
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v)
          sum[q][v].add(line[v], s.weights[q0 + q], i + j * kValueGroup);
      }
    }
  }
#pragma GCC unroll 8
  for (int q = 0; q < kQueries; ++q) {
    float* out = parts + static_cast<std::size_t>(q0 + q) * stride + kPartValues + d0;
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      f_store(out + 16 * v, f_mul(sum[q][v].total(), f_set1(s.factor[q0 + q])));
    }
  }
}

/// Queries in groups of kQueries, then of half as many.
template <int kQueries>
void score_segment_groups(const AttentionTile& tile, const TurnedQuery* queries, int q0,
                          Segment& s) {
  for (; q0 + kQueries <= tile.n_queries; q0 += kQueries)
    score_segment<kQueries>(tile, queries, q0, s);
  if constexpr (kQueries > 1) score_segment_groups<kQueries / 2>(tile, queries, q0, s);
}

template <int kQueries>
void mix_segment_groups(const AttentionTile& tile, int q0, Segment& s, float* parts,
                        std::size_t stride) {
  constexpr int kFit = kSumsOfValues / kQueries;
  constexpr int kVectors = kFit >= 4 ? 4 : kFit >= 2 ? 2 : 1;
  for (; q0 + kQueries <= tile.n_queries; q0 += kQueries) {
    int d = 0;
    for (; d + 16 * kVectors <= tile.head_dim; d += 16 * kVectors)
      mix_segment<kQueries, kVectors>(tile, q0, d, s, parts, stride);
    for (; d < tile.head_dim; d += 16) mix_segment<kQueries, 1>(tile, q0, d, s, parts, stride);
  }
  if constexpr (kQueries > 1) mix_segment_groups<kQueries / 2>(tile, q0, s, parts, stride);
}

inline void attend_segment_turned(const AttentionTile& tile, const TurnedQuery* queries,
                                  int segment, float* parts, std::size_t stride) {
  const int from = segment * kSegment, to = from + kSegment;
  const auto first = [&](int q) { return tile.first[q] > from ? tile.first[q] : from; };
  const auto last = [&](int q) { return tile.last[q] < to ? tile.last[q] : to; };
  int begin = to, end = from, end_of_all = 0;
  for (int q = 0; q < tile.n_queries; ++q) {
    end_of_all = tile.last[q] > end_of_all ? tile.last[q] : end_of_all;
    if (first(q) >= last(q)) continue;
    begin = first(q) < begin ? first(q) : begin;
    end = last(q) > end ? last(q) : end;
  }
  if (begin >= end) return;
  Segment s;
  s.begin = begin / kKeyBlock * kKeyBlock;
  s.end = (end + kKeyBlock - 1) / kKeyBlock * kKeyBlock;
  // Many queries compute longer than memory takes, and other tiles read the same keys.
  const std::size_t block_bytes = key_block_bytes(CacheType::int8, tile.head_dim);
  s.next = static_cast<const std::byte*>(tile.keys) +
           static_cast<std::size_t>(to / kKeyBlock) * block_bytes;
  s.next_bytes = tile.n_queries <= kQueryTile / 2 && end_of_all >= to + kSegment ? block_bytes : 0;
  score_segment_groups<kQueryGroup>(tile, queries, 0, s);
  for (int q = 0; q < tile.n_queries; ++q) {
    // A query that sees nothing here is computed as if it saw one position; nobody reads it.
    const bool sees = first(q) < last(q);
    weigh_segment(tile, q, sees ? first(q) : s.begin, sees ? last(q) : s.begin + 1, s,
                  parts + static_cast<std::size_t>(q) * stride);
  }
  mix_segment_groups<kQueryGroup>(tile, 0, s, parts, stride);
}

/// a = a and b together, b behind a.
inline void join(float* a, const float* b, int head_dim) {
  const float top = a[0] > b[0] ? a[0] : b[0];
  float weights[16] = {a[0] - top, b[0] - top};
  f_store(weights, f_exp(f_load(weights)));
  const F x = f_set1(weights[0]), y = f_set1(weights[1]);
  a[0] = top;
  a[1] = __builtin_fmaf(a[1], weights[0], b[1] * weights[1]);
  for (int d = kPartValues; d < kPartValues + head_dim; d += 16) {
    f_store(a + d, f_fma(f_load(a + d), x, f_mul(f_load(b + d), y)));
  }
}

/// The whole of a query out of its joined part.
inline void finish(const float* part, int head_dim, float* out) {
  turn(part + kPartValues, head_dim, out);
  const float width = static_cast<float>(turned_width(head_dim));
  const F factor = f_set1(1.0F / part[1] * (1.0F / width));
  for (int d = 0; d < head_dim; d += 16) f_store(out + d, f_mul(f_load(out + d), factor));
}

void join_segments(float* parts, std::size_t stride, int n, int head_dim, float* out) {
  for (int i = 1; i < n; ++i) join(parts, parts + static_cast<std::size_t>(i) * stride, head_dim);
  finish(parts, head_dim, out);
}

void attend_segment(const AttentionTile& tile, int segment, float* parts, std::size_t stride) {
  TurnedQuery queries[kQueryTile];
  for (int q = 0; q < tile.n_queries; ++q) turn_query(tile.query[q], tile.head_dim, queries[q]);
  attend_segment_turned(tile, queries, segment, parts, stride);
}

inline void attention_int8(const AttentionTile& tile) {
  constexpr std::size_t kFloats = kQueryTile * part_floats(kCacheDimMax);
  const auto stride = static_cast<std::size_t>(part_floats(tile.head_dim));
  TurnedQuery queries[kQueryTile];
  float joined[kFloats], parts[kFloats];
  int begin = tile.first[0], end = tile.last[0];
  for (int q = 0; q < tile.n_queries; ++q) {
    turn_query(tile.query[q], tile.head_dim, queries[q]);
    begin = tile.first[q] < begin ? tile.first[q] : begin;
    end = tile.last[q] > end ? tile.last[q] : end;
  }
  for (int segment = begin / kSegment; segment * kSegment < end; ++segment) {
    const int from = segment * kSegment, to = from + kSegment;
    attend_segment_turned(tile, queries, segment, parts, stride);
    for (int q = 0; q < tile.n_queries; ++q) {
      if (tile.first[q] >= to || tile.last[q] <= from) continue;
      float* whole = joined + static_cast<std::size_t>(q) * stride;
      const float* part = parts + static_cast<std::size_t>(q) * stride;
      if (tile.first[q] >= from) {  // its first segment
        __builtin_memcpy(whole, part, stride * sizeof(float));
      } else {
        join(whole, part, tile.head_dim);
      }
    }
  }
  for (int q = 0; q < tile.n_queries; ++q) {
    finish(joined + static_cast<std::size_t>(q) * stride, tile.head_dim, tile.out[q]);
  }
}

void attention(const AttentionTile& tile) {
  if (tile.cache == CacheType::int8) return attention_int8(tile);
  if (tile.cache == CacheType::f32) return attention_as<CacheType::f32>(tile);
  attention_as<CacheType::f16>(tile);
}
