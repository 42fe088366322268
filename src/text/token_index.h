// Hash tables of a vocabulary: token text to id, and pair of ids to merge.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/tokenizer.h"

namespace plmm::text {

/// Owns the texts of all tokens and finds an id by its exact text. Of equal texts the lowest id is
/// found.
class TokenIndex {
 public:
  explicit TokenIndex(std::span<const std::string_view> tokens);

  std::size_t size() const { return starts_.size() - 1; }
  std::string_view text(TokenId id) const;
  std::optional<TokenId> find(std::string_view text) const;
  std::size_t longest() const { return longest_; }  // bytes

 private:
  std::string texts_;                  // all texts, end to end
  std::vector<std::uint64_t> starts_;  // of each id, and the end
  std::vector<TokenId> slots_;         // open addressing, a power of two; -1 is free
  std::size_t longest_ = 0;
};

/// What a pair of neighbours becomes.
struct Merge {
  std::uint32_t rank;  // lower ranks merge first
  TokenId id;
};

/// Finds the merge of two ids. Of equal pairs the first added counts.
class MergeTable {
 public:
  explicit MergeTable(std::size_t n_merges_max);

  void add(TokenId left, TokenId right, Merge merge);
  std::optional<Merge> find(TokenId left, TokenId right) const;

 private:
  struct Slot {
    TokenId left = -1;  // -1: free
    TokenId right = -1;
    Merge merge{};
  };
  std::size_t slot_of(TokenId left, TokenId right) const;

  std::vector<Slot> slots_;  // open addressing, a power of two and at most half full
};

}  // namespace plmm::text
