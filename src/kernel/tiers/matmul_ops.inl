// Matrix products on sixteen lanes: one panel of 16 output rows at a time. Included inside a tier's
// namespace. The order of sums is that of reference/reference.cpp; what differs between tiers is
// only how exact integers are made.

enum class Mode { zero, minimum };

/// One activation row's pointers at a block.
struct RowAt {
  const std::int8_t* codes;
  const float* scale;
  const float* sum;
  const float* negsum;
  const float* negsum_half;
};

inline RowAt row_at(const QuantizedRows& x, int t) {
  const auto row = static_cast<std::size_t>(t);
  const std::size_t n_blocks = static_cast<std::size_t>(x.n_in) / kBlock;
  return {x.codes + row * static_cast<std::size_t>(x.n_in), x.scale + row * n_blocks,
          x.sum + row * n_blocks, x.negsum + row * n_blocks, x.negsum_half + row * n_blocks * 2};
}

template <CodeKind kKind>
inline constexpr int kBitsOf = kKind == CodeKind::u4   ? 4
                               : kKind == CodeKind::u5 ? 5
                               : kKind == CodeKind::u6 ? 6
                                                       : 8;
template <CodeKind kKind>
inline constexpr std::size_t kBlockBytes = kKind == CodeKind::u4   ? 256
                                           : kKind == CodeKind::u5 ? 320
                                           : kKind == CodeKind::u6 ? 384
                                                                   : 512;

/// The eight lines of a block: line i holds inputs 4i … 4i+3 of the sixteen rows, one byte each.
template <CodeKind kKind>
[[gnu::always_inline]] inline void unpack_block(const std::byte* at, B (&line)[8]) {
  if constexpr (kKind == CodeKind::u8) {
    for (int i = 0; i < 8; ++i) {
      line[i] = b_load(at + 64 * i);
      if constexpr (kSignedBytes) line[i] = b_flip_sign(line[i]);
    }
    return;
  }
  for (int i = 0; i < 4; ++i) {
    const B both = b_load(at + 64 * i);
    line[i] = b_low4(both);
    line[i + 4] = b_high4(both);
  }
  if constexpr (kKind == CodeKind::u5) {
    const B high = b_load(at + 256);
    line[0] = b_bit5<0>(line[0], high);
    line[1] = b_bit5<1>(line[1], high);
    line[2] = b_bit5<2>(line[2], high);
    line[3] = b_bit5<3>(line[3], high);
    line[4] = b_bit5<4>(line[4], high);
    line[5] = b_bit5<5>(line[5], high);
    line[6] = b_bit5<6>(line[6], high);
    line[7] = b_bit5<7>(line[7], high);
  }
  if constexpr (kKind == CodeKind::u6) {
    const B high0 = b_load(at + 256), high1 = b_load(at + 320);
    line[0] = b_bits6<0>(line[0], high0);
    line[1] = b_bits6<1>(line[1], high0);
    line[2] = b_bits6<2>(line[2], high0);
    line[3] = b_bits6<3>(line[3], high0);
    line[4] = b_bits6<0>(line[4], high1);
    line[5] = b_bits6<1>(line[5], high1);
    line[6] = b_bits6<2>(line[6], high1);
    line[7] = b_bits6<3>(line[7], high1);
  }
}

/// Reads the scales (and minima) of consecutive blocks of one panel. kSubs sub-blocks of 32 / kSubs
/// inputs a block.
template <ScaleKind kScales, int kSubs, Mode kMode>
struct ScaleReader {
  const std::byte* panel;
  int n_blocks;
  F d = f_zero();
  F dmin = f_zero();
  const std::byte* subs = nullptr;

  static constexpr int kSubsPerSuper = kSuperBlock / kBlock * kSubs;
  static constexpr int kKinds = kMode == Mode::minimum ? 2 : 1;

