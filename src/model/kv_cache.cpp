// Allocation of the key-value cache.
#include "model/kv_cache.h"

#include <cstring>
#include <string>

#include "base/check.h"

namespace plmm::model {
namespace {

static_assert(kHeadDimMax <= kernel::kCacheDimMax, "kernels hold a head on their stack");

std::size_t blocks_of(int n_context) {
  return static_cast<std::size_t>((n_context + kernel::kKeyBlock - 1) / kernel::kKeyBlock);
}

}  // namespace

std::uint64_t KvCache::bytes(const ModelConfig& config, int n_context, kernel::CacheType type) {
  const std::size_t block = kernel::key_block_bytes(type, config.head_dim) +
                            kernel::value_block_bytes(type, config.head_dim);
  return blocks_of(n_context) * block *
         static_cast<std::size_t>(config.n_layers * config.n_kv_heads);
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
  out.n_kv_heads_ = static_cast<std::size_t>(config.n_kv_heads);
  out.n_heads_of_all_layers_ = static_cast<std::size_t>(config.n_layers) * out.n_kv_heads_;
  out.n_blocks_ = blocks_of(n_context);
  out.key_bytes_ = kernel::key_block_bytes(type, config.head_dim);
  out.value_bytes_ = kernel::value_block_bytes(type, config.head_dim);
  out.n_context_ = n_context;
  out.type_ = type;
  return out;
}

std::size_t KvCache::block_bytes() const {
  return n_heads_of_all_layers_ * (key_bytes_ + value_bytes_);
}

template <class OnPiece>
void KvCache::for_each_piece(int block, OnPiece on_piece) const {
  const auto index = static_cast<std::size_t>(block);
  std::size_t place = 0;
  for (std::size_t head = 0; head < n_heads_of_all_layers_; ++head) {
    std::byte* keys = data_.get() + head * n_blocks_ * (key_bytes_ + value_bytes_);
    on_piece(keys + index * key_bytes_, key_bytes_, place);
    place += key_bytes_;
    on_piece(keys + n_blocks_ * key_bytes_ + index * value_bytes_, value_bytes_, place);
    place += value_bytes_;
  }
}

void KvCache::copy_out(int block, std::span<std::byte> to) const {
  CHECK(to.size() == block_bytes());
  for_each_piece(block, [to](const std::byte* piece, std::size_t n, std::size_t place) {
    std::memcpy(to.data() + place, piece, n);
  });
}

void KvCache::copy_in(int block, std::span<const std::byte> from) {
  CHECK(from.size() == block_bytes());
  for_each_piece(block, [from](std::byte* piece, std::size_t n, std::size_t place) {
    std::memcpy(piece, from.data() + place, n);
  });
}

}  // namespace plmm::model
