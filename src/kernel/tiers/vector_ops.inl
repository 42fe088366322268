// Everything but the matrix products on sixteen lanes. Included inside a tier's namespace, after a
// vec_*.inl. The order of operations is that of reference/; see there for the formulas.

void quantize_rows(const float* x, int ld, int row_begin, int row_end, const QuantizedRows& out) {
  for (int t = row_begin; t < row_end; ++t) {
    const float* in = x + static_cast<std::size_t>(t) * static_cast<std::size_t>(ld);
    const auto row = static_cast<std::size_t>(t);
    const std::size_t n_blocks = static_cast<std::size_t>(out.n_in) / kBlock;
    std::int8_t* codes = out.codes + row * static_cast<std::size_t>(out.n_in);
    for (std::size_t b = 0; b < n_blocks; ++b, in += kBlock, codes += kBlock) {
      const F x0 = f_load(in), x1 = f_load(in + 16);
      const float largest = f_max_lanes(f_max(f_abs(x0), f_abs(x1)));
      const bool positive = f_any_is(f_max(x0, x1), largest);
      const float code_of_largest = positive ? -kCodeLargest : kCodeLargest;
      // As exact as a quotient, for 128 is a power of two.
      const float step_of_largest = positive ? -1.0F / kCodeLargest : 1.0F / kCodeLargest;
      const bool finite = f_all_finite(x0, x1), zero = largest < kSmallestScaled;
      const float scale = !finite ? __builtin_nanf("") : zero ? 0.0F : largest * step_of_largest;
      const F inverse = f_set1(finite && !zero ? code_of_largest / largest : 0.0F);
      const F top = f_set1(kCodeLargest - 1.0F);
      const I q0 = finite ? i_from_f(f_min(f_mul(x0, inverse), top)) : i_zero();
      const I q1 = finite ? i_from_f(f_min(f_mul(x1, inverse), top)) : i_zero();
      const int sum0 = i_store_i8_sum(codes, q0), sum1 = i_store_i8_sum(codes + 16, q1);
      const std::size_t at = row * n_blocks + b;
      out.scale[at] = scale;
      out.sum[at] = scale * static_cast<float>(sum0 + sum1);
      out.negsum[at] = static_cast<float>(-(sum0 + sum1));
      out.negsum_half[2 * at] = static_cast<float>(-sum0);
      out.negsum_half[2 * at + 1] = static_cast<float>(-sum1);
    }
  }
}

void rms_norm(const float* x, const float* weight, int n, float epsilon, float* out) {
  F squares = f_zero();
  int i = 0;
  for (; i + 16 <= n; i += 16) {
    const F v = f_load(x + i);
    squares = f_fma(v, v, squares);
  }
  if (i < n) {
    const F v = f_load_part(x + i, n - i);
    squares = f_fma(v, v, squares);
  }
  const F inverse =
      f_set1(1.0F / __builtin_sqrtf(f_sum(squares) / static_cast<float>(n) + epsilon));
  for (i = 0; i + 16 <= n; i += 16) {
    f_store(out + i, f_mul(f_mul(f_load(x + i), inverse), f_load(weight + i)));
  }
  if (i < n) {
    const F v = f_mul(f_mul(f_load_part(x + i, n - i), inverse), f_load_part(weight + i, n - i));
    f_store_part(out + i, v, n - i);
  }
}

/// The first n of sixteen lanes, or all where n is more; zero beyond.
inline F load_up_to(const float* p, int n) { return n >= 16 ? f_load(p) : f_load_part(p, n); }
inline void store_up_to(float* p, F x, int n) {
  if (n >= 16) return f_store(p, x);
  f_store_part(p, x, n);
}