  [[gnu::always_inline]] inline void block(int b, F (&scale)[kSubs], F (&minimum)[kSubs]) {
    if constexpr (kScales == ScaleKind::half) {
      scale[0] = f_load_f16(panel + b * kPanelRows * 2);
      if constexpr (kMode == Mode::minimum) {
        minimum[0] = f_load_f16(panel + (n_blocks + b) * kPanelRows * 2);
      }
    } else {
      const int inside = b % (kSuperBlock / kBlock);
      if (inside == 0) open_super(b / (kSuperBlock / kBlock));
      for (int s = 0; s < kSubs; ++s) {
        const int i = inside * kSubs + s;
        scale[s] = f_mul(f_load_i8(subs + i * kPanelRows), d);
        if constexpr (kMode == Mode::minimum) {
          minimum[s] = f_mul(f_load_u8(subs + (kSubsPerSuper + i) * kPanelRows), dmin);
        }
      }
    }
  }

  [[gnu::always_inline]] inline void open_super(int super) {
    const std::byte* at = panel + super * (kPanelRows * 2 + kSubsPerSuper * kPanelRows) * kKinds;
    d = f_load_f16(at);
    if constexpr (kMode == Mode::minimum) {
      dmin = f_sub(f_zero(), f_load_f16(at + kPanelRows * 2));
    }
    subs = at + kPanelRows * 2 * kKinds;
  }
};

/// acc += the contribution of one sub-block: dot is Σ code·x, exact.
template <int kSubs, Mode kMode>
[[gnu::always_inline]] inline F accumulate(F acc, I dot, F scale, F minimum, F zero, const RowAt& x,
                                           int b, int sub) {
  F exact = f_from_i(dot);
  if constexpr (kMode == Mode::zero) {
    const float negsum = kSubs == 1 ? x.negsum[b] : x.negsum_half[2 * b + sub];
    exact = f_fma(f_set1(negsum), zero, exact);  // both terms are integers below 2²⁴: no rounding
  }
  acc = f_fma(exact, f_mul(scale, f_set1(x.scale[b])), acc);
  if constexpr (kMode == Mode::minimum) {
    const float sum = kSubs == 1 ? x.sum[b] : x.scale[b] * -x.negsum_half[2 * b + sub];
    acc = f_fma(minimum, f_set1(sum), acc);
  }
  return acc;
}

inline void write_out(float* y, F value, int n_rows, Epilogue epilogue) {
  if (n_rows == kPanelRows) {
    f_store(y, epilogue == Epilogue::add ? f_add(f_load(y), value) : value);
  } else {
    f_store_part(y, epilogue == Epilogue::add ? f_add(f_load_part(y, n_rows), value) : value,
                 n_rows);
  }
}

/// The zero point as a factor for negsum; 8-bit codes made signed have none left.
inline F zero_factor(const PanelLayout& layout) {
  const bool none = layout.zero_shift < 0 || (kSignedBytes && layout.codes == CodeKind::u8);
  return f_set1(none ? 0.0F : static_cast<float>(1 << layout.zero_shift));
}

