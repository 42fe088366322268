// One allocation for all buffers of a sequence.
#include "train/buffers.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>

#include "kernel/dispatch.h"

namespace plmm::train {
namespace {

/// Hands out 64-byte aligned pieces; a first round without memory counts what they need.
class Carver {
 public:
  Carver(std::byte* memory, int n_tokens) : memory_(memory), n_tokens_(n_tokens) {}

  template <class T>
  T* take(std::size_t n) {
    T* out = memory_ == nullptr ? nullptr : reinterpret_cast<T*>(memory_ + used_);
    used_ += (n * sizeof(T) + 63) / 64 * 64;
    return out;
  }
  Rows rows(int width) {
    const std::size_t ld = row_distance(width);
    return {take<float>(static_cast<std::size_t>(n_tokens_) * ld), ld};
  }
  std::size_t used() const { return used_; }

 private:
  std::byte* memory_;
  int n_tokens_;
  std::size_t used_ = 0;
};

std::size_t u(int n) { return static_cast<std::size_t>(n); }

void carve_rows(const model::ModelConfig& c, Carver& carver, Buffers& out) {
  out.inputs.clear();
  for (int i = 0; i <= c.n_layers; ++i) out.inputs.push_back(carver.rows(c.n_embd));
  for (Rows* rows : {&out.attention_normed, &out.ff_normed, &out.middle, &out.d_x, &out.d_normed})
    *rows = carver.rows(c.n_embd);
  if (c.post_norms) {
    for (Rows* rows : {&out.attention_out, &out.ff_out, &out.d_block})
      *rows = carver.rows(c.n_embd);
  }
  for (Rows* rows : {&out.q, &out.o, &out.d_q, &out.d_o}) *rows = carver.rows(c.q_dim());
  for (Rows* rows : {&out.k, &out.v, &out.d_k, &out.d_v}) *rows = carver.rows(c.kv_dim());
  if (c.qk_norm) {
    out.q_raw = carver.rows(c.q_dim());
    out.k_raw = carver.rows(c.kv_dim());
  }
  for (Rows* rows : {&out.gate, &out.up, &out.ff, &out.d_ff}) *rows = carver.rows(c.n_ff);
}

void carve_all(const model::Model& model, const Parameters& parameters, int n_tokens, int n_threads,
               Carver& carver, Buffers& out) {
  const model::ModelConfig& c = model.config();
  const int widest = std::max({c.n_embd, c.q_dim(), c.n_ff});
  const std::size_t low = u(n_tokens) * u(parameters.rank_max());
  carve_rows(c, carver, out);
  for (float*& piece : out.low) piece = carver.take<float>(low);
  for (float*& piece : out.d_low) piece = carver.take<float>(low);
  for (float*& piece : out.turned) piece = carver.take<float>(u(widest) * u(parameters.rank_max()));
  out.quantized = carver.take<std::byte>(kernel::QuantizedRows::bytes(n_tokens, widest));
  out.angles = carver.take<float>(u(n_tokens) * u(c.head_dim) * 2);
  out.n_positions = (n_tokens + kernel::kKeyBlock - 1) / kernel::kKeyBlock * kernel::kKeyBlock;
  const std::size_t of_head = u(out.n_positions) * u(c.head_dim);
  out.cache_head_bytes = of_head * (model.exact() ? 4 : 2);
  out.keys = carver.take<std::byte>(u(c.n_kv_heads) * out.cache_head_bytes);
  out.values = carver.take<std::byte>(u(c.n_kv_heads) * out.cache_head_bytes);
  out.keys_turned = carver.take<float>(u(c.n_kv_heads) * of_head);
  out.values_turned = carver.take<float>(u(c.n_kv_heads) * of_head);
  out.d_keys = carver.take<float>(u(c.n_heads) * of_head);
  out.d_values = carver.take<float>(u(c.n_heads) * of_head);
  out.logits = carver.take<float>(u(n_tokens) * kHeadRowsApart);
  const auto n_chunks = u((c.n_vocabulary + kHeadRowsOfThread - 1) / kHeadRowsOfThread);
  out.chunk_maximum = carver.take<float>(n_chunks * u(n_tokens));
  out.chunk_sum = carver.take<float>(n_chunks * u(n_tokens));
  out.scratch.clear();
  out.scores.clear();
  out.d_scores.clear();
  out.thread_logits.clear();
  const std::size_t tile = u(std::max(kBackwardTile, kernel::kQueryTile)) * u(out.n_positions);
  for (int i = 0; i < n_threads; ++i) {
    out.scratch.push_back(carver.take<std::byte>(kernel::scratch_bytes(widest)));
    out.scores.push_back(carver.take<float>(tile));
    out.d_scores.push_back(carver.take<float>(tile));
    out.thread_logits.push_back(carver.take<float>(u(n_tokens) * kHeadRowsOfThread));
  }
}

}  // namespace

Result<std::unique_ptr<Buffers>> Buffers::create(const model::Model& model,
                                                 const Parameters& parameters, int n_tokens_max,
                                                 int n_threads) {
  auto out = std::make_unique<Buffers>();
  Carver counting(nullptr, n_tokens_max);
  carve_all(model, parameters, n_tokens_max, n_threads, counting, *out);
  out->bytes = counting.used();
  out->memory = {static_cast<std::byte*>(std::aligned_alloc(64, out->bytes)), std::free};
  if (out->memory == nullptr) {
    return fail(ErrorCode::io, "no memory for the " + std::to_string(out->bytes) +
                                   " bytes of training; choose shorter sequences");
  }
  Carver carver(out->memory.get(), n_tokens_max);
  carve_all(model, parameters, n_tokens_max, n_threads, carver, *out);
  return out;
}

}  // namespace plmm::train
