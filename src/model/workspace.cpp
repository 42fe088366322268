// One allocation for all buffers of a forward pass.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "model/forward.h"
#include "model/forward_pass.h"

namespace plmm::model {
namespace {

/// Hands out 64-byte aligned pieces; a first round without memory counts what they need.
class Carver {
 public:
  explicit Carver(std::byte* memory) : memory_(memory) {}

  template <class T>
  T* take(std::size_t n) {
    T* out = memory_ == nullptr ? nullptr : reinterpret_cast<T*>(memory_ + used_);
    used_ += (n * sizeof(T) + 63) / 64 * 64;
    return out;
  }
  std::size_t used() const { return used_; }

 private:
  std::byte* memory_;
  std::size_t used_ = 0;
};

}  // namespace

Result<std::unique_ptr<Workspace>> Workspace::create(const Model& model, int n_tokens_max,
                                                     int n_context, int n_threads) {
  const ModelConfig& c = model.config();
  std::unique_ptr<Workspace> out(new Workspace());
  out->n_tokens_max_ = n_tokens_max;
  out->ld_scores_ = (n_context + kernel::kKeyBlock - 1) / kernel::kKeyBlock * kernel::kKeyBlock;
  const int widest = std::max({c.n_embd, c.q_dim(), c.n_ff});
  const auto carve = [&](std::byte* memory) {
    Carver carver(memory);
    const auto rows = [&](int width) {
      return carver.take<float>(static_cast<std::size_t>(n_tokens_max) *
                                static_cast<std::size_t>(width));
    };
    out->x_ = rows(c.n_embd);
    out->h_ = rows(c.n_embd);
    out->q_ = rows(c.q_dim());
    out->k_ = rows(c.kv_dim());
    out->v_ = rows(c.kv_dim());
    out->ff_ = rows(c.n_ff);
    out->low_rank_ = rows(3 * kLoraRankMax);  // q, k and v; untouched without an adapter
    out->angles_ = rows(c.head_dim * 2);
    const std::size_t n_segments = static_cast<std::size_t>(out->ld_scores_ / kernel::kSegment + 1);
    // Touched only where a deep int8 cache is read by several threads.
    out->attention_parts_ =
        carver.take<float>(static_cast<std::size_t>(c.n_kv_heads) * kernel::kQueryTile *
                           n_segments * static_cast<std::size_t>(kernel::part_floats(c.head_dim)));
    out->quantized_ = carver.take<std::byte>(kernel::QuantizedRows::bytes(n_tokens_max, widest));
    out->thread_quantized_.clear();
    out->thread_scratch_.clear();
    out->thread_scores_.clear();
    out->thread_up_.clear();
    for (int i = 0; i < n_threads; ++i) {
      out->thread_quantized_.push_back(
          carver.take<std::byte>(kernel::QuantizedRows::bytes(1, widest)));
      out->thread_scratch_.push_back(carver.take<std::byte>(kernel::scratch_bytes(widest)));
      out->thread_scores_.push_back(
          carver.take<float>(static_cast<std::size_t>(kernel::kQueryTile) *
                             static_cast<std::size_t>(out->ld_scores_)));
      out->thread_up_.push_back(
          carver.take<float>(static_cast<std::size_t>(n_tokens_max) * kTaskRows));
    }
    return carver.used();
  };
  const std::size_t total = carve(nullptr);
  out->memory_ = {static_cast<std::byte*>(std::aligned_alloc(64, total)), std::free};
  if (out->memory_ == nullptr) {
    return fail(ErrorCode::io,
                "no memory for the " + std::to_string(total) +
                    " bytes of a forward pass; choose a shorter context: --context 2048");
  }
  carve(out->memory_.get());
  const auto n_stages = static_cast<std::size_t>(c.n_layers * kStagesPerLayer + 1);  // 1: the head
  out->counters_ = std::vector<std::atomic<int>>(n_stages);
  // A pass of one token each is the one of the most parts; with room for it none allocates.
  const auto n_rows = static_cast<std::size_t>(n_tokens_max);
  out->parts_.reserve(n_rows);
  out->groups_.reserve(n_rows);
  out->part_of_row_.reserve(n_rows);
  out->tokens_.reserve(n_rows);
  out->logit_rows_.reserve(n_rows);
  return out;
}

}  // namespace plmm::model