/// A few tokens, codes unpacked on the way: reads each weight byte once and keeps nothing of it.
template <int kTokens, CodeKind kKind, ScaleKind kScales, int kSubs, Mode kMode>
void direct_tile(const PackedMatrix& w, const std::byte* panel, const QuantizedRows& x, int t0,
                 float* y, int ldy, int n_rows, Epilogue epilogue) {
  const int n_blocks = w.n_in / kBlock;
  ScaleReader<kScales, kSubs, kMode> scales{panel, n_blocks};
  const std::byte* codes = panel + w.layout.codes_offset;
  const F zero = zero_factor(w.layout);
  RowAt row[kTokens];
  F acc[kTokens];
  for (int t = 0; t < kTokens; ++t) {
    row[t] = row_at(x, t0 + t);
    acc[t] = f_zero();
  }
  for (int b = 0; b < n_blocks; ++b) {
    B line[8];
    unpack_block<kKind>(codes, line);
    codes += kBlockBytes<kKind>;
    F scale[kSubs], minimum[kSubs];
    scales.block(b, scale, minimum);
#pragma GCC unroll 8
    for (int t = 0; t < kTokens; ++t) {
      const std::int8_t* xb = row[t].codes + b * kBlock;
      // Of sub-blocks, or of parts of a block that are added.
      constexpr int kSums = kSubs > kDotChains ? kSubs : kDotChains;
      constexpr int kLines = 8 / kSums;
      Dots<kBitsOf<kKind>, kLines> dot[kSums];
#pragma GCC unroll 8
      for (int i = 0; i < kLines; ++i) {
#pragma GCC unroll 2
        for (int s = 0; s < kSums; ++s) {
          const int at = s * kLines + i;
          dot[s].add_at(i, line[at], xb + 4 * at);
        }
      }
      if constexpr (kSums > kSubs) dot[0].sum = i_add(dot[0].sum, dot[1].sum);
      for (int s = 0; s < kSubs; ++s) {
        acc[t] =
            accumulate<kSubs, kMode>(acc[t], dot[s].sum, scale[s], minimum[s], zero, row[t], b, s);
      }
    }
  }
  for (int t = 0; t < kTokens; ++t) {
    write_out(y + static_cast<std::size_t>(t0 + t) * static_cast<std::size_t>(ldy), acc[t], n_rows,
              epilogue);
  }
}

/// A panel spread out for many tokens: [n_in/4] lines of 64 codes, then scales and minima as f32.
struct SpreadPanel {
  std::byte* lines;
  float* scale;    // [n_in / n_sub][16]
  float* minimum;  // the same, written only where there are minima
};

inline SpreadPanel spread_in(std::byte* scratch, int n_in) {
  const auto n = static_cast<std::size_t>(n_in);
  auto* floats = reinterpret_cast<float*>(scratch + n * kPanelRows);
  return {scratch, floats, floats + n};
}

template <CodeKind kKind, ScaleKind kScales, int kSubs, Mode kMode>
void spread_panel(const PackedMatrix& w, const std::byte* panel, const SpreadPanel& out) {
  const int n_blocks = w.n_in / kBlock;
  ScaleReader<kScales, kSubs, kMode> scales{panel, n_blocks};
  const std::byte* codes = panel + w.layout.codes_offset;
  for (int b = 0; b < n_blocks; ++b) {
    B line[8];
    unpack_block<kKind>(codes + static_cast<std::size_t>(b) * kBlockBytes<kKind>, line);
    for (int i = 0; i < 8; ++i) b_store(out.lines + (b * 8 + i) * 64, line[i]);
    F scale[kSubs], minimum[kSubs];
    scales.block(b, scale, minimum);
    for (int s = 0; s < kSubs; ++s) {
      f_store(out.scale + (b * kSubs + s) * kPanelRows, scale[s]);
      if constexpr (kMode == Mode::minimum) {
        f_store(out.minimum + (b * kSubs + s) * kPanelRows, minimum[s]);
      }
    }
  }
}

static_assert(kPanelTile <= kPanelTileMax);

