// The tiny models on which the same bits are asked of every tier, cut and company.
#pragma once

#include <ostream>
#include <vector>

#include "model/tiny_model.h"

namespace plmm::model {

/// Options of a tiny model, and the name of what it is a case of.
struct TinyCase {
  const char* name;
  TinyOptions options;
};
inline void PrintTo(const TinyCase& instance, std::ostream* out) { *out << instance.name; }

/// Each architecture, and the types of weights that differ in how they are computed.
inline std::vector<TinyCase> tiny_cases() {
  using tensor::DType;
  return {
      {"llama",
       {.types = {DType::q4_0, DType::q4_1, DType::q5_0, DType::q5_1, DType::q8_0},
        .head = Head::untied}},
      {"k_quants",
       {.types = {DType::q2_k, DType::q3_k, DType::q4_k, DType::q5_k, DType::q6_k},
        .n_embd = 256,
        .head_dim = 64,
        .n_ff = 512}},
      {"qwen2",
       {.architecture = "qwen2",
        .types = {DType::f16, DType::bf16, DType::f32},
        .n_embd = 96,
        .n_heads = 6,
        .n_ff = 160}},
      {"float_beside_quantised", {.types = {DType::q8_0, DType::f16}}},
      {"qwen3",
       {.architecture = "qwen3",
        .types = {DType::q8_0, DType::q5_1},
        .n_kv_heads = 1,
        .head_dim = 32}},
      {"gemma3",
       {.architecture = "gemma3",
        .types = {DType::q5_0, DType::q8_0},
        .n_embd = 96,
        .n_kv_heads = 1,
        .head_dim = 32,
        .n_layers = 7}},
  };
}

}  // namespace plmm::model
