// A trie over folded letters, walked from every border of words.
#include "privacy/known.h"

#include <algorithm>

#include "privacy/letters.h"
#include "privacy/spelling.h"

namespace plmm::privacy {
namespace {

constexpr std::size_t kNoNode = 0;  // the root follows no letter
constexpr unsigned kLetterBits = 21;
constexpr std::size_t kCountryCodeMax = 3;

std::uint64_t edge(std::size_t node, char32_t letter) {
  return static_cast<std::uint64_t>(node) << kLetterBits | letter;
}

// Whether the digits that begin at letters[first] follow a '+' or begin with "00"; then a phone
// number's national part may begin inside them.
std::size_t country_code_begin(std::string_view text, std::span<const Letter> letters,
                               std::size_t first) {
  const Letter& letter = letters[first];
  if (letter.begin > 0 && text[letter.begin - 1] == '+') return first;
  const bool zeros = letter.folded == '0' && first + 1 < letters.size() &&
                     letters[first + 1].folded == '0' && letters[first + 1].gap == Gap::none;
  return zeros ? first + 2 : letters.size();
}

// Whether capitals and small letters stand as in the value itself.
bool same_case(std::string_view value, std::span<const Letter> match) {
  return std::ranges::equal(read_letters(value, Escapes::keep, {}), match, {}, &Letter::capital,
                            &Letter::capital);
}

bool case_agrees(Case rule, std::string_view value, std::span<const Letter> match,
                 bool any_capital) {
  if (rule == Case::exact) return same_case(value, match);
  return rule == Case::any || !any_capital || match.front().capital;
}

// Sorts, and drops what lies within another match.
std::vector<KnownValues::Match> outermost(std::vector<KnownValues::Match> matches) {
  std::ranges::stable_sort(matches, [](const auto& a, const auto& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  std::vector<KnownValues::Match> out;
  for (const auto& match : matches) {
    if (out.empty() || match.end > out.back().end) out.push_back(match);
  }
  return out;
}

}  // namespace

std::size_t KnownValues::step(std::size_t node, char32_t letter) const {
  const auto next = edges_.find(edge(node, letter));
  return next == edges_.end() ? kNoNode : next->second;
}

std::size_t KnownValues::step_or_grow(std::size_t node, char32_t letter) {
  const auto [next, added] = edges_.try_emplace(edge(node, letter), nodes_.size());
  if (added) nodes_.emplace_back();
  return next->second;
}

std::size_t KnownValues::add(const Known& known) {
  const std::string key = std::string(label(known.kind)) + ' ' + known.text;
  const auto [number, added] = numbers_.try_emplace(key, values_.size());
  if (!added) return number->second;
  values_.push_back(known);
  for (const Spelling& spelling : spellings(known)) {
    std::size_t node = 0;
    for (const char32_t letter : spelling.letters) {
      if (letter == U' ') {
        nodes_[node].gap_may_follow = true;
      } else {
        node = step_or_grow(node, letter);
      }
    }
    std::optional<End>& end = nodes_[node].end;
    const bool stronger = end && end->part && !spelling.part;
    if (!end || stronger) {
      end = End{number->second, spelling.case_rule, spelling.part, spelling.genitive,
                spelling.behind_country_code};
    } else {
      end->case_rule = std::min(end->case_rule, spelling.case_rule);
      end->genitive = end->genitive || spelling.genitive;
      end->behind_country_code = end->behind_country_code || spelling.behind_country_code;
    }
  }
  return number->second;
}

void KnownValues::longest_at(std::span<const Letter> letters, std::size_t first, bool any_capital,
                             std::vector<Match>& matches) const {
  const bool inside_digits = letters[first].gap == Gap::none;
  const auto border_at = [&](std::size_t i) {
    return i >= letters.size() || letters[i].gap != Gap::none;
  };
  std::size_t node = 0;
  std::optional<Match> longest;
  for (std::size_t i = first; i < letters.size(); ++i) {
    if (i > first && letters[i].gap == Gap::wall) break;
    if (i > first && letters[i].gap == Gap::apart && !nodes_[node].gap_may_follow) break;
    node = step(node, letters[i].folded);
    if (node == kNoNode) break;
    const std::optional<End>& end = nodes_[node].end;
    if (!end || (inside_digits && !end->behind_country_code)) continue;
    std::size_t last = i;
    if (!border_at(i + 1)) {
      if (!end->genitive || letters[i + 1].folded != U's' || !border_at(i + 2)) continue;
      last = i + 1;
    }
    if (case_agrees(end->case_rule, values_[end->value].text,
                    letters.subspan(first, last + 1 - first), any_capital)) {
      longest = Match{letters[first].begin, letters[last].end, end->value};
    }
  }
  if (longest) matches.push_back(*longest);
}

std::vector<KnownValues::Match> KnownValues::find(std::string_view text,
                                                  std::span<const Span> walls) const {
  std::vector<Match> matches;
  for (const Escapes escapes : {Escapes::keep, Escapes::decode}) {
    if (escapes == Escapes::decode && !has_escapes(text)) break;
    const std::vector<Letter> letters = read_letters(text, escapes, walls);
    const bool any_capital = std::ranges::any_of(letters, &Letter::capital);
    std::size_t code = letters.size();  // where the digits behind a '+' or "00" begin
    for (std::size_t i = 0; i < letters.size(); ++i) {
      const bool border = letters[i].gap != Gap::none;
      if (border) code = country_code_begin(text, letters, i);
      const bool behind_code = i > code && i <= code + kCountryCodeMax;
      if (border || behind_code) longest_at(letters, i, any_capital, matches);
    }
  }
  return outermost(std::move(matches));
}

}  // namespace plmm::privacy