/// kTokens tokens against kPanels spread panels, all accumulators in registers.
///   y: of the first panel; n_rows: of the last one, the others are whole
template <int kTokens, int kPanels, int kBits, int kSubs, Mode kMode>
void token_tile(const SpreadPanel* panels, int n_in, F zero, const QuantizedRows& x, int t0,
                float* y, int ldy, int n_rows, Epilogue epilogue) {
  RowAt row[kTokens];
  F acc[kTokens][kPanels];
#pragma GCC unroll 16
  for (int t = 0; t < kTokens; ++t) {
    row[t] = row_at(x, t0 + t);
#pragma GCC unroll 2
    for (int p = 0; p < kPanels; ++p) acc[t][p] = f_zero();
  }
  // The next tile's rows follow these; they are fetched while these are multiplied.
  const std::int8_t* next =
      x.codes + static_cast<std::size_t>(t0 + kTokens) * static_cast<std::size_t>(n_in);
  for (int b = 0; b < n_in / kBlock; ++b) {
    for (int i = 0; i < kTokens * kBlock; i += 64) __builtin_prefetch(next + i);
    next += kTokens * kBlock;
    for (int s = 0; s < kSubs; ++s) {
      // Where registers are few, the sums of blocks wait in memory while codes are multiplied.
      if constexpr (kTokenTile < 8) __asm__ volatile("" : : "r"(acc) : "memory");
      constexpr int kLines = 8 / kSubs;
      Dots<kBits, kLines> dot[kTokens][kPanels];
#pragma GCC unroll 8
      for (int i = 0; i < kLines; ++i) {
        const int k4 = b * 8 + s * kLines + i;
        B line[kPanels];
#pragma GCC unroll 2
        for (int p = 0; p < kPanels; ++p) line[p] = b_load(panels[p].lines + k4 * 64);
#pragma GCC unroll 16
        for (int t = 0; t < kTokens; ++t) {
          const X four = x_load(row[t].codes + k4 * 4);
#pragma GCC unroll 2
          for (int p = 0; p < kPanels; ++p) dot[t][p].add(i, line[p], four);
        }
      }
      F scale[kPanels], minimum[kPanels];
#pragma GCC unroll 2
      for (int p = 0; p < kPanels; ++p) {
        scale[p] = f_load(panels[p].scale + (b * kSubs + s) * kPanelRows);
        minimum[p] = kMode == Mode::minimum
                         ? f_load(panels[p].minimum + (b * kSubs + s) * kPanelRows)
                         : f_zero();
      }
#pragma GCC unroll 16
      for (int t = 0; t < kTokens; ++t) {
#pragma GCC unroll 2
        for (int p = 0; p < kPanels; ++p) {
          acc[t][p] = accumulate<kSubs, kMode>(acc[t][p], dot[t][p].sum, scale[p], minimum[p], zero,
                                               row[t], b, s);
        }
      }
    }
  }
#pragma GCC unroll 16
  for (int t = 0; t < kTokens; ++t) {
    float* out = y + static_cast<std::size_t>(t0 + t) * static_cast<std::size_t>(ldy);
#pragma GCC unroll 2
    for (int p = 0; p < kPanels; ++p)
      write_out(out + p * kPanelRows, acc[t][p], p + 1 < kPanels ? kPanelRows : n_rows, epilogue);
  }
}

/// One matrix product: what every tile of it shares.
struct Product {
  const PackedMatrix& w;
  const QuantizedRows& x;
  int begin;  // the panel whose rows y starts with
  float* y;
  int ldy;
  Epilogue epilogue;
  F zero;

  float* y_of(int p) const { return y + static_cast<std::size_t>(p - begin) * kPanelRows; }
  int rows_of(int p) const {
    const int left = w.n_out - p * kPanelRows;
    return left < kPanelRows ? left : kPanelRows;
  }
};

/// Tokens of a direct tile at most: their sums and a block of codes stay in registers.
inline constexpr int kDirectTile = kTokenTile >= 8 ? 8 : 1;
/// Up to so many tokens, unpacking the codes for each direct tile costs less than spreading them.
inline constexpr int kDirectMax = kTokenTile >= 8 ? 2 * kDirectTile : 1;

/// A tile of n tokens, kLeast … kTokens, and panels [p, p + kPanels).
template <int kTokens, int kLeast, int kPanels, int kBits, int kSubs, Mode kMode>
[[gnu::always_inline]] inline void tile_of(int n, const Product& product, const SpreadPanel* panels,
                                           int p, int t0) {
  if constexpr (kTokens > kLeast) {
    if (n < kTokens)
      return tile_of<kTokens - 1, kLeast, kPanels, kBits, kSubs, kMode>(n, product, panels, p, t0);
  }
  token_tile<kTokens, kPanels, kBits, kSubs, kMode>(
      panels, product.w.n_in, product.zero, product.x, t0, product.y_of(p), product.ldy,
      product.rows_of(p + kPanels - 1), product.epilogue);
}

