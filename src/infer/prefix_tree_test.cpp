// The tree against a list of sequences, and its budget.
#include "infer/prefix_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "base/rng.h"

namespace plmm::infer {
namespace {

using Tokens = std::vector<text::TokenId>;
constexpr std::size_t kStateBytes = 8;

/// A state that only these leading tokens have.
std::uint64_t state_of(std::span<const text::TokenId> tokens) {
  std::uint64_t out = 1;
  for (const auto token : tokens) out = (out ^ static_cast<std::uint64_t>(token)) * 0x100000001B3U;
  return out;
}

void insert(PrefixTree& tree, const Tokens& tokens, int* n_filled = nullptr) {
  tree.insert(tokens, [&](int block, std::span<std::byte> to) {
    const auto n = (static_cast<std::size_t>(block) + 1) * PrefixTree::kBlock;
    const auto state = state_of(std::span(tokens).first(n));
    std::memcpy(to.data(), &state, sizeof state);
    if (n_filled != nullptr) ++*n_filled;
  });
}

/// What the tree knows of the tokens; every state that lies wholly in it is checked.
std::size_t read(PrefixTree& tree, const Tokens& tokens, int first_block = 0) {
  std::vector<std::pair<int, std::uint64_t>> states;
  const auto n = tree.read(tokens, first_block, [&](int block, std::span<const std::byte> from) {
    std::uint64_t state = 0;
    std::memcpy(&state, from.data(), sizeof state);
    states.emplace_back(block, state);
  });
  EXPECT_EQ(tree.match(tokens), n);
  for (std::size_t i = 0; i < states.size(); ++i) {
    EXPECT_EQ(states[i].first, first_block + static_cast<int>(i));
    const auto end = (static_cast<std::size_t>(states[i].first) + 1) * PrefixTree::kBlock;
    if (end <= n) {
      EXPECT_EQ(states[i].second, state_of(std::span(tokens).first(end)));
    }
  }
  const auto n_blocks = (n + PrefixTree::kBlock - 1) / PrefixTree::kBlock;
  EXPECT_EQ(states.size(), n_blocks - std::min(n_blocks, static_cast<std::size_t>(first_block)));
  return n;
}

Tokens counted(int n, int from = 0) {
  Tokens out;
  for (int i = 0; i < n; ++i) out.push_back(from + i);
  return out;
}

TEST(PrefixTree, knows_whole_blocks_and_reads_them_token_by_token) {
  PrefixTree tree(kStateBytes, 1 << 20);
  insert(tree, counted(40));
  EXPECT_EQ(read(tree, counted(40)), 32U);
  EXPECT_EQ(read(tree, counted(20)), 20U);
  EXPECT_EQ(read(tree, counted(100), 1), 32U);
  EXPECT_EQ(read(tree, counted(40, 1)), 0U);
  EXPECT_EQ(read(tree, {}), 0U);
  auto other = counted(40);
  other[21] = 999;
  EXPECT_EQ(read(tree, other), 21U);
}

TEST(PrefixTree, keeps_what_two_sequences_share_once) {
  PrefixTree tree(kStateBytes, 1 << 20);
  auto other = counted(64);
  for (std::size_t i = 37; i < other.size(); ++i) other[i] += 1000;
  int n_filled = 0;
  insert(tree, counted(64), &n_filled);
  EXPECT_EQ(n_filled, 4);
  insert(tree, other, &n_filled);
  EXPECT_EQ(n_filled, 6) << "two of its four blocks were there";
  EXPECT_EQ(tree.bytes(), 6 * kStateBytes);
  EXPECT_EQ(read(tree, counted(64)), 64U);
  EXPECT_EQ(read(tree, other), 64U);
}

TEST(PrefixTree, lets_the_oldest_ends_go_when_the_budget_is_spent) {
  PrefixTree tree(kStateBytes, 6 * kStateBytes);
  insert(tree, counted(64));
  insert(tree, counted(32, 500));
  EXPECT_EQ(read(tree, counted(64)), 64U);  // used after the other one
  insert(tree, counted(16, 900));
  EXPECT_EQ(tree.bytes(), 6 * kStateBytes);
  EXPECT_EQ(read(tree, counted(64)), 64U);
  EXPECT_EQ(read(tree, counted(32, 500)), 16U);
  EXPECT_EQ(read(tree, counted(16, 900)), 16U);
  insert(tree, counted(1000, 5000));
  EXPECT_EQ(tree.bytes(), 6 * kStateBytes);
  EXPECT_EQ(read(tree, counted(1000, 5000)), 96U) << "as much of it as the budget holds";
}

TEST(PrefixTree, without_a_budget_keeps_nothing) {
  PrefixTree tree(kStateBytes, 0);
  insert(tree, counted(64));
  EXPECT_EQ(read(tree, counted(64)), 0U);
}

TEST(PrefixTree, agrees_with_a_list_of_all_sequences) {
  Rng rng(7);
  PrefixTree tree(kStateBytes, 1 << 20);
  std::vector<Tokens> all;
  for (int round = 0; round < 300; ++round) {
    Tokens tokens;
    if (!all.empty() && rng.below(4) > 0) {  // goes on from a part of an earlier one
      tokens = all[rng.below(all.size())];
      tokens.resize(rng.below(tokens.size() + 1));
    }
    for (auto n = rng.below(70); n > 0; --n)
      tokens.push_back(static_cast<text::TokenId>(rng.below(3)));
    std::size_t known = 0;
    for (const Tokens& one : all) {
      const auto end = one.size() / PrefixTree::kBlock * PrefixTree::kBlock;
      std::size_t n = 0;
      while (n < std::min(end, tokens.size()) && one[n] == tokens[n]) ++n;
      known = std::max(known, n);
    }
    ASSERT_EQ(read(tree, tokens), known) << "round " << round;
    insert(tree, tokens);
    all.push_back(std::move(tokens));
  }
}

}  // namespace
}  // namespace plmm::infer
