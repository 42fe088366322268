// Sixteen lanes on NEON with the dot-product extension: four registers each. Included inside a
// tier's namespace.

struct F {
  float32x4_t v[4];
};
struct I {
  int32x4_t v[4];
};
struct B {
  uint8x16_t v[4];
};

inline constexpr int kTokenTile =
    2;  // 8 integer + 8 float accumulators of 32 registers, 4 for the codes
inline constexpr int kPanelTile = 1;        // panels of a tile
inline constexpr bool kSignedBytes = true;  // 8-bit codes are handed to Dots as signed values
inline constexpr int kDotChains = 2;        // of one token's sums, which wait for each other

inline F f_set1(float x) {
  return {{vdupq_n_f32(x), vdupq_n_f32(x), vdupq_n_f32(x), vdupq_n_f32(x)}};
}
inline F f_zero() { return f_set1(0.0F); }
inline F f_load(const float* p) {
  return {{vld1q_f32(p), vld1q_f32(p + 4), vld1q_f32(p + 8), vld1q_f32(p + 12)}};
}
inline void f_store(float* p, F a) {
  for (int i = 0; i < 4; ++i) vst1q_f32(p + 4 * i, a.v[i]);
}
inline F f_load_part(const float* p, int n) {
  float lanes[16] = {};
  for (int i = 0; i < n; ++i) lanes[i] = p[i];
  return f_load(lanes);
}
inline void f_store_part(float* p, F a, int n) {
  float lanes[16];
  f_store(lanes, a);
  for (int i = 0; i < n; ++i) p[i] = lanes[i];
}
/// Lanes [begin, end), zeros elsewhere, whatever stood there.
inline F f_keep(F a, int begin, int end) {
  float lanes[16], kept[16] = {};
  f_store(lanes, a);
  for (int i = begin; i < end; ++i) kept[i] = lanes[i];
  return f_load(kept);
}
template <class Op>
inline F f_each(Op op) {
  return {{op(0), op(1), op(2), op(3)}};
}
template <class Op>
inline I i_each(Op op) {
  return {{op(0), op(1), op(2), op(3)}};
}
template <class Op>
inline B b_each(Op op) {
  return {{op(0), op(1), op(2), op(3)}};
}
inline F f_add(F a, F b) {
  return f_each([&](int i) { return vaddq_f32(a.v[i], b.v[i]); });
}
inline F f_sub(F a, F b) {
  return f_each([&](int i) { return vsubq_f32(a.v[i], b.v[i]); });
}
inline F f_mul(F a, F b) {
  return f_each([&](int i) { return vmulq_f32(a.v[i], b.v[i]); });
}
inline F f_div(F a, F b) {
  return f_each([&](int i) { return vdivq_f32(a.v[i], b.v[i]); });
}
inline F f_max(F a, F b) {  // a > b ? a : b, as x86 does with NaN
  return f_each([&](int i) { return vbslq_f32(vcgtq_f32(a.v[i], b.v[i]), a.v[i], b.v[i]); });
}
inline F f_min(F a, F b) {  // a < b ? a : b
  return f_each([&](int i) { return vbslq_f32(vcltq_f32(a.v[i], b.v[i]), a.v[i], b.v[i]); });
}
inline F f_fma(F a, F b, F c) {
  return f_each([&](int i) { return vfmaq_f32(c.v[i], a.v[i], b.v[i]); });
}
inline F f_nfma(F a, F b, F c) {
  return f_each([&](int i) { return vfmsq_f32(c.v[i], a.v[i], b.v[i]); });
}
inline F f_abs(F a) {
  return f_each([&](int i) { return vabsq_f32(a.v[i]); });
}
inline F f_from_i(I a) {
  return f_each([&](int i) { return vcvtq_f32_s32(a.v[i]); });
}
inline I i_from_f(F a) {
  return i_each([&](int i) { return vcvtnq_s32_f32(a.v[i]); });
}
inline I i_set1(int x) {
  return {{vdupq_n_s32(x), vdupq_n_s32(x), vdupq_n_s32(x), vdupq_n_s32(x)}};
}
inline I i_zero() { return i_set1(0); }
inline I i_add(I a, I b) {
  return i_each([&](int i) { return vaddq_s32(a.v[i], b.v[i]); });
}
inline I i_sub(I a, I b) {
  return i_each([&](int i) { return vsubq_s32(a.v[i], b.v[i]); });
}
inline I i_shift_left_23(I a) {
  return i_each([&](int i) { return vshlq_n_s32(a.v[i], 23); });
}
/// The upper and the lower 7 of 14 bits.
inline I i_high7(I a) {
  return i_each([&](int i) { return vshrq_n_s32(a.v[i], 7); });
}
inline I i_low7(I a) {
  return i_each([&](int i) { return vandq_s32(a.v[i], vdupq_n_s32(127)); });
}
inline I i_bits(F a) {
  return i_each([&](int i) { return vreinterpretq_s32_f32(a.v[i]); });
}
inline F f_bits(I a) {
  return f_each([&](int i) { return vreinterpretq_f32_s32(a.v[i]); });
}