void layer_norm(const float* x, const float* weight, const float* bias, int n, float epsilon,
                float* out) {
  F sum = f_zero(), squares = f_zero();
  for (int i = 0; i < n; i += 16) sum = f_add(sum, load_up_to(x + i, n - i));
  const F mean = f_set1(f_sum(sum) / static_cast<float>(n));
  for (int i = 0; i < n; i += 16) {
    store_up_to(out + i, f_sub(load_up_to(x + i, n - i), mean), n - i);
    const F v = load_up_to(out + i, n - i);  // again, so that lanes beyond the end are 0
    squares = f_fma(v, v, squares);
  }
  const F inverse =
      f_set1(1.0F / __builtin_sqrtf(f_sum(squares) / static_cast<float>(n) + epsilon));
  for (int i = 0; i < n; i += 16) {
    const F v = f_mul(load_up_to(out + i, n - i), inverse);
    const F w = load_up_to(weight + i, n - i), b = load_up_to(bias + i, n - i);
    store_up_to(out + i, f_fma(v, w, b), n - i);
  }
}

void rope(float* x, const float* cosines, const float* sines, int n) {
  const int half = n / 2;
  for (int i = 0; i < half; i += 16) {
    const int m = half - i < 16 ? half - i : 16;
    const F c = f_load_part(cosines + i, m), s = f_load_part(sines + i, m);
    const F a = f_load_part(x + i, m), b = f_load_part(x + half + i, m);
    f_store_part(x + i, f_nfma(b, s, f_mul(a, c)), m);
    f_store_part(x + half + i, f_fma(a, s, f_mul(b, c)), m);
  }
}

/// Applies op to whole and partial vectors: y[i] = op(y[i], x[i]).
template <class Op>
inline void transform(float* y, const float* x, int n, Op op) {
  int i = 0;
  for (; i + 16 <= n; i += 16) f_store(y + i, op(f_load(y + i), f_load(x + i)));
  if (i < n) f_store_part(y + i, op(f_load_part(y + i, n - i), f_load_part(x + i, n - i)), n - i);
}

void add(float* x, const float* y, int n) {
  transform(x, y, n, [](F a, F b) { return f_add(a, b); });
}

void scale(float* x, float factor, int n) {
  const F f = f_set1(factor);
  transform(x, x, n, [f](F a, F) { return f_mul(a, f); });
}

/// eˣ for x clamped to [−87, 88]: 2ⁿ · p(r), n = round(x / ln 2); as exponential() in
/// reference/reference.cpp.
inline F f_exp(F x) {
  const F clamped =
      f_max(f_sub(f_zero(), f_max(f_sub(f_zero(), x), f_set1(-kExpMax))), f_set1(kExpMin));
  const F shifted = f_fma(clamped, f_set1(kLog2E), f_set1(kRoundMagic));
  const F n = f_sub(shifted, f_set1(kRoundMagic));
  F r = f_nfma(n, f_set1(kLn2High), clamped);
  r = f_nfma(n, f_set1(kLn2Low), r);
  F p = f_set1(kExpPolynomial[0]);
  for (int i = 1; i < 8; ++i) p = f_fma(p, r, f_set1(kExpPolynomial[i]));
  const I exponent = i_sub(i_bits(shifted), i_set1(kRoundMagicBits - 127));
  return f_mul(p, f_bits(i_shift_left_23(exponent)));
}

void silu_multiply(float* gate, const float* up, int n) {
  transform(gate, up, n, [](F g, F u) {
    const F e = f_exp(f_sub(f_zero(), g));
    return f_mul(f_div(g, f_add(f_set1(1.0F), e)), u);
  });
}

void gelu_multiply(float* gate, const float* up, int n) {
  transform(gate, up, n, [](F g, F u) {
    const F cube = f_mul(f_mul(g, g), g);
    const F inner = f_mul(f_fma(cube, f_set1(kGeluCubic), g), f_set1(kGeluTwiceRootTwoOverPi));
    const F e = f_exp(f_sub(f_zero(), inner));
    return f_mul(f_div(g, f_add(f_set1(1.0F), e)), u);
  });
}

void gelu_exact(float* x, int n) {
  transform(x, x, n, [](F v, F) {
    F z = f_min(f_mul(v, f_set1(kRootHalf)), f_set1(kErfMax));
    z = f_max(z, f_set1(-kErfMax));
    const F square = f_mul(z, z);
    F p = f_set1(kErfNumerator[0]), q = f_set1(kErfDenominator[0]);
    for (int k = 1; k < 7; ++k) p = f_fma(p, square, f_set1(kErfNumerator[k]));
    for (int k = 1; k < 5; ++k) q = f_fma(q, square, f_set1(kErfDenominator[k]));
    const F erf = f_div(f_mul(z, p), q);
    return f_mul(v, f_fma(erf, f_set1(0.5F), f_set1(0.5F)));
  });
}

