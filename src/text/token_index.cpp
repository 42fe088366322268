// Open-addressing tables of a vocabulary.
#include "text/token_index.h"

#include <algorithm>
#include <bit>
#include <functional>

namespace plmm::text {
namespace {

std::size_t table_size(std::size_t n_entries) { return std::bit_ceil(2 * n_entries + 1); }

}  // namespace

TokenIndex::TokenIndex(std::span<const std::string_view> tokens)
    : slots_(table_size(tokens.size()), -1) {
  starts_.reserve(tokens.size() + 1);
  for (const std::string_view token : tokens) {
    starts_.push_back(texts_.size());
    texts_ += token;
    longest_ = std::max(longest_, token.size());
  }
  starts_.push_back(texts_.size());
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t id = 0; id < tokens.size(); ++id) {
    std::size_t slot = std::hash<std::string_view>{}(tokens[id]) & mask;
    while (slots_[slot] >= 0 && text(slots_[slot]) != tokens[id]) slot = (slot + 1) & mask;
    if (slots_[slot] < 0) slots_[slot] = static_cast<TokenId>(id);
  }
}

std::string_view TokenIndex::text(TokenId id) const {
  const auto i = static_cast<std::size_t>(id);
  return std::string_view(texts_).substr(starts_[i], starts_[i + 1] - starts_[i]);
}

std::optional<TokenId> TokenIndex::find(std::string_view wanted) const {
  if (wanted.size() > longest_) return std::nullopt;
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = std::hash<std::string_view>{}(wanted)&mask;
  while (slots_[slot] >= 0) {
    if (text(slots_[slot]) == wanted) return slots_[slot];
    slot = (slot + 1) & mask;
  }
  return std::nullopt;
}

MergeTable::MergeTable(std::size_t n_merges_max) : slots_(table_size(n_merges_max)) {}

std::size_t MergeTable::slot_of(TokenId left, TokenId right) const {
  const auto key = static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32 |
                   static_cast<std::uint32_t>(right);
  const std::size_t mask = slots_.size() - 1;
  // Multiplication by 2^64 / golden ratio spreads the key over the high bits (Knuth, volume
  // 3, 6.4).
  std::size_t slot = static_cast<std::size_t>((key * 0x9E3779B97F4A7C15ULL) >> 32) & mask;
  while (slots_[slot].left >= 0 && (slots_[slot].left != left || slots_[slot].right != right)) {
    slot = (slot + 1) & mask;
  }
  return slot;
}

void MergeTable::add(TokenId left, TokenId right, Merge merge) {
  Slot& slot = slots_[slot_of(left, right)];
  if (slot.left < 0) slot = {left, right, merge};
}

std::optional<Merge> MergeTable::find(TokenId left, TokenId right) const {
  const Slot& slot = slots_[slot_of(left, right)];
  if (slot.left < 0) return std::nullopt;
  return slot.merge;
}

}  // namespace plmm::text