inline F f_load_f16(const void* p) {
  const auto* at = static_cast<const std::uint16_t*>(p);
  return f_each([&](int i) { return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(at + 4 * i))); });
}
inline F f_load_bf16(const void* p) {
  const auto* at = static_cast<const std::uint16_t*>(p);
  return f_each(
      [&](int i) { return vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(at + 4 * i), 16)); });
}
inline void f_store_f16(void* p, F a) {
  auto* at = static_cast<std::uint16_t*>(p);
  for (int i = 0; i < 4; ++i) vst1_u16(at + 4 * i, vreinterpret_u16_f16(vcvt_f16_f32(a.v[i])));
}
inline F f_load_i8(const void* p) {
  const int8x16_t bytes = vld1q_s8(static_cast<const std::int8_t*>(p));
  const int16x8_t low = vmovl_s8(vget_low_s8(bytes)), high = vmovl_s8(vget_high_s8(bytes));
  return f_from_i({{vmovl_s16(vget_low_s16(low)), vmovl_s16(vget_high_s16(low)),
                    vmovl_s16(vget_low_s16(high)), vmovl_s16(vget_high_s16(high))}});
}
inline F f_load_u8(const void* p) {
  const uint8x16_t bytes = vld1q_u8(static_cast<const std::uint8_t*>(p));
  const int16x8_t low = vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(bytes)));
  const int16x8_t high = vreinterpretq_s16_u16(vmovl_u8(vget_high_u8(bytes)));
  return f_from_i({{vmovl_s16(vget_low_s16(low)), vmovl_s16(vget_high_s16(low)),
                    vmovl_s16(vget_low_s16(high)), vmovl_s16(vget_high_s16(high))}});
}
inline void i_store_i8(std::int8_t* p, I a) {
  const int16x8_t low = vcombine_s16(vqmovn_s32(a.v[0]), vqmovn_s32(a.v[1]));
  const int16x8_t high = vcombine_s16(vqmovn_s32(a.v[2]), vqmovn_s32(a.v[3]));
  vst1q_s8(p, vcombine_s8(vqmovn_s16(low), vqmovn_s16(high)));
}

inline float f_sum(F a) {  // lanes i + (i+8), then +4, +2, +1
  const float32x4_t v4 = vaddq_f32(vaddq_f32(a.v[0], a.v[2]), vaddq_f32(a.v[1], a.v[3]));
  const float32x2_t v2 = vadd_f32(vget_low_f32(v4), vget_high_f32(v4));
  return vget_lane_f32(v2, 0) + vget_lane_f32(v2, 1);
}
inline int i_sum(I a) {
  return vaddvq_s32(vaddq_s32(vaddq_s32(a.v[0], a.v[2]), vaddq_s32(a.v[1], a.v[3])));
}
inline float f_max_lanes(F a) {
  float lanes[16];
  f_store(lanes, a);
  float best = lanes[0];
  for (const float lane : lanes) best = lane > best ? lane : best;
  return best;
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
inline F f_swap(F a) {
  if constexpr (kStep >= 4) return f_each([&](int i) { return a.v[i ^ (kStep / 4)]; });
  if constexpr (kStep == 2) return f_each([&](int i) { return vextq_f32(a.v[i], a.v[i], 2); });
  return f_each([&](int i) { return vrev64q_f32(a.v[i]); });
}

inline B b_load(const void* p) {
  const auto* at = static_cast<const std::uint8_t*>(p);
  return b_each([&](int i) { return vld1q_u8(at + 16 * i); });
}
inline void b_store(void* p, B a) {
  for (int i = 0; i < 4; ++i) vst1q_u8(static_cast<std::uint8_t*>(p) + 16 * i, a.v[i]);
}
inline B b_low4(B a) {
  return b_each([&](int i) { return vandq_u8(a.v[i], vdupq_n_u8(15)); });
}
inline B b_high4(B a) {
  return b_each([&](int i) { return vshrq_n_u8(a.v[i], 4); });
}
template <int kLine>
inline B b_bit5(B code, B high) {
  return b_each([&](int i) {
    const uint8x16_t bit = vandq_u8(vshlq_u8(high.v[i], vdupq_n_s8(4 - kLine)), vdupq_n_u8(16));
    return vorrq_u8(code.v[i], bit);
  });
}
template <int kPair>
inline B b_bits6(B code, B high) {
  return b_each([&](int i) {
    const uint8x16_t bits =
        vandq_u8(vshlq_u8(high.v[i], vdupq_n_s8(4 - 2 * kPair)), vdupq_n_u8(48));
    return vorrq_u8(code.v[i], bits);
  });
}
inline B b_flip_sign(B a) {
  return b_each([&](int i) { return veorq_u8(a.v[i], vdupq_n_u8(128)); });
}

/// Four codes, once for each row.
struct X {
  int8x16_t v;
};
inline X x_load(const std::int8_t* x) { return {vreinterpretq_s8_s32(vdupq_n_s32(four_codes(x)))}; }

/// Signed codes; those below 128 are the same signed and unsigned.
inline I dot4(I acc, B code, X x) {
  return i_each([&](int i) { return vdotq_s32(acc.v[i], vreinterpretq_s8_u8(code.v[i]), x.v); });
}
inline I dot4_at(I acc, B code, const std::int8_t* x) { return dot4(acc, code, x_load(x)); }

/// Sums of the products of kLines lines of codes of kBits bits, which all cost the same; 8-bit
/// codes signed.
template <int kBits, int kLines>
struct Dots {
  static constexpr int kFit = 1;
  I sum = i_zero();
  [[gnu::always_inline]] inline void add(int, B code, X x) { sum = dot4(sum, code, x); }
  [[gnu::always_inline]] inline void add_at(int, B code, const std::int8_t* x) {
    sum = dot4_at(sum, code, x);
  }
};

/// Codes unsigned and |x| ≤ 64; the sums are those of codes less 128, plus kCodeBias · Σ x.
inline constexpr int kCodeBias = 0;
inline I dot4_biased_at(I acc, B code, const std::int8_t* x) {
  return dot4_at(acc, b_flip_sign(code), x);
}
/// Codes signed and x in 0 … 127, the same signed and unsigned.
inline I dot4_weights(I acc, B code, X x) { return dot4(acc, code, x); }
