// Edges are whole blocks, so that splitting one moves pointers and copies no state.
#include "infer/prefix_tree.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"

namespace plmm::infer {

struct PrefixTree::Node {
  std::vector<text::TokenId> tokens;                 // a multiple of kBlock; none in the root
  std::vector<std::unique_ptr<std::byte[]>> states;  // one per block
  std::vector<std::unique_ptr<Node>> children;       // no two begin with the same block
  std::uint64_t used = 0;                            // not less than any child's
};

namespace {

std::size_t n_common(PrefixTree::Tokens a, PrefixTree::Tokens b) {
  const auto [end, ignored] = std::ranges::mismatch(a, b);
  return static_cast<std::size_t>(end - a.begin());
}

/// The child that has most in common with the tokens; null where none has anything.
template <class Node>
std::pair<Node*, std::size_t> nearest_child(const Node& node, PrefixTree::Tokens tokens) {
  std::pair<Node*, std::size_t> out{nullptr, 0};
  for (const auto& child : node.children) {
    const std::size_t n = n_common(child->tokens, tokens);
    if (n > out.second) out = {child.get(), n};
  }
  return out;
}

}  // namespace

PrefixTree::PrefixTree(std::size_t block_bytes, std::uint64_t bytes_max)
    : block_bytes_(block_bytes),
      n_blocks_max_(bytes_max / block_bytes),
      root_(std::make_unique<Node>()) {}
PrefixTree::PrefixTree(PrefixTree&&) noexcept = default;
PrefixTree& PrefixTree::operator=(PrefixTree&&) noexcept = default;
PrefixTree::~PrefixTree() = default;

std::size_t PrefixTree::match(Tokens tokens) const {
  std::size_t at = 0;
  for (const Node* node = root_.get(); node != nullptr;) {
    const auto [child, n] = nearest_child(*node, tokens.subspan(at));
    at += n;
    node = child != nullptr && n == child->tokens.size() ? child : nullptr;
  }
  return at;
}

std::size_t PrefixTree::read(Tokens tokens, int first_block, const OnBlock& on_block) {
  ++now_;
  std::size_t at = 0;
  for (Node* node = root_.get(); node != nullptr;) {
    const auto [child, n] = nearest_child(*node, tokens.subspan(at));
    if (child == nullptr) break;
    child->used = now_;
    for (std::size_t i = 0; i * kBlock < n; ++i) {
      const int block = static_cast<int>(at / kBlock + i);
      if (block >= first_block) on_block(block, {child->states[i].get(), block_bytes_});
    }
    at += n;
    node = n == child->tokens.size() ? child : nullptr;
  }
  return at;
}

PrefixTree::Node* PrefixTree::add_leaf(Node& parent, Tokens tokens, int first_block,
                                       const FillBlock& fill) {
  auto leaf = std::make_unique<Node>();
  leaf->tokens.assign(tokens.begin(), tokens.end());
  for (std::size_t i = 0; i < tokens.size() / kBlock; ++i) {
    leaf->states.push_back(std::make_unique_for_overwrite<std::byte[]>(block_bytes_));
    fill(first_block + static_cast<int>(i), {leaf->states.back().get(), block_bytes_});
  }
  n_blocks_ += leaf->states.size();
  parent.children.push_back(std::move(leaf));
  return parent.children.back().get();
}

/// The node keeps its first n_blocks; the others go to a new child, which gets its children.
void PrefixTree::split(Node& node, std::size_t n_blocks) {
  auto rest = std::make_unique<Node>();
  rest->used = node.used;
  rest->children = std::move(node.children);
  const auto token = node.tokens.begin() + static_cast<std::ptrdiff_t>(n_blocks * kBlock);
  rest->tokens.assign(token, node.tokens.end());
  node.tokens.erase(token, node.tokens.end());
  const auto state = node.states.begin() + static_cast<std::ptrdiff_t>(n_blocks);
  std::move(state, node.states.end(), std::back_inserter(rest->states));
  node.states.erase(state, node.states.end());
  node.children.clear();
  node.children.push_back(std::move(rest));
}

void PrefixTree::insert(Tokens tokens, const FillBlock& fill) {
  ++now_;
  const std::size_t n_blocks =
      std::min(tokens.size() / kBlock, static_cast<std::size_t>(n_blocks_max_));
  tokens = tokens.first(n_blocks * kBlock);
  Node* node = root_.get();
  for (std::size_t at = 0; at < tokens.size();) {
    auto [child, n] = nearest_child(*node, tokens.subspan(at));
    if (n < kBlock) {
      child = add_leaf(*node, tokens.subspan(at), static_cast<int>(at / kBlock), fill);
      n = child->tokens.size();
    }
    if (n / kBlock < child->states.size()) split(*child, n / kBlock);
    child->used = now_;
    at += n / kBlock * kBlock;
    node = child;
  }
  make_room();
}

void PrefixTree::make_room() {
  while (n_blocks_ > n_blocks_max_) {
    Node* parent = nullptr;  // of the leaf that was not used for the longest time
    std::size_t oldest = 0;
    for (std::vector<Node*> open{root_.get()}; !open.empty();) {
      Node* const node = open.back();
      open.pop_back();
      for (std::size_t i = 0; i < node->children.size(); ++i) {
        Node* const child = node->children[i].get();
        if (!child->children.empty()) {
          open.push_back(child);
        } else if (parent == nullptr || child->used < parent->children[oldest]->used) {
          parent = node;
          oldest = i;
        }
      }
    }
    Node& leaf = *parent->children[oldest];
    const std::size_t n =
        std::min(leaf.states.size(), static_cast<std::size_t>(n_blocks_ - n_blocks_max_));
    leaf.states.resize(leaf.states.size() - n);
    leaf.tokens.resize(leaf.states.size() * kBlock);
    n_blocks_ -= n;
    if (leaf.states.empty())
      parent->children.erase(parent->children.begin() + static_cast<std::ptrdiff_t>(oldest));
  }
}

}  // namespace plmm::infer
