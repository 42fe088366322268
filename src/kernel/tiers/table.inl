// The tier's table of functions. Included inside a tier's namespace, after its operations.

constexpr Kernels make_table(std::string_view name) {
  return {.name = name,
          .quantize_rows = quantize_rows,
          .matmul = matmul,
          .matmul_float = matmul_float,
          .rms_norm = rms_norm,
          .layer_norm = layer_norm,
          .rope = rope,
          .add = add,
          .scale = scale,
          .silu_multiply = silu_multiply,
          .gelu_multiply = gelu_multiply,
          .gelu_exact = gelu_exact,
          .store_kv = store_kv,
          .attention = attention,
          .attend_segment = attend_segment,
          .join_segments = join_segments,
          .int8_peak = int8_peak,
          .backward = &kBackward};
}
