// The kernels of training on sixteen lanes. Included inside a tier's namespace, after
// matmul_ops.inl. The order of sums is that of reference/backward.cpp.

/// Sums of a tile that stay in registers: kWideRows rows of two vectors, or kNarrowRows of one.
inline constexpr int kWideRows = kTokenTile >= 8 ? 12 : 2;
inline constexpr int kNarrowRows = kTokenTile >= 8 ? 16 : 4;
/// Terms of a strip that are added before the next rows: with 32 columns, half of a 32 KiB cache.
inline constexpr int kStripDepth = 128;

/// Up to 32 columns of a float product, over part of its depth.
struct Strip {
  const float* a;
  std::size_t a_row, a_depth;
  const float* b;
  std::size_t ldb;
  float* c;
  std::size_t ldc;
  int depth;
  bool from_zero;
  int lanes;  // columns of the last vector
};

/// kRows rows against the strip. Every third row has a pointer of its own: more than the processor
/// has registers for would be read back from the stack at each step.
template <int kRows, int kVectors, bool kPart>
inline void strip_tile(const Strip& s, int row) {
  F acc[kRows][kVectors];
  float* c = s.c + static_cast<std::size_t>(row) * s.ldc;
  const std::size_t step = s.a_row;
  const float* a[(kRows + 2) / 3];
#pragma GCC unroll 8
  for (int g = 0; g < (kRows + 2) / 3; ++g) {
    a[g] = s.a + (static_cast<std::size_t>(row) + 3 * static_cast<std::size_t>(g)) * step;
  }
#pragma GCC unroll 16
  for (int m = 0; m < kRows; ++m) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      const float* at = c + static_cast<std::size_t>(m) * s.ldc + static_cast<std::size_t>(16 * v);
      const bool part = kPart && v == kVectors - 1;
      acc[m][v] = s.from_zero ? f_zero() : part ? f_load_part(at, s.lanes) : f_load(at);
    }
  }
  const float* b = s.b;
  for (int d = 0; d < s.depth; ++d) {
    F bv[kVectors];
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      const bool part = kPart && v == kVectors - 1;
      bv[v] = part ? f_load_part(b + 16 * v, s.lanes) : f_load(b + 16 * v);
    }
#pragma GCC unroll 16
    for (int m = 0; m < kRows; ++m) {
      const F x = f_set1(a[m / 3][static_cast<std::size_t>(m % 3) * step]);
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) acc[m][v] = f_fma(x, bv[v], acc[m][v]);
    }
#pragma GCC unroll 8
    for (int g = 0; g < (kRows + 2) / 3; ++g) a[g] += s.a_depth;
    b += s.ldb;
  }
#pragma GCC unroll 16
  for (int m = 0; m < kRows; ++m) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      float* at = c + static_cast<std::size_t>(m) * s.ldc + static_cast<std::size_t>(16 * v);
      if (kPart && v == kVectors - 1) {
        f_store_part(at, acc[m][v], s.lanes);
      } else {
        f_store(at, acc[m][v]);
      }
    }
  }
}

template <int kRows, int kVectors, bool kPart>
void strip_rows(const Strip& s, int row, int n_rows) {
  for (; row + kRows <= n_rows; row += kRows) strip_tile<kRows, kVectors, kPart>(s, row);
  if constexpr (kRows > 1) {
    if (row < n_rows) strip_rows<kRows / 2, kVectors, kPart>(s, row, n_rows);
  }
}

/// Columns [0, n_columns ≤ 32) of a strip whose b, c stand at the first of them.
void strip(Strip s, int n_rows, int n_columns) {
  s.lanes = n_columns % 16 == 0 ? 16 : n_columns % 16;
  const bool part = s.lanes != 16;
  if (n_columns > 16) {
    return part ? strip_rows<kWideRows, 2, true>(s, 0, n_rows)
                : strip_rows<kWideRows, 2, false>(s, 0, n_rows);
  }
  if (part) return strip_rows<kNarrowRows, 1, true>(s, 0, n_rows);
  strip_rows<kNarrowRows, 1, false>(s, 0, n_rows);
}

