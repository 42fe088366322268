// Finds the tokens that are cut out of the text before anything else: control and user-defined
// ones.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "text/token_index.h"

namespace plmm::text {

/// A stretch of the text: one token, or text between tokens.
struct Fragment {
  TokenId id;  // -1: text
  std::string_view text;
};

/// A set of tokens to cut out. The longest goes first wherever it stands; of equally long ones the
/// leftmost.
class SpecialTokens {
 public:
  /// `index` outlives this object; tokens without text are left out.
  SpecialTokens(const TokenIndex& index, std::vector<TokenId> ids);

  /// The stretches of `text` in order, without gaps. O(n · longest special token).
  std::vector<Fragment> split(std::string_view text) const;

 private:
  struct Match {
    std::size_t begin;
    std::size_t length;
    TokenId id;
  };
  Match longest_at(std::string_view text, std::size_t at, std::size_t length_max) const;
  std::vector<Match> choose(std::string_view text) const;

  const TokenIndex* index_;
  std::vector<TokenId> ids_;  // by text
  std::size_t longest_ = 0;
  std::array<bool, 256> starts_token_{};  // by first byte
};

}  // namespace plmm::text
