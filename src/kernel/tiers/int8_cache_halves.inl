// Codes of 14 bits in two halves of 7, for what multiplies four bytes at a time. Included inside a
// tier's namespace, before int8_cache_ops.inl. All sums of codes are exact.

inline constexpr int kQueryGroup = kTokenTile >= 8 ? 6 : 1;     // queries that share what is loaded
inline constexpr int kSumsOfValues = kTokenTile >= 8 ? 12 : 4;  // of a group, in registers

/// code = 128 · high + low, high and low in −64 … 64.
struct QueryCodes {
  std::int8_t high[kCacheDimMax];
  std::int8_t low[kCacheDimMax];
  int sum_high;
  int sum_low;

  inline void clear() { sum_high = sum_low = 0; }
  inline void put(int d, I high_codes, I low_codes) {
    sum_high += i_store_i8_sum(high + d, high_codes);
    sum_low += i_store_i8_sum(low + d, low_codes);
  }
};

/// Four dimensions of 16 keys: the upper 8 bits of each code, which are biased, and the lower 4.
struct KeyLine {
  B bytes;
  B nibbles;
  static KeyLine of(B bytes, B nibbles) { return {bytes, nibbles}; }
};

/// Σ code · query / 16 of 16 keys.
struct KeySum {
  I high, low, nibble;

  [[gnu::always_inline]] inline void start(const QueryCodes& query) {
    high = i_set1(-kCodeBias * query.sum_high);
    low = i_set1(-kCodeBias * query.sum_low);
    nibble = i_zero();
  }
  [[gnu::always_inline]] inline void add(const KeyLine& line, const QueryCodes& query, int d) {
    high = dot4_biased_at(high, line.bytes, query.high + d);
    nibble = dot4_at(nibble, line.nibbles, query.high + d);
    low = dot4_biased_at(low, line.bytes, query.low + d);
  }
  [[gnu::always_inline]] inline F total() const {
    const F small = f_fma(f_from_i(nibble), f_set1(8.0F), f_from_i(low));
    return f_fma(f_from_i(high), f_set1(128.0F), small);
  }
};

/// code = 128 · high + low, high and low in 0 … 127.
struct WeightCodes {
  std::int8_t high[kSegment];
  std::int8_t low[kSegment];

  inline void put(int i, I code) {
    i_store_i8(high + i, i_high7(code));
    i_store_i8(low + i, i_low7(code));
  }
};

/// Four positions of 16 dimensions of values.
struct ValueLine {
  B bytes;
  static ValueLine of(B bytes) { return {bytes}; }
};

/// Σ code · weight of 16 dimensions.
struct ValueSum {
  I high = i_zero(), low = i_zero();

  [[gnu::always_inline]] inline void add(const ValueLine& line, const WeightCodes& weights, int i) {
    high = dot4_weights(high, line.bytes, x_load(weights.high + i));
    low = dot4_weights(low, line.bytes, x_load(weights.low + i));
  }
  [[gnu::always_inline]] inline F total() const {
    return f_fma(f_from_i(high), f_set1(128.0F), f_from_i(low));
  }
};
