// Keys and values of one sequence, for every layer and position so far.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>

#include "base/result.h"
#include "kernel/dispatch.h"
#include "model/config.h"

namespace plmm::model {

/// Sliding-window layers keep all positions too, so that any prefix can be used again. Pages are
/// touched as positions are written; nothing is initialised.
class KvCache {
 public:
  /// io, with the bytes asked for, when they cannot be had.
  static Result<KvCache> create(const ModelConfig& config, int n_context, kernel::CacheType type);

  int n_context() const { return n_context_; }
  kernel::CacheType type() const { return type_; }
  static std::uint64_t bytes(const ModelConfig& config, int n_context, kernel::CacheType type);

  /// K and V of one layer's key-value head, as kernel/cache_layout.h says: [n_context / 16] blocks.
  void* keys(int layer, int head) { return at(layer, head); }
  void* values(int layer, int head) { return at(layer, head) + n_blocks_ * key_bytes_; }

  /// Bytes of a block: kKeyBlock positions of all layers and heads. What is in it depends only on
  /// the tokens up to its end, not on n_context.
  std::size_t block_bytes() const;
  /// A block as bytes: of each layer and head K, then V, as above. `to` and `from` [block_bytes()].
  /// Needs: all positions of a block that is copied out were written. What is copied in may be
  /// partly of other tokens: positions that are written anew are as if nothing had been there.
  void copy_out(int block, std::span<std::byte> to) const;
  void copy_in(int block, std::span<const std::byte> from);

 private:
  std::byte* at(int layer, int head) const {
    const auto index =
        static_cast<std::size_t>(layer) * n_kv_heads_ + static_cast<std::size_t>(head);
    return data_.get() + index * n_blocks_ * (key_bytes_ + value_bytes_);
  }
  /// on_piece(K or V of one head in the block, its bytes, its place among all of the block).
  template <class OnPiece>
  void for_each_piece(int block, OnPiece on_piece) const;

  std::unique_ptr<std::byte, void (*)(void*)> data_{nullptr, std::free};
  std::size_t n_kv_heads_ = 0;
  std::size_t n_heads_of_all_layers_ = 0;
  std::size_t n_blocks_ = 0;
  std::size_t key_bytes_ = 0;    // of one head in a block
  std::size_t value_bytes_ = 0;  // the same
  int n_context_ = 0;
  kernel::CacheType type_ = kernel::CacheType::f16;
};

}  // namespace plmm::model
