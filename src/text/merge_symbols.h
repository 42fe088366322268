// The loop that BPE and SentencePiece share: join the best pair of neighbours until none is left.
#pragma once

#include <cstdint>
#include <optional>
#include <queue>
#include <string_view>
#include <vector>

#include "text/token_index.h"

namespace plmm::text {

/// A piece of the word; a joined piece keeps the place of its left half, its right half gets length
/// 0.
struct Symbol {
  TokenId id;           // -1: no token
  std::uint32_t begin;  // bytes in the word
  std::uint32_t length;
  std::int32_t previous;  // -1: none
  std::int32_t next;
};

/// Makes a chain of the symbols' places in the vector.
inline void link_symbols(std::vector<Symbol>& symbols) {
  const auto n = static_cast<std::int32_t>(symbols.size());
  for (std::int32_t i = 0; i < n; ++i) {
    symbols[static_cast<std::size_t>(i)].previous = i - 1;
    symbols[static_cast<std::size_t>(i)].next = i + 1 < n ? i + 1 : -1;
  }
}

/// Joins neighbours by rising rank, of equal ranks the leftmost first. pair(left, right) gives the
/// merge of two symbols or nothing. O(n log n): each join makes two candidates at most, and
/// outdated ones are dropped when they come up.
template <class Pair>
void merge_symbols(std::vector<Symbol>& symbols, Pair pair) {
  struct Candidate {
    std::uint64_t key;  // rank << 32 | left
    std::int32_t right;
    std::uint32_t length;  // of both: another length now means that one of them has changed
    TokenId id;
    bool operator>(const Candidate& other) const { return key > other.key; }
  };
  std::vector<Candidate> storage;
  storage.reserve(symbols.size());
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue(std::greater<>{},
                                                                               std::move(storage));
  const auto at = [&symbols](std::int32_t i) -> Symbol& {
    return symbols[static_cast<std::size_t>(i)];
  };
  const auto consider = [&](std::int32_t left, std::int32_t right) {
    if (left < 0 || right < 0) return;
    const std::optional<Merge> merge = pair(at(left), at(right));
    if (!merge) return;
    queue.push({std::uint64_t{merge->rank} << 32 | static_cast<std::uint32_t>(left), right,
                at(left).length + at(right).length, merge->id});
  };

  for (std::int32_t i = 1; i < static_cast<std::int32_t>(symbols.size()); ++i) consider(i - 1, i);
  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    const auto left_place = static_cast<std::int32_t>(best.key & 0xFFFFFFFF);
    Symbol& left = at(left_place);
    Symbol& right = at(best.right);
    if (left.length == 0 || right.length == 0 || left.length + right.length != best.length)
      continue;
    left.id = best.id;
    left.length = best.length;
    left.next = right.next;
    right.length = 0;
    if (right.next >= 0) at(right.next).previous = left_place;
    consider(left.previous, left_place);
    consider(left_place, left.next);
  }
}

}  // namespace plmm::text