/// Tokens [begin, end) in as few tiles as hold them, all of nearly the same size, for one of few
/// tokens waits for its sums; more than kDirectMax in all. The panels stay in the nearest cache
/// meanwhile.
template <int kPanels, int kBits, int kSubs, Mode kMode>
void token_tiles(const Product& product, const SpreadPanel* panels, int p, int begin, int end) {
  constexpr int kTokens = kTokenTile / kPanels;
  constexpr int kLeast =
      (kDirectMax + 1) * kTokens / (kDirectMax + kTokens);  // smaller ones: never
  for (int left = (end - begin + kTokens - 1) / kTokens; left > 0; --left) {
    const int n = (end - begin + left - 1) / left;
    tile_of<kTokens, kLeast, kPanels, kBits, kSubs, kMode>(n, product, panels, p, begin);
    begin += n;
  }
}

/// The direct tile of panel p and n tokens, 1 … kTokens.
template <int kTokens, CodeKind kKind, ScaleKind kScales, int kSubs, Mode kMode>
inline void direct_tile_of(int n, const Product& product, int p, int t0) {
  if constexpr (kTokens > 1) {
    if (n < kTokens)
      return direct_tile_of<kTokens - 1, kKind, kScales, kSubs, kMode>(n, product, p, t0);
  }
  direct_tile<kTokens, kKind, kScales, kSubs, kMode>(product.w, product.w.panel(p), product.x, t0,
                                                     product.y_of(p), product.ldy,
                                                     product.rows_of(p), product.epilogue);
}

/// Tokens [begin, end) with each panel in turn, so that it is read from memory once.
template <CodeKind kKind, ScaleKind kScales, int kSubs, Mode kMode>
void direct_tiles(const Product& product, int panel_end, int begin, int end) {
  const int n_tiles = (end - begin + kDirectTile - 1) / kDirectTile;
  for (int p = product.begin; p < panel_end; ++p) {
    for (int i = 0, t = begin; i < n_tiles; ++i) {
      const int n = (end - t + n_tiles - i - 1) / (n_tiles - i);
      direct_tile_of<kDirectTile, kKind, kScales, kSubs, kMode>(n, product, p, t);
      t += n;
    }
  }
}

template <CodeKind kKind, ScaleKind kScales, int kSubs, Mode kMode>
void matmul_as(const Product& product, int end, int token_begin, int token_end,
               std::byte* scratch) {
  const PackedMatrix& w = product.w;
  if (token_end - token_begin <= kDirectMax)
    return direct_tiles<kKind, kScales, kSubs, kMode>(product, end, token_begin, token_end);
  for (int p = product.begin; p < end; p += kPanelTile) {
    SpreadPanel panels[kPanelTile];
    const int n = end - p < kPanelTile ? end - p : kPanelTile;
    for (int i = 0; i < n; ++i) {
      panels[i] = spread_in(scratch + static_cast<std::size_t>(i) * spread_bytes(w.n_in), w.n_in);
      spread_panel<kKind, kScales, kSubs, kMode>(w, w.panel(p + i), panels[i]);
    }
    constexpr int kBits = kBitsOf<kKind>;
    if (n == kPanelTile) {
      token_tiles<kPanelTile, kBits, kSubs, kMode>(product, panels, p, token_begin, token_end);
    } else {
      token_tiles<1, kBits, kSubs, kMode>(product, panels, p, token_begin, token_end);
    }
  }
}