void product(const FloatProduct& p) {
  if (p.depth == 0 && p.start == Start::old) return;
  // Where one tile holds all rows, b is read once however narrow the strip is.
  const int width = p.n_rows > kWideRows && p.n_rows <= kNarrowRows ? 16 : kStripColumns;
  const int most = width == 16 || p.n_columns <= 16 ? 2 * kStripDepth : kStripDepth;
  for (int column = 0; column < p.n_columns; column += width) {
    const int n_columns = p.n_columns - column < width ? p.n_columns - column : width;
    int d = 0;
    do {
      const int depth = p.depth - d < most ? p.depth - d : most;
      strip({.a = p.a + static_cast<std::size_t>(d) * p.a_depth,
             .a_row = p.a_row,
             .a_depth = p.a_depth,
             .b = p.b + static_cast<std::size_t>(d) * p.ldb + column,
             .ldb = p.ldb,
             .c = p.c + column,
             .ldc = p.ldc,
             .depth = depth,
             .from_zero = p.start == Start::zero && d == 0,
             .lanes = 16},
            p.n_rows, n_columns);
      d += depth;
    } while (d < p.depth);
  }
}

/// Block b of a panel as floats: tile [16 rows][32 columns].
template <CodeKind kKind, ScaleKind kScales, int kSubs, Mode kMode>
void decode_block(const PackedMatrix& w, const std::byte* panel, int b, float* tile) {
  ScaleReader<kScales, kSubs, kMode> scales{panel, w.n_in / kBlock};
  if constexpr (kScales == ScaleKind::super) scales.open_super(b / (kSuperBlock / kBlock));
  F scale_lanes[kSubs], minimum_lanes[kSubs];
  scales.block(b, scale_lanes, minimum_lanes);
  alignas(64) float scale[kSubs][16], minimum[kSubs][16];
  for (int s = 0; s < kSubs; ++s) {
    f_store(scale[s], scale_lanes[s]);
    if constexpr (kMode == Mode::minimum) f_store(minimum[s], minimum_lanes[s]);
  }
  B line[8];
  const auto at = static_cast<std::size_t>(b) * kBlockBytes<kKind>;
  unpack_block<kKind>(panel + w.layout.codes_offset + at, line);
  alignas(64) std::uint32_t lines[8][16], rows[16][8];  // four codes each
  for (int i = 0; i < 8; ++i) b_store(lines[i], line[i]);
  for (int i = 0; i < 8; ++i) {
    for (int r = 0; r < 16; ++r) rows[r][i] = lines[i][r];
  }
  constexpr bool kSigned = kSignedBytes && kKind == CodeKind::u8;
  const F zero = zero_factor(w.layout);
  for (int r = 0; r < 16; ++r) {
    for (int half = 0; half < 2; ++half) {
      const int s = half * (kSubs - 1);
      F code = kSigned ? f_load_i8(rows[r] + 4 * half) : f_load_u8(rows[r] + 4 * half);
      if constexpr (kMode == Mode::zero && !kSigned) code = f_sub(code, zero);
      F value = f_mul(code, f_set1(scale[s][r]));
      if constexpr (kMode == Mode::minimum) value = f_add(value, f_set1(minimum[s][r]));
      f_store(tile + r * kStripColumns + 16 * half, value);
    }
  }
}

template <CodeKind kKind>
void decode_float_columns(const std::byte* panel, int column, int n_columns, float* tile) {
  alignas(64) float lanes[16];
  for (int k = 0; k < n_columns; ++k) {
    f_store(lanes, load_weights<kKind>(panel, column + k));
    for (int r = 0; r < 16; ++r) tile[r * kStripColumns + k] = lanes[r];
  }
}

/// Rows of one panel as floats: tile [16 rows][32 columns], from `column` on.
inline void decode_panel(const PackedMatrix& w, int p, int column, int n_columns, float* tile) {
  const std::byte* panel = w.panel(p);
  switch (w.layout.codes) {
    case CodeKind::f32:
      return decode_float_columns<CodeKind::f32>(panel, column, n_columns, tile);
    case CodeKind::f16:
      return decode_float_columns<CodeKind::f16>(panel, column, n_columns, tile);
    case CodeKind::bf16:
      return decode_float_columns<CodeKind::bf16>(panel, column, n_columns, tile);
    default:
      for_layout(w.layout, [&]<CodeKind kKind, ScaleKind kScales, int kSubs, Mode kMode>() {
        decode_block<kKind, kScales, kSubs, kMode>(w, panel, column / kBlock, tile);
      });
  }
}

