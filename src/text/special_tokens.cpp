// Cutting special tokens out of text.
#include "text/special_tokens.h"

#include <algorithm>

namespace plmm::text {

SpecialTokens::SpecialTokens(const TokenIndex& index, std::vector<TokenId> ids)
    : index_(&index), ids_(std::move(ids)) {
  std::erase_if(ids_, [&](TokenId id) { return index.text(id).empty(); });
  std::sort(ids_.begin(), ids_.end(),
            [&](TokenId a, TokenId b) { return index.text(a) < index.text(b); });
  for (const TokenId id : ids_) {
    longest_ = std::max(longest_, index.text(id).size());
    starts_token_[static_cast<unsigned char>(index.text(id)[0])] = true;
  }
}

// The longest token of at most `length_max` bytes that stands at `at`; length 0 when there is none.
// Narrows the sorted texts byte by byte to those that agree so far.
SpecialTokens::Match SpecialTokens::longest_at(std::string_view text, std::size_t at,
                                               std::size_t length_max) const {
  Match found{at, 0, -1};
  if (!starts_token_[static_cast<unsigned char>(text[at])]) return found;
  length_max = std::min({length_max, text.size() - at, longest_});
  auto begin = ids_.begin();
  auto end = ids_.end();
  for (std::size_t depth = 0; depth < length_max; ++depth) {
    // Texts that end here sort first; -1 sorts them before every byte.
    const auto byte_of = [&](TokenId id) {
      const std::string_view token = index_->text(id);
      return depth < token.size() ? static_cast<int>(static_cast<unsigned char>(token[depth])) : -1;
    };
    const int wanted = static_cast<unsigned char>(text[at + depth]);
    begin = std::partition_point(begin, end, [&](TokenId id) { return byte_of(id) < wanted; });
    end = std::partition_point(begin, end, [&](TokenId id) { return byte_of(id) == wanted; });
    if (begin == end) break;
    if (index_->text(*begin).size() == depth + 1) found = {at, depth + 1, *begin};
  }
  return found;
}

// Longest first: a match that no longer fits beside the longer ones gives way to the next shorter
// token at its place.
std::vector<SpecialTokens::Match> SpecialTokens::choose(std::string_view text) const {
  std::vector<std::vector<Match>> by_length(longest_ + 1);
  for (std::size_t at = 0; at < text.size(); ++at) {
    const Match match = longest_at(text, at, longest_);
    if (match.length > 0) by_length[match.length].push_back(match);
  }
  std::vector<Match> chosen;
  std::vector<bool> taken(text.size());
  for (std::size_t length = longest_; length > 0; --length) {
    std::vector<Match>& matches = by_length[length];
    std::sort(matches.begin(), matches.end(),
              [](const Match& a, const Match& b) { return a.begin < b.begin; });
    for (const Match& match : matches) {
      std::size_t n_free = 0;
      while (n_free < length && !taken[match.begin + n_free]) ++n_free;
      if (n_free == length) {
        chosen.push_back(match);
        std::fill_n(taken.begin() + static_cast<std::ptrdiff_t>(match.begin), length, true);
      } else if (n_free > 0) {
        const Match shorter = longest_at(text, match.begin, n_free);
        if (shorter.length > 0) by_length[shorter.length].push_back(shorter);
      }
    }
    matches = {};
  }
  std::sort(chosen.begin(), chosen.end(),
            [](const Match& a, const Match& b) { return a.begin < b.begin; });
  return chosen;
}

std::vector<Fragment> SpecialTokens::split(std::string_view text) const {
  std::vector<Fragment> fragments;
  std::size_t at = 0;
  for (const Match& match : choose(text)) {
    if (match.begin > at) fragments.push_back({-1, text.substr(at, match.begin - at)});
    fragments.push_back({match.id, text.substr(match.begin, match.length)});
    at = match.begin + match.length;
  }
  if (at < text.size()) fragments.push_back({-1, text.substr(at)});
  return fragments;
}

}  // namespace plmm::text
