// Sixteen lanes on AVX-512: one register each. Included inside a tier's namespace and target
// region.

struct F {
  __m512 v;
};
struct I {
  __m512i v;
};
struct B {
  __m512i v;
};

inline constexpr int kTokenTile = 12;        // accumulators: 12 integer + 12 float of 32 registers
inline constexpr int kPanelTile = 2;         // panels of a tile, each with half of the tokens
inline constexpr bool kSignedBytes = false;  // Dots takes unsigned codes up to 255
inline constexpr int kDotChains = 2;         // of one token's sums, which wait for each other

inline F f_zero() { return {_mm512_setzero_ps()}; }
inline F f_set1(float x) { return {_mm512_set1_ps(x)}; }
inline F f_load(const float* p) { return {_mm512_loadu_ps(p)}; }
inline void f_store(float* p, F a) { _mm512_storeu_ps(p, a.v); }
inline __mmask16 first_lanes(int n) { return static_cast<__mmask16>((1U << n) - 1U); }
inline F f_load_part(const float* p, int n) { return {_mm512_maskz_loadu_ps(first_lanes(n), p)}; }
inline void f_store_part(float* p, F a, int n) { _mm512_mask_storeu_ps(p, first_lanes(n), a.v); }
/// Lanes [begin, end), zeros elsewhere, whatever stood there.
inline F f_keep(F a, int begin, int end) {
  const auto lanes = static_cast<__mmask16>(((1U << end) - 1U) & ~((1U << begin) - 1U));
  return {_mm512_maskz_mov_ps(lanes, a.v)};
}
inline F f_add(F a, F b) { return {_mm512_add_ps(a.v, b.v)}; }
inline F f_sub(F a, F b) { return {_mm512_sub_ps(a.v, b.v)}; }
inline F f_mul(F a, F b) { return {_mm512_mul_ps(a.v, b.v)}; }
inline F f_div(F a, F b) { return {_mm512_div_ps(a.v, b.v)}; }
inline F f_max(F a, F b) { return {_mm512_max_ps(a.v, b.v)}; }  // a > b ? a : b
inline F f_min(F a, F b) { return {_mm512_min_ps(a.v, b.v)}; }  // a < b ? a : b
inline F f_fma(F a, F b, F c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
inline F f_nfma(F a, F b, F c) { return {_mm512_fnmadd_ps(a.v, b.v, c.v)}; }  // c − a·b
inline F f_abs(F a) { return {_mm512_abs_ps(a.v)}; }
inline F f_from_i(I a) { return {_mm512_cvtepi32_ps(a.v)}; }
inline I i_from_f(F a) { return {_mm512_cvtps_epi32(a.v)}; }  // nearest, ties to even
inline I i_zero() { return {_mm512_setzero_si512()}; }
inline I i_set1(int x) { return {_mm512_set1_epi32(x)}; }
inline I i_add(I a, I b) { return {_mm512_add_epi32(a.v, b.v)}; }
inline I i_sub(I a, I b) { return {_mm512_sub_epi32(a.v, b.v)}; }
inline I i_shift_left_23(I a) { return {_mm512_slli_epi32(a.v, 23)}; }
/// The upper and the lower 7 of 14 bits.
inline I i_high7(I a) { return {_mm512_srli_epi32(a.v, 7)}; }
inline I i_low7(I a) { return {_mm512_and_si512(a.v, _mm512_set1_epi32(127))}; }
inline I i_bits(F a) { return {_mm512_castps_si512(a.v)}; }
inline F f_bits(I a) { return {_mm512_castsi512_ps(a.v)}; }

inline F f_load_f16(const void* p) {
  return {_mm512_cvtph_ps(_mm256_loadu_si256(static_cast<const __m256i*>(p)))};
}
inline F f_load_bf16(const void* p) {
  const __m256i half = _mm256_loadu_si256(static_cast<const __m256i*>(p));
  return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16))};
}
inline void f_store_f16(void* p, F a) {
  _mm256_storeu_si256(static_cast<__m256i*>(p),
                      _mm512_cvtps_ph(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}
inline F f_load_i8(const void* p) {
  return {
      _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(static_cast<const __m128i*>(p))))};
}
inline F f_load_u8(const void* p) {
  return {
      _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(static_cast<const __m128i*>(p))))};
}
inline void i_store_i8(std::int8_t* p, I a) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(a.v));
}
/// The same; gives their sum.
inline int i_store_i8_sum(std::int8_t* p, I a) {
  const __m128i codes = _mm512_cvtepi32_epi8(a.v);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), codes);
  // Sums of bytes are there for unsigned ones only.
  const __m128i biased = _mm_xor_si128(codes, _mm_set1_epi8(-128));
  const __m128i halves = _mm_sad_epu8(biased, _mm_setzero_si128());
  return _mm_cvtsi128_si32(halves) + _mm_extract_epi32(halves, 2) - 16 * 128;
}

