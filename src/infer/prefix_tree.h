// Key-value states of token sequences in memory: a radix tree with a budget of bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "text/tokenizer.h"

namespace plmm::infer {

/// Sequences share what they have in common. States come in blocks of kBlock tokens; a sequence is
/// kept as far as it fills blocks, and read as far as its tokens agree, token by token. One thread.
class PrefixTree {
 public:
  static constexpr std::size_t kBlock = 16;
  using Tokens = std::span<const text::TokenId>;
  using OnBlock = std::function<void(int block, std::span<const std::byte> state)>;
  using FillBlock = std::function<void(int block, std::span<std::byte> state)>;

  /// block_bytes: of one state, at least 1. States never take more than bytes_max.
  PrefixTree(std::size_t block_bytes, std::uint64_t bytes_max);
  PrefixTree(PrefixTree&&) noexcept;
  PrefixTree& operator=(PrefixTree&&) noexcept;
  ~PrefixTree();

  /// How many leading tokens are known.
  std::size_t match(Tokens tokens) const;
  /// The same; hands over each state that has a known token in it, from first_block on, in order.
  std::size_t read(Tokens tokens, int first_block, const OnBlock& on_block);
  /// Has `fill` write the states that are not there yet. When the budget is spent, the ends of the
  /// sequences that were not used for the longest time go.
  void insert(Tokens tokens, const FillBlock& fill);

  std::uint64_t bytes() const { return n_blocks_ * block_bytes_; }

 private:
  struct Node;
  Node* add_leaf(Node& parent, Tokens tokens, int first_block, const FillBlock& fill);
  void split(Node& node, std::size_t n_blocks);
  void make_room();

  std::size_t block_bytes_;
  std::uint64_t n_blocks_max_;
  std::uint64_t n_blocks_ = 0;
  std::uint64_t now_ = 0;  // counts uses
  std::unique_ptr<Node> root_;
};

}  // namespace plmm::infer
