// Allocation of the key-value cache.
#include "model/kv_cache.h"

#include <cstring>
#include <string>

#include "base/check.h"

namespace plmm::model {
namespace {

int round_up_to_block(int n) {
  return (n + kernel::kKeyBlock - 1) / kernel::kKeyBlock * kernel::kKeyBlock;
}

std::size_t head_bytes(const ModelConfig& config, int n_context, kernel::CacheType type) {
  const std::size_t width = type == kernel::CacheType::f32 ? 4 : 2;
  return static_cast<std::size_t>(round_up_to_block(n_context)) *
         static_cast<std::size_t>(config.head_dim) * width;
}

}  // namespace

std::uint64_t KvCache::bytes(const ModelConfig& config, int n_context, kernel::CacheType type) {
  return head_bytes(config, n_context, type) *
         static_cast<std::size_t>(config.n_layers * config.n_kv_heads) * 2;
}

Result<KvCache> KvCache::create(const ModelConfig& config, int n_context, kernel::CacheType type) {
  KvCache out;
  const std::uint64_t total = bytes(config, n_context, type);
  out.data_.reset(static_cast<std::byte*>(std::aligned_alloc(64, (total + 63) / 64 * 64)));
  if (out.data_ == nullptr) {
    return fail(ErrorCode::io, "no memory for the " + std::to_string(total) +
                                   " bytes of a context of " + std::to_string(n_context) +
                                   " tokens; choose a shorter one: --context 2048");
  }
  out.head_bytes_ = head_bytes(config, n_context, type);
  out.n_kv_heads_ = static_cast<std::size_t>(config.n_kv_heads);
  out.n_pieces_ = static_cast<std::size_t>(config.n_layers) * out.n_kv_heads_ * 2;
  out.piece_bytes_ = head_bytes(config, kernel::kKeyBlock, type);
  out.n_context_ = n_context;
  out.type_ = type;
  return out;
}

std::size_t KvCache::block_bytes() const { return n_pieces_ * piece_bytes_; }

void KvCache::copy_out(int block, std::span<std::byte> to) const {
  CHECK(to.size() == block_bytes());
  const std::size_t offset = static_cast<std::size_t>(block) * piece_bytes_;
  for (std::size_t i = 0; i < n_pieces_; ++i) {
    std::memcpy(to.data() + i * piece_bytes_, data_.get() + i * head_bytes_ + offset, piece_bytes_);
  }
}

void KvCache::copy_in(int block, std::span<const std::byte> from) {
  CHECK(from.size() == block_bytes());
  const std::size_t offset = static_cast<std::size_t>(block) * piece_bytes_;
  for (std::size_t i = 0; i < n_pieces_; ++i) {
    std::memcpy(data_.get() + i * head_bytes_ + offset, from.data() + i * piece_bytes_,
                piece_bytes_);
  }
}

}  // namespace plmm::model