/// Rows of the matrix in turn for all columns, so that their part of dy stays in the second-level
/// cache from one strip to the next.
void product_transposed(const PackedMatrix& w, const float* dy, std::size_t lddy, int n_tokens,
                        int begin, int end, float* dx, std::size_t lddx, Start start) {
  alignas(64) float tile[kStripDepth * kStripColumns];
  for (int row = 0; row < w.n_out; row += kStripDepth) {
    const int depth = w.n_out - row < kStripDepth ? w.n_out - row : kStripDepth;
    for (int column = begin; column < end; column += kStripColumns) {
      const int n_columns = end - column < kStripColumns ? end - column : kStripColumns;
      for (int r = 0; r < depth; r += kPanelRows) {
        decode_panel(w, (row + r) / kPanelRows, column, n_columns, tile + r * kStripColumns);
      }
      strip({.a = dy + row,
             .a_row = lddy,
             .a_depth = 1,
             .b = tile,
             .ldb = kStripColumns,
             .c = dx + column,
             .ldc = lddx,
             .depth = depth,
             .from_zero = start == Start::zero && row == 0,
             .lanes = 16},
            n_tokens, n_columns);
    }
  }
}

void transpose(const float* a, std::size_t lda, int m, int n, float* out, std::size_t ldo) {
  for (int j0 = 0; j0 < n; j0 += 16) {  // a line of each row at a time
    const int j1 = n - j0 < 16 ? n : j0 + 16;
    for (int i = 0; i < m; ++i) {
      const float* row = a + static_cast<std::size_t>(i) * lda;
      float* column = out + i;
      for (int j = j0; j < j1; ++j) column[static_cast<std::size_t>(j) * ldo] = row[j];
    }
  }
}

void rms_norm_backward(const float* x, const float* weight, const float* dy, int n, float epsilon,
                       Start start, float* dx) {
  F squares = f_zero(), dots = f_zero();
  for (int i = 0; i < n; i += 16) {
    const F v = load_up_to(x + i, n - i);
    squares = f_fma(v, v, squares);
    const F g = f_mul(load_up_to(dy + i, n - i), load_up_to(weight + i, n - i));
    dots = f_fma(g, v, dots);
  }
  const auto width = static_cast<float>(n);
  const float inverse = 1.0F / __builtin_sqrtf(f_sum(squares) / width + epsilon);
  const F factor = f_set1(inverse * inverse * (f_sum(dots) / width)), scale_by = f_set1(inverse);
  for (int i = 0; i < n; i += 16) {
    const F g = f_mul(load_up_to(dy + i, n - i), load_up_to(weight + i, n - i));
    F d = f_mul(f_nfma(load_up_to(x + i, n - i), factor, g), scale_by);
    if (start == Start::old) d = f_add(load_up_to(dx + i, n - i), d);
    store_up_to(dx + i, d, n - i);
  }
}

void rope_backward(float* dx, const float* cosines, const float* sines, int n) {
  const int half = n / 2;
  for (int i = 0; i < half; i += 16) {
    const int m = half - i < 16 ? half - i : 16;
    const F c = f_load_part(cosines + i, m), s = f_load_part(sines + i, m);
    const F a = f_load_part(dx + i, m), b = f_load_part(dx + half + i, m);
    f_store_part(dx + i, f_fma(b, s, f_mul(a, c)), m);
    f_store_part(dx + half + i, f_nfma(a, s, f_mul(b, c)), m);
  }
}

/// The gradients of sigmoid(inner) · g · u, where slope is d inner / d g.
struct GateGradient {
  F gate, up;
};
inline GateGradient gate_gradient(F g, F u, F d, F inner, F slope) {
  const F one = f_set1(1.0F);
  const F sigmoid = f_div(one, f_add(one, f_exp(f_sub(f_zero(), inner))));
  const F bend = f_mul(f_mul(f_mul(g, sigmoid), f_sub(one, sigmoid)), slope);
  return {f_mul(f_mul(d, u), f_add(sigmoid, bend)), f_mul(d, f_mul(g, sigmoid))};
}