/// Calls op.operator()<kKind, kScales, kSubs, kMode>() for the layout's own combination.
template <class Op>
inline void for_layout(const PanelLayout& layout, Op op) {
  using enum CodeKind;
  using enum ScaleKind;
  const bool minimum = layout.has_minimum;
  if (layout.scales == half) {
    if (layout.codes == u8) return op.template operator()<u8, half, 1, Mode::zero>();
    if (layout.codes == u5 && minimum) return op.template operator()<u5, half, 1, Mode::minimum>();
    if (layout.codes == u5) return op.template operator()<u5, half, 1, Mode::zero>();
    if (minimum) return op.template operator()<u4, half, 1, Mode::minimum>();
    return op.template operator()<u4, half, 1, Mode::zero>();
  }
  if (layout.codes == u6) return op.template operator()<u6, super, 2, Mode::zero>();
  if (layout.codes == u5) return op.template operator()<u5, super, 1, Mode::minimum>();
  if (layout.n_sub == kBlock) return op.template operator()<u4, super, 1, Mode::minimum>();
  if (minimum) return op.template operator()<u4, super, 2, Mode::minimum>();
  return op.template operator()<u4, super, 2, Mode::zero>();
}

void matmul(const PackedMatrix& w, int begin, int end, const QuantizedRows& x, int token_begin,
            int token_end, float* y, int ldy, Epilogue epilogue, std::byte* scratch) {
  if (token_begin >= token_end) return;
  const Product product{w, x, begin, y, ldy, epilogue, zero_factor(w.layout)};
  for_layout(w.layout, [&]<CodeKind kKind, ScaleKind kScales, int kSubs, Mode kMode>() {
    matmul_as<kKind, kScales, kSubs, kMode>(product, end, token_begin, token_end, scratch);
  });
}

template <CodeKind kKind>
inline F load_weights(const std::byte* panel, int k) {
  const auto at = static_cast<std::size_t>(k) * kPanelRows;
  if constexpr (kKind == CodeKind::f32) return f_load(reinterpret_cast<const float*>(panel) + at);
  if constexpr (kKind == CodeKind::f16) return f_load_f16(panel + at * 2);
  return f_load_bf16(panel + at * 2);
}

/// Adds inputs [k, k + n) of the panel to partial sums 0 … n − 1. All indices of `acc` are
/// constants once this is unrolled, so that the sums stay in registers.
template <CodeKind kKind, int kTokens>
inline void float_step(const std::byte* panel, int k, int n, const float* x, std::size_t ldx,
                       F (&acc)[kTokens][4]) {
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    if (i >= n) return;
    const F weight = load_weights<kKind>(panel, k + i);
#pragma GCC unroll 8
    for (int t = 0; t < kTokens; ++t) {
      const float xt = x[static_cast<std::size_t>(t) * ldx + static_cast<std::size_t>(k + i)];
      acc[t][i] = f_fma(weight, f_set1(xt), acc[t][i]);
    }
  }
}

/// Four partial sums by k mod 4, added as (0 + 1) + (2 + 3).
template <CodeKind kKind, int kTokens>
void float_tile(const PackedMatrix& w, const std::byte* panel, const float* x, int ldx, int t0,
                float* y, int ldy, int n_rows, Epilogue epilogue) {
  F acc[kTokens][4];
#pragma GCC unroll 8
  for (int t = 0; t < kTokens; ++t) {
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) acc[t][i] = f_zero();
  }
  const auto width = static_cast<std::size_t>(ldx);
  const float* const row = x + static_cast<std::size_t>(t0) * width;
  int k = 0;
  for (; k + 4 <= w.n_in; k += 4) float_step<kKind, kTokens>(panel, k, 4, row, width, acc);
  if (k < w.n_in) float_step<kKind, kTokens>(panel, k, w.n_in - k, row, width, acc);
#pragma GCC unroll 8
  for (int t = 0; t < kTokens; ++t) {
    const F sum = f_add(f_add(acc[t][0], acc[t][1]), f_add(acc[t][2], acc[t][3]));
    write_out(y + static_cast<std::size_t>(t0 + t) * static_cast<std::size_t>(ldy), sum, n_rows,
              epilogue);
  }
}

