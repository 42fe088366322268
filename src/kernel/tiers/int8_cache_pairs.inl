// Codes of 14 bits as 16-bit numbers, for what multiplies two of them at a time. Included inside a
// tier's namespace, before int8_cache_ops.inl. All sums of codes are exact and fit 32 bits, so that
// they become the same floats as in two halves, whose sum is rounded once too.

inline constexpr int kQueryGroup = 4;    // queries that share what is loaded
inline constexpr int kSumsOfValues = 4;  // of a group, in registers

/// Four bytes a, b, c, d of each lane as 16-bit pairs (a, c) and (b, d).
struct Pairs {
  B even, odd;
};
inline Pairs unsigned_pairs(B x) {
  const __m256i mask = _mm256_set1_epi16(255);
  return {{_mm256_and_si256(x.a, mask), _mm256_and_si256(x.b, mask)},
          {_mm256_srli_epi16(x.a, 8), _mm256_srli_epi16(x.b, 8)}};
}
inline __m256i even_signed(__m256i v) { return _mm256_srai_epi16(_mm256_slli_epi16(v, 8), 8); }
inline Pairs signed_pairs(B x) {
  return {{even_signed(x.a), even_signed(x.b)},
          {_mm256_srai_epi16(x.a, 8), _mm256_srai_epi16(x.b, 8)}};
}
/// Sixteen codes; of each four in the order 0, 2, 1, 3, as they meet pairs.
inline void store_for_pairs(std::int16_t* at, I code) {
  constexpr int kOrder = 0xD8;
  const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(code.a, code.b), kOrder);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(at),
                      _mm256_shufflehi_epi16(_mm256_shufflelo_epi16(words, kOrder), kOrder));
}
/// acc += pairs · the two codes at x.
inline I add_products(I acc, B pairs, const std::int16_t* x) {
  int two;
  __builtin_memcpy(&two, x, sizeof two);
  const __m256i codes = _mm256_set1_epi32(two);
  return i_add(acc, {_mm256_madd_epi16(pairs.a, codes), _mm256_madd_epi16(pairs.b, codes)});
}
inline I add_products(I acc, const Pairs& pairs, const std::int16_t* x) {
  return add_products(add_products(acc, pairs.even, x), pairs.odd, x + 2);
}

/// code = 128 · high + low, high and low in −64 … 64.
struct QueryCodes {
  std::int16_t whole[kCacheDimMax];  // in the order of store_for_pairs()
  std::int8_t high[kCacheDimMax];
  int sum;

  inline void clear() { sum = 0; }
  inline void put(int d, I high_codes, I low_codes) {
    i_store_i8(high + d, high_codes);
    const I code = i_add(i_shift_left_7(high_codes), low_codes);
    store_for_pairs(whole + d, code);
    sum += i_sum(code);
  }
};

/// Four dimensions of 16 keys: the upper 8 bits of each code, which are biased, and the lower 4.
struct KeyLine {
  Pairs pairs;
  B nibbles;
  static KeyLine of(B bytes, B nibbles) { return {unsigned_pairs(bytes), nibbles}; }
};

/// Σ code · query / 16 of 16 keys, without nibble · low.
struct KeySum {
  I sum;

  [[gnu::always_inline]] inline void start(const QueryCodes& query) {
    sum = i_set1(-kCodeBias * query.sum);
  }
  [[gnu::always_inline]] inline void add(const KeyLine& line, const QueryCodes& query, int d) {
    const __m256i eight = _mm256_set1_epi16(8);
    const B small = pairs(line.nibbles, x_load(query.high + d));
    sum = add_products(sum, line.pairs, query.whole + d);
    sum =
        in_turn(i_add(sum, {_mm256_madd_epi16(small.a, eight), _mm256_madd_epi16(small.b, eight)}));
  }
  [[gnu::always_inline]] inline F total() const { return f_from_i(sum); }
};

struct WeightCodes {
  std::int16_t whole[kSegment];  // in the order of store_for_pairs()

  inline void put(int i, I code) { store_for_pairs(whole + i, code); }
};

/// Four positions of 16 dimensions of values.
struct ValueLine {
  Pairs pairs;
  static ValueLine of(B bytes) { return {signed_pairs(bytes)}; }
};

/// Σ code · weight of 16 dimensions.
struct ValueSum {
  I sum = i_zero();

  [[gnu::always_inline]] inline void add(const ValueLine& line, const WeightCodes& weights, int i) {
    sum = in_turn(add_products(sum, line.pairs, weights.whole + i));
  }
  [[gnu::always_inline]] inline F total() const { return f_from_i(sum); }
};