template <class Inner>
inline void gate_backward(float* gate, float* up, const float* d, int n, Inner inner) {
  for (int i = 0; i < n; i += 16) {
    const F g = load_up_to(gate + i, n - i), u = load_up_to(up + i, n - i);
    const GateGradient out = inner(g, u, load_up_to(d + i, n - i));
    store_up_to(gate + i, out.gate, n - i);
    store_up_to(up + i, out.up, n - i);
  }
}

void silu_backward(float* gate, float* up, const float* d, int n) {
  gate_backward(gate, up, d, n,
                [](F g, F u, F dv) { return gate_gradient(g, u, dv, g, f_set1(1.0F)); });
}

void gelu_backward(float* gate, float* up, const float* d, int n) {
  gate_backward(gate, up, d, n, [](F g, F u, F dv) {
    const F square = f_mul(g, g), twice = f_set1(kGeluTwiceRootTwoOverPi);
    const F inner = f_mul(f_fma(f_mul(square, g), f_set1(kGeluCubic), g), twice);
    const F slope = f_mul(f_fma(square, f_set1(3.0F * kGeluCubic), f_set1(1.0F)), twice);
    return gate_gradient(g, u, dv, inner, slope);
  });
}

void softmax(float* scores, int first, int last, int begin, int end) {
  const F inverse = f_set1(1.0F / soften(scores, first, last, begin, end));
  for (int i = begin; i < end; i += 16) f_store(scores + i, f_mul(f_load(scores + i), inverse));
}

void softmax_backward(const float* p, float* dp, int n) {
  F dots = f_zero();
  for (int i = 0; i < n; i += 16) dots = f_fma(f_load(p + i), f_load(dp + i), dots);
  const F mean = f_set1(f_sum(dots));
  for (int i = 0; i < n; i += 16) {
    f_store(dp + i, f_mul(f_load(p + i), f_sub(f_load(dp + i), mean)));
  }
}

float maximum(const float* x, int n) {
  float best = x[0];
  int i = 0;
  if (n >= 16) {
    F lanes = f_load(x);
    for (i = 16; i + 16 <= n; i += 16) lanes = f_max(f_load(x + i), lanes);
    best = f_max_lanes(lanes);
  }
  for (; i < n; ++i) best = x[i] > best ? x[i] : best;
  return best;
}

float exponential_sum(const float* x, int n, float shift) {
  F sum = f_zero();
  const F by = f_set1(shift);
  int i = 0;
  for (; i + 16 <= n; i += 16) sum = f_add(sum, f_exp(f_sub(f_load(x + i), by)));
  if (i < n) {  // lanes beyond the end must add nothing
    alignas(64) float lanes[16] = {};
    f_store_part(lanes, f_exp(f_sub(f_load_part(x + i, n - i), by)), n - i);
    sum = f_add(sum, f_load(lanes));
  }
  return f_sum(sum);
}

void probabilities(float* x, int n, float shift, float factor) {
  const F by = f_set1(shift), times = f_set1(factor);
  transform(x, x, n, [&](F a, F) { return f_mul(f_exp(f_sub(a, by)), times); });
}

double float_peak(int effort) {
  constexpr int kChains = kTokenTile >= 8 ? 12 : 5;
  F acc[kChains];
  for (auto& chain : acc) chain = f_zero();
  const F one = f_set1(1.0F);
  const int n = 100000000 / (16 * kChains) * effort;
  for (int i = 0; i < n; ++i) {
#pragma GCC unroll 16
    for (int c = 0; c < kChains; ++c) acc[c] = f_fma(one, one, acc[c]);
  }
  F total = f_zero();
  for (const auto& chain : acc) total = f_add(total, chain);
  volatile float sink = f_sum(total);
  (void)sink;
  return 16.0 * kChains * n;
}

inline constexpr BackwardKernels kBackward = {.product = product,
                                              .product_transposed = product_transposed,
                                              .transpose = transpose,
                                              .rms_norm_backward = rms_norm_backward,
                                              .rope_backward = rope_backward,
                                              .silu_backward = silu_backward,
                                              .gelu_backward = gelu_backward,
                                              .softmax = softmax,
                                              .softmax_backward = softmax_backward,
                                              .maximum = maximum,
                                              .exponential_sum = exponential_sum,
                                              .probabilities = probabilities,
                                              .float_peak = float_peak};
