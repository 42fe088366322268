// Sixteen lanes on AVX2 + FMA + F16C: two registers each. Included inside a tier's namespace and
// target region.

struct F {
  __m256 a, b;
};
struct I {
  __m256i a, b;
};
struct B {
  __m256i a, b;
};

inline constexpr int kTokenTile = 4;        // 8 accumulators of 16 registers; floats wait in memory
inline constexpr int kPanelTile = 1;        // panels of a tile
inline constexpr bool kSignedBytes = true;  // 8-bit codes are handed to Dots as signed values
inline constexpr int kDotChains = 1;        // of one token's sums, which wait for each other

inline F f_zero() { return {_mm256_setzero_ps(), _mm256_setzero_ps()}; }
inline F f_set1(float x) { return {_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
inline F f_load(const float* p) { return {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
inline void f_store(float* p, F x) {
  _mm256_storeu_ps(p, x.a);
  _mm256_storeu_ps(p + 8, x.b);
}
inline F f_load_part(const float* p, int n) {
  alignas(32) float lanes[16] = {};
  for (int i = 0; i < n; ++i) lanes[i] = p[i];
  return f_load(lanes);
}
inline void f_store_part(float* p, F x, int n) {
  alignas(32) float lanes[16];
  f_store(lanes, x);
  for (int i = 0; i < n; ++i) p[i] = lanes[i];
}
/// Lanes [begin, end), zeros elsewhere, whatever stood there.
inline F f_keep(F x, int begin, int end) {
  alignas(32) float lanes[16], kept[16] = {};
  f_store(lanes, x);
  for (int i = begin; i < end; ++i) kept[i] = lanes[i];
  return f_load(kept);
}
inline F f_add(F x, F y) { return {_mm256_add_ps(x.a, y.a), _mm256_add_ps(x.b, y.b)}; }
inline F f_sub(F x, F y) { return {_mm256_sub_ps(x.a, y.a), _mm256_sub_ps(x.b, y.b)}; }
inline F f_mul(F x, F y) { return {_mm256_mul_ps(x.a, y.a), _mm256_mul_ps(x.b, y.b)}; }
inline F f_div(F x, F y) { return {_mm256_div_ps(x.a, y.a), _mm256_div_ps(x.b, y.b)}; }
inline F f_max(F x, F y) { return {_mm256_max_ps(x.a, y.a), _mm256_max_ps(x.b, y.b)}; }
inline F f_min(F x, F y) { return {_mm256_min_ps(x.a, y.a), _mm256_min_ps(x.b, y.b)}; }
inline F f_fma(F x, F y, F z) {
  return {_mm256_fmadd_ps(x.a, y.a, z.a), _mm256_fmadd_ps(x.b, y.b, z.b)};
}
inline F f_nfma(F x, F y, F z) {
  return {_mm256_fnmadd_ps(x.a, y.a, z.a), _mm256_fnmadd_ps(x.b, y.b, z.b)};
}
inline F f_abs(F x) {
  const __m256 sign = _mm256_set1_ps(-0.0F);
  return {_mm256_andnot_ps(sign, x.a), _mm256_andnot_ps(sign, x.b)};
}
inline F f_from_i(I x) { return {_mm256_cvtepi32_ps(x.a), _mm256_cvtepi32_ps(x.b)}; }
inline I i_from_f(F x) { return {_mm256_cvtps_epi32(x.a), _mm256_cvtps_epi32(x.b)}; }
inline I i_zero() { return {_mm256_setzero_si256(), _mm256_setzero_si256()}; }
inline I i_set1(int x) { return {_mm256_set1_epi32(x), _mm256_set1_epi32(x)}; }
inline I i_add(I x, I y) { return {_mm256_add_epi32(x.a, y.a), _mm256_add_epi32(x.b, y.b)}; }
inline I i_sub(I x, I y) { return {_mm256_sub_epi32(x.a, y.a), _mm256_sub_epi32(x.b, y.b)}; }
inline I i_shift_left_7(I x) { return {_mm256_slli_epi32(x.a, 7), _mm256_slli_epi32(x.b, 7)}; }
inline I i_shift_left_23(I x) { return {_mm256_slli_epi32(x.a, 23), _mm256_slli_epi32(x.b, 23)}; }
inline I i_bits(F x) { return {_mm256_castps_si256(x.a), _mm256_castps_si256(x.b)}; }
inline F f_bits(I x) { return {_mm256_castsi256_ps(x.a), _mm256_castsi256_ps(x.b)}; }

inline __m128i load16(const void* p, int i) {
  return _mm_loadu_si128(static_cast<const __m128i*>(p) + i);
}
inline F f_load_f16(const void* p) {
  return {_mm256_cvtph_ps(load16(p, 0)), _mm256_cvtph_ps(load16(p, 1))};
}
inline __m256 widen_bf16(__m128i half) {
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(half), 16));
}
inline F f_load_bf16(const void* p) { return {widen_bf16(load16(p, 0)), widen_bf16(load16(p, 1))}; }
inline void f_store_f16(void* p, F x) {
  auto* out = static_cast<__m128i*>(p);
  _mm_storeu_si128(out, _mm256_cvtps_ph(x.a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
  _mm_storeu_si128(out + 1, _mm256_cvtps_ph(x.b, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}
inline F f_load_i8(const void* p) {
  const __m128i bytes = load16(p, 0);
  return f_from_i({_mm256_cvtepi8_epi32(bytes), _mm256_cvtepi8_epi32(_mm_srli_si128(bytes, 8))});
}
inline F f_load_u8(const void* p) {
  const __m128i bytes = load16(p, 0);
  return f_from_i({_mm256_cvtepu8_epi32(bytes), _mm256_cvtepu8_epi32(_mm_srli_si128(bytes, 8))});
}
inline void i_store_i8(std::int8_t* p, I x) {
  const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(x.a, x.b), 0xD8);
  const __m128i low = _mm256_castsi256_si128(words), high = _mm256_extracti128_si256(words, 1);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm_packs_epi16(low, high));
}

inline float f_sum(F x) {  // lanes i + (i+8), then +4, +2, +1
  const __m256 v8 = _mm256_add_ps(x.a, x.b);
  const __m128 v4 = _mm_add_ps(_mm256_castps256_ps128(v8), _mm256_extractf128_ps(v8, 1));
  const __m128 v2 = _mm_add_ps(v4, _mm_movehl_ps(v4, v4));
  return _mm_cvtss_f32(_mm_add_ss(v2, _mm_shuffle_ps(v2, v2, 1)));
}
inline int i_sum(I x) {
  const __m256i v8 = _mm256_add_epi32(x.a, x.b);
  const __m128i v4 = _mm_add_epi32(_mm256_castsi256_si128(v8), _mm256_extracti128_si256(v8, 1));
  const __m128i v2 = _mm_add_epi32(v4, _mm_shuffle_epi32(v4, 0x4E));
  return _mm_cvtsi128_si32(_mm_add_epi32(v2, _mm_shuffle_epi32(v2, 0xB1)));
}
inline float f_max_lanes(F x) {
  const __m256 v8 = _mm256_max_ps(x.a, x.b);
  const __m128 v4 = _mm_max_ps(_mm256_castps256_ps128(v8), _mm256_extractf128_ps(v8, 1));
  const __m128 v2 = _mm_max_ps(v4, _mm_movehl_ps(v4, v4));
  return _mm_cvtss_f32(_mm_max_ss(v2, _mm_shuffle_ps(v2, v2, 1)));
}
inline bool f_any_is(F a, float x) {  // x is not below any of them
  return f_max_lanes(a) == x;
}
inline bool f_all_finite(F a, F b) { return f_sum(f_fma(a, f_zero(), f_mul(b, f_zero()))) == 0.0F; }
inline int i_store_i8_sum(std::int8_t* p, I a) {
  i_store_i8(p, a);
  return i_sum(a);
}

/// Lane i gets lane i ^ kStep.
template <int kStep>
inline F f_swap(F x) {
  if constexpr (kStep == 8) return {x.b, x.a};
  if constexpr (kStep == 4)
    return {_mm256_permute2f128_ps(x.a, x.a, 1), _mm256_permute2f128_ps(x.b, x.b, 1)};
  constexpr int kOrder = kStep == 2 ? 0x4E : 0xB1;
  return {_mm256_permute_ps(x.a, kOrder), _mm256_permute_ps(x.b, kOrder)};
}

inline B b_load(const void* p) {
  const auto* at = static_cast<const __m256i*>(p);
  return {_mm256_loadu_si256(at), _mm256_loadu_si256(at + 1)};
}
inline void b_store(void* p, B x) {
  auto* at = static_cast<__m256i*>(p);
  _mm256_storeu_si256(at, x.a);
  _mm256_storeu_si256(at + 1, x.b);
}
inline B b_low4(B x) {
  const __m256i mask = _mm256_set1_epi8(15);
  return {_mm256_and_si256(x.a, mask), _mm256_and_si256(x.b, mask)};
}
inline B b_high4(B x) { return b_low4({_mm256_srli_epi16(x.a, 4), _mm256_srli_epi16(x.b, 4)}); }
inline __m256i or_masked(__m256i code, __m256i moved, char mask) {
  return _mm256_or_si256(code, _mm256_and_si256(moved, _mm256_set1_epi8(mask)));
}
/// The 16-bit lanes moved left by kLeft bits, or right by −kLeft.
template <int kLeft>
inline __m256i moved(__m256i x) {
  if constexpr (kLeft >= 0) {
    return _mm256_slli_epi16(x, kLeft);
  } else {
    return _mm256_srli_epi16(x, -kLeft);
  }
}
template <int kLine>
inline B b_bit5(B code, B high) {
  return {or_masked(code.a, moved<4 - kLine>(high.a), 16),
          or_masked(code.b, moved<4 - kLine>(high.b), 16)};
}
template <int kPair>
inline B b_bits6(B code, B high) {
  constexpr int kLeft = 4 - 2 * kPair;
  return {or_masked(code.a, moved<kLeft>(high.a), 48), or_masked(code.b, moved<kLeft>(high.b), 48)};
}
inline B b_flip_sign(B x) {
  const __m256i sign = _mm256_set1_epi8(-128);
  return {_mm256_xor_si256(x.a, sign), _mm256_xor_si256(x.b, sign)};
}

/// Four codes, once for each row.
struct X {
  __m256i v;
};
inline X x_load(const std::int8_t* x) { return {_mm256_set1_epi32(four_codes(x))}; }

/// Pairs of products with unsigned codes below 64, which fit 16 bits.
inline B pairs(B code, X x) {
  return {_mm256_maddubs_epi16(code.a, x.v), _mm256_maddubs_epi16(code.b, x.v)};
}
/// The same with signed codes −127 … 127 and x in −128 … 127: |x| · (code with x's sign), at most
/// 2·128·127 < 2¹⁵.
inline B pairs_byte(B code, X x) {
  const __m256i size = _mm256_abs_epi8(x.v);  // −128 becomes 128, which is unsigned here
  return {_mm256_maddubs_epi16(size, _mm256_sign_epi8(code.a, x.v)),
          _mm256_maddubs_epi16(size, _mm256_sign_epi8(code.b, x.v))};
}
inline I add_pairs(I acc, B pairs) {
  const __m256i ones = _mm256_set1_epi16(1);
  return i_add(acc, {_mm256_madd_epi16(pairs.a, ones), _mm256_madd_epi16(pairs.b, ones)});
}
inline I dot4_at(I acc, B code, const std::int8_t* x) {
  return add_pairs(acc, pairs(code, x_load(x)));
}

/// Keeps the compiler from adding up later, as a tree: the products would wait in memory.
template <class Registers>
[[gnu::always_inline]] inline Registers in_turn(Registers x) {
  __asm__("" : "+x"(x.a), "+x"(x.b));
  return x;
}

/// Sums of the products of kLines lines of codes of kBits bits; 8-bit codes signed. In 16 bits for
/// as many lines as fit, since widening costs as much as multiplying.
template <int kBits, int kLines>
struct Dots {
  static constexpr int kFit = kBits == 4 ? 8 : kBits == 5 ? 4 : kBits == 6 ? 2 : 1;
  static_assert(kFit == 1 || kFit * 2 * ((1 << kBits) - 1) * 128 < 1 << 15);

  I sum = i_zero();
  B narrow;

  [[gnu::always_inline]] inline void add(int line, B code, X x) {
    const B product = kBits == 8 ? pairs_byte(code, x) : pairs(code, x);
    if (line % kFit == 0) {
      narrow = product;
    } else {
      narrow =
          in_turn(B{_mm256_add_epi16(narrow.a, product.a), _mm256_add_epi16(narrow.b, product.b)});
    }
    if (line % kFit == kFit - 1 || line == kLines - 1) sum = in_turn(add_pairs(sum, narrow));
  }
  [[gnu::always_inline]] inline void add_at(int line, B code, const std::int8_t* x) {
    add(line, code, x_load(x));
  }
};

/// What is taken off 8-bit codes of keys.
inline constexpr int kCodeBias = 128;