inline __m256 fold_half(__m512 v) {
  const __m256 high = _mm512_extractf32x8_ps(v, 1);
  return _mm256_add_ps(_mm512_castps512_ps256(v), high);
}
inline float f_sum(F a) {  // lanes i + (i+8), then +4, +2, +1
  const __m256 v8 = fold_half(a.v);
  const __m128 v4 = _mm_add_ps(_mm256_castps256_ps128(v8), _mm256_extractf128_ps(v8, 1));
  const __m128 v2 = _mm_add_ps(v4, _mm_movehl_ps(v4, v4));
  return _mm_cvtss_f32(_mm_add_ss(v2, _mm_shuffle_ps(v2, v2, 1)));
}
inline int i_sum(I a) { return _mm512_reduce_add_epi32(a.v); }
inline float f_max_lanes(F a) { return _mm512_reduce_max_ps(a.v); }
inline bool f_any_is(F a, float x) {
  return _mm512_cmp_ps_mask(a.v, _mm512_set1_ps(x), _CMP_EQ_OQ) != 0;
}
inline bool f_all_finite(F a, F b) {
  constexpr int kNanOrInfinite = 0x99;
  return (_mm512_fpclass_ps_mask(a.v, kNanOrInfinite) |
          _mm512_fpclass_ps_mask(b.v, kNanOrInfinite)) == 0;
}

/// Lane i gets lane i ^ kStep.
template <int kStep>
inline F f_swap(F a) {
  if constexpr (kStep == 8) return {_mm512_shuffle_f32x4(a.v, a.v, 0x4E)};
  if constexpr (kStep == 4) return {_mm512_shuffle_f32x4(a.v, a.v, 0xB1)};
  return {_mm512_permute_ps(a.v, kStep == 2 ? 0x4E : 0xB1)};
}

inline B b_load(const void* p) { return {_mm512_loadu_si512(p)}; }
inline void b_store(void* p, B a) { _mm512_storeu_si512(p, a.v); }
inline B b_low4(B a) { return {_mm512_and_si512(a.v, _mm512_set1_epi8(15))}; }
inline B b_high4(B a) {
  return {_mm512_and_si512(_mm512_srli_epi16(a.v, 4), _mm512_set1_epi8(15))};
}
/// The 16-bit lanes moved left by kLeft bits, or right by −kLeft.
template <int kLeft>
inline __m512i moved(__m512i x) {
  if constexpr (kLeft >= 0) {
    return _mm512_slli_epi16(x, kLeft);
  } else {
    return _mm512_srli_epi16(x, -kLeft);
  }
}
/// code | (bit kLine of each byte of `high`) << 4
template <int kLine>
inline B b_bit5(B code, B high) {  // 0xF8: a | (b & c)
  return {_mm512_ternarylogic_epi32(code.v, moved<4 - kLine>(high.v), _mm512_set1_epi8(16), 0xF8)};
}
/// code | (bits 2·kPair, 2·kPair + 1 of each byte of `high`) << 4
template <int kPair>
inline B b_bits6(B code, B high) {
  return {
      _mm512_ternarylogic_epi32(code.v, moved<4 - 2 * kPair>(high.v), _mm512_set1_epi8(48), 0xF8)};
}
inline B b_flip_sign(B a) { return {_mm512_xor_si512(a.v, _mm512_set1_epi8(-128))}; }

/// Four codes, once for each row.
struct X {
  __m512i v;
};
inline X x_load(const std::int8_t* x) { return {_mm512_set1_epi32(four_codes(x))}; }

/// acc[row] += Σ_j code[row·4 + j] · x[j], codes unsigned, as one instruction, which the intrinsics
/// have no name for.
inline I dot4_at(I acc, B code, const std::int8_t* x) {
  __asm__("vpdpbusd %2%{1to16%}, %1, %0"
          : "+v"(acc.v)
          : "v"(code.v), "m"(*reinterpret_cast<const FourCodes*>(x)));
  return acc;
}

/// Sums of the products of kLines lines of unsigned codes of kBits bits, which all cost the same.
template <int kBits, int kLines>
struct Dots {
  static constexpr int kFit = 1;
  I sum = i_zero();
  [[gnu::always_inline]] inline void add(int, B code, X x) {
    sum = {_mm512_dpbusd_epi32(sum.v, code.v, x.v)};
  }
  [[gnu::always_inline]] inline void add_at(int, B code, const std::int8_t* x) {
    sum = dot4_at(sum, code, x);
  }
};

/// Codes unsigned and |x| ≤ 64; the sums are those of codes less 128, plus kCodeBias · Σ x.
inline constexpr int kCodeBias = 128;
inline I dot4_biased_at(I acc, B code, const std::int8_t* x) { return dot4_at(acc, code, x); }
/// Codes signed and x in 0 … 127.
inline I dot4_weights(I acc, B code, X x) { return {_mm512_dpbusd_epi32(acc.v, x.v, code.v)}; }