/// Sixteen floats as f16, the too large ones as the largest; NaN stays NaN.
inline void store_saturated(std::uint16_t* p, F x) {
  f_store_f16(p, f_min(f_set1(kHalfMax), f_max(f_set1(-kHalfMax), x)));
}

inline void store_kv_float(CacheType type, const float* key, const float* value, int position,
                           int head_dim, void* keys, void* values) {
  const auto dim = static_cast<std::size_t>(head_dim);
  const auto at = static_cast<std::size_t>(position);
  const std::size_t block = at / kKeyBlock * dim * kKeyBlock + at % kKeyBlock;
  if (type == CacheType::f32) {
    auto* k = static_cast<float*>(keys) + block;
    auto* v = static_cast<float*>(values) + at * dim;
    for (std::size_t d = 0; d < dim; ++d) k[d * kKeyBlock] = key[d];
    for (std::size_t d = 0; d < dim; d += 16) f_store(v + d, f_load(value + d));
    return;
  }
  auto* k = static_cast<std::uint16_t*>(keys) + block;
  auto* v = static_cast<std::uint16_t*>(values) + at * dim;
  std::uint16_t half[16];
  for (std::size_t d = 0; d < dim; d += 16) {
    store_saturated(half, f_load(key + d));
    for (std::size_t i = 0; i < 16; ++i) k[(d + i) * kKeyBlock] = half[i];
    store_saturated(v + d, f_load(value + d));
  }
}

template <CacheType kType>
inline F load_cache(const void* base, std::size_t index) {
  if constexpr (kType == CacheType::f32) return f_load(static_cast<const float*>(base) + index);
  return f_load_f16(static_cast<const std::uint16_t*>(base) + index);
}

/// scores[q][key] for the key blocks [block_begin, block_end): two partial sums, even and odd
/// dimensions.
template <CacheType kType, int kQueries>
inline void score_keys(const AttentionTile& tile, int q0, int block_begin, int block_end) {
  const auto dim = static_cast<std::size_t>(tile.head_dim);
  for (int block = block_begin; block < block_end; ++block) {
    const std::size_t base = static_cast<std::size_t>(block) * dim * kKeyBlock;
    F even[kQueries], odd[kQueries];
    for (int q = 0; q < kQueries; ++q) even[q] = odd[q] = f_zero();
    for (std::size_t d = 0; d < dim; d += 2) {
      const F k0 = load_cache<kType>(tile.keys, base + d * kKeyBlock);
      const F k1 = load_cache<kType>(tile.keys, base + (d + 1) * kKeyBlock);
#pragma GCC unroll 8
      for (int q = 0; q < kQueries; ++q) {
        even[q] = f_fma(f_set1(tile.query[q0 + q][d]), k0, even[q]);
        odd[q] = f_fma(f_set1(tile.query[q0 + q][d + 1]), k1, odd[q]);
      }
    }
    for (int q = 0; q < kQueries; ++q) {
      f_store(tile.scores + (q0 + q) * tile.ld_scores + block * kKeyBlock, f_add(even[q], odd[q]));
    }
  }
}

/// In place: scores → exp(score − max) inside [first, last), 0 outside; returns their sum over 16
/// lanes.
inline float soften(float* scores, int first, int last, int begin, int end) {
  for (int i = begin; i < first; ++i) scores[i] = -__builtin_inff();
  for (int i = last; i < end; ++i) scores[i] = -__builtin_inff();
  F best = f_load(scores + begin);
  for (int i = begin + 16; i < end; i += 16) best = f_max(f_load(scores + i), best);
  const F top = f_set1(f_max_lanes(best));
  F sum = f_zero();
  const int whole_begin = (first + 15) / 16 * 16, whole_end = last / 16 * 16;
  for (int i = begin; i < end; i += 16) {
    F p = f_exp(f_sub(f_load(scores + i), top));
    f_store(scores + i, p);
    if (i < whole_begin ||
        i >= whole_end) {  // the edges: what is not visible counts exactly nothing
      for (int j = i; j < i + 16; ++j) {
        if (j < first || j >= last) scores[j] = 0.0F;
      }
      p = f_load(scores + i);
    }
    sum = f_add(sum, p);
  }
  return f_sum(sum);
}