/// Tokens of a tile: with 32 registers their 24 sums and a weight fit.
inline constexpr int kFloatTile = kTokenTile >= 8 ? 6 : 1;

/// The last tokens, fewer than kTokens + 1, as one tile.
template <CodeKind kKind, int kTokens>
void float_rest(const PackedMatrix& w, const std::byte* panel, const float* x, int ldx, int t0,
                int n, float* y, int ldy, int n_rows, Epilogue epilogue) {
  if constexpr (kTokens > 0) {
    if (n == kTokens) {
      return float_tile<kKind, kTokens>(w, panel, x, ldx, t0, y, ldy, n_rows, epilogue);
    }
    float_rest<kKind, kTokens - 1>(w, panel, x, ldx, t0, n, y, ldy, n_rows, epilogue);
  }
}

template <CodeKind kKind>
void matmul_float_as(const PackedMatrix& w, int begin, int end, const float* x, int ldx,
                     int token_begin, int token_end, float* y, int ldy, Epilogue epilogue) {
  for (int p = begin; p < end; ++p) {
    const int n_rows =
        w.n_out - p * kPanelRows < kPanelRows ? w.n_out - p * kPanelRows : kPanelRows;
    float* y_panel = y + static_cast<std::size_t>(p - begin) * kPanelRows;
    int t = token_begin;
    for (; t + kFloatTile <= token_end; t += kFloatTile) {
      float_tile<kKind, kFloatTile>(w, w.panel(p), x, ldx, t, y_panel, ldy, n_rows, epilogue);
    }
    float_rest<kKind, kFloatTile - 1>(w, w.panel(p), x, ldx, t, token_end - t, y_panel, ldy, n_rows,
                                      epilogue);
  }
}

void matmul_float(const PackedMatrix& w, int begin, int end, const float* x, int ldx,
                  int token_begin, int token_end, float* y, int ldy, Epilogue epilogue) {
  switch (w.layout.codes) {
    case CodeKind::f16:
      return matmul_float_as<CodeKind::f16>(w, begin, end, x, ldx, token_begin, token_end, y, ldy,
                                            epilogue);
    case CodeKind::bf16:
      return matmul_float_as<CodeKind::bf16>(w, begin, end, x, ldx, token_begin, token_end, y, ldy,
                                             epilogue);
    default:
      return matmul_float_as<CodeKind::f32>(w, begin, end, x, ldx, token_begin, token_end, y, ldy,
                                            epilogue);
  }
}

double int8_peak(int effort) {
  constexpr int kSums = kTokenTile < 8 ? 2 : 12;
  constexpr int kLines = Dots<4, 8>::kFit;
  std::int8_t x[4 * kSums];
  for (int i = 0; i < 4 * kSums; ++i) x[i] = static_cast<std::int8_t>(i + 1);
  std::byte codes[64] = {};
  __asm__ volatile("" : : "r"(codes) : "memory");  // they may be any
  Dots<4, 8> dots[kSums];  // in registers, as long as no loop over them is left
  B line = b_load(codes);
  const int n = 100000 * effort / kLines;
  for (int i = 0; i < n; ++i) {
#pragma GCC unroll 8
    for (int j = 0; j < kLines; ++j) {
#pragma GCC unroll 16
      for (int c = 0; c < kSums; ++c) dots[c].add_at(j, line, x + 4 * c);
      // Keeps the loop: the activations may have changed, so that they are multiplied again.
      __asm__ volatile("" : : "r"(x) : "memory");
    }
  }
  I total = i_zero();
#pragma GCC unroll 16
  for (int c = 0; c < kSums; ++c) total = i_add(total, dots[c].sum);
  volatile int sink = i_sum(total);
  (void)sink;
  return 64.0 * kSums * kLines * n;
}