/// out[q][d0 … d0+16·kVectors) = Σ over positions, in their order, of p · value; then divided by
/// the sum.
template <CacheType kType, int kQueries, int kVectors>
inline void mix_values(const AttentionTile& tile, int q0, std::size_t d0, int begin, int end,
                       const float* inverse) {
  const auto dim = static_cast<std::size_t>(tile.head_dim);
  F acc[kQueries][kVectors];
  for (int q = 0; q < kQueries; ++q) {
    for (int v = 0; v < kVectors; ++v) acc[q][v] = f_zero();
  }
  for (int i = begin; i < end; ++i) {
    const std::size_t at = static_cast<std::size_t>(i) * dim + d0;
    F value[kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v)
      value[v] = load_cache<kType>(tile.values, at + 16 * static_cast<std::size_t>(v));
#pragma GCC unroll 8
    for (int q = 0; q < kQueries; ++q) {
      const F p = f_set1(tile.scores[(q0 + q) * tile.ld_scores + i]);
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) acc[q][v] = f_fma(p, value[v], acc[q][v]);
    }
  }
  for (int q = 0; q < kQueries; ++q) {
    for (int v = 0; v < kVectors; ++v) {
      f_store(tile.out[q0 + q] + d0 + 16 * static_cast<std::size_t>(v),
              f_mul(acc[q][v], f_set1(inverse[q0 + q])));
    }
  }
}

/// Queries in groups of kQueries, then of half as many.
template <CacheType kType, int kQueries>
void score_groups(const AttentionTile& tile, int q0, int block_begin, int block_end) {
  for (; q0 + kQueries <= tile.n_queries; q0 += kQueries) {
    score_keys<kType, kQueries>(tile, q0, block_begin, block_end);
  }
  if constexpr (kQueries > 1) score_groups<kType, kQueries / 2>(tile, q0, block_begin, block_end);
}

template <CacheType kType, int kQueries>
void mix_groups(const AttentionTile& tile, int q0, int begin, int end, const float* inverse) {
  const auto dim = static_cast<std::size_t>(tile.head_dim);
  for (; q0 + kQueries <= tile.n_queries; q0 += kQueries) {
    std::size_t d = 0;
    for (; d + 64 <= dim; d += 64) mix_values<kType, kQueries, 4>(tile, q0, d, begin, end, inverse);
    for (; d < dim; d += 16) mix_values<kType, kQueries, 1>(tile, q0, d, begin, end, inverse);
  }
  if constexpr (kQueries > 1) mix_groups<kType, kQueries / 2>(tile, q0, begin, end, inverse);
}

template <CacheType kType>
void attention_as(const AttentionTile& tile) {
  int begin = tile.first[0], end = tile.last[0];
  for (int q = 1; q < tile.n_queries; ++q) {
    begin = tile.first[q] < begin ? tile.first[q] : begin;
    end = tile.last[q] > end ? tile.last[q] : end;
  }
  const int block_begin = begin / kKeyBlock, block_end = (end + kKeyBlock - 1) / kKeyBlock;
  constexpr int kGroup = kTokenTile >= 8 ? 6 : 2;
  score_groups<kType, kGroup>(tile, 0, block_begin, block_end);
  float inverse[kQueryTile];
  for (int q = 0; q < tile.n_queries; ++q) {
    inverse[q] = 1.0F / soften(tile.scores + q * tile.ld_scores, tile.first[q], tile.last[q],
                               block_begin * kKeyBlock, block_end * kKeyBlock);
  }
  mix_groups<kType, kGroup>(tile, 0, begin, end, inverse);
}
