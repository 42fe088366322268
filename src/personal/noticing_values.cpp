// A value ends where another clause begins; see noticing_values.h.
#include "personal/noticing_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

namespace plmm::personal {
namespace {

using enum WordList;
using Words = std::span<const SaidWord>;

constexpr std::size_t kThingWordsMax = 10;
constexpr std::size_t kListWordsMax = 10;  // behind a comma
constexpr std::size_t kHadWordsMax = 4;
constexpr std::size_t kIntentWordsMax = 14;
constexpr std::size_t kNameWordsMax = 3;
constexpr int kAgeMin = 5;
constexpr int kAgeMax = 119;

bool is_article(std::string_view word) { return word == "a" || word == "an" || word == "the"; }

bool is_word(Words words, std::size_t at, std::string_view text) {
  return at < words.size() && words[at].text == text && words[at].gap == Gap::none;
}

/// "soccer, tennis and chess": whether what stands behind the comma goes on the list.
bool goes_on(Words words, std::size_t at) {
  for (std::size_t i = at; i < words.size() && words[i].gap != Gap::strong; ++i) {
    if (i - at > kListWordsMax || is_in(stops, words[i].text)) return false;
    if (words[i].text == "and" || words[i].text == "or") {
      return i + 1 < words.size() && !is_in(clause_heads, words[i + 1].text);
    }
  }
  // Without "and" it is a list only where another comma follows or one word is all.
  return at + 1 == words.size();
}

/// "a lot", "a little", "a bit", "at all", "in general", "the most", behind which nothing belongs
/// to the value.
bool begins_measure(Words words, std::size_t at) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kMeasures{{
      {"a", "lot"},
      {"a", "little"},
      {"a", "bit"},
      {"at", "all"},
      {"in", "general"},
      {"the", "most"},
      {"the", "best"},
  }};
  const bool is_measure = std::ranges::any_of(kMeasures, [&](const auto& measure) {
    return words[at].text == measure.first && is_word(words, at + 1, measure.second);
  });
  return is_measure && (at + 2 == words.size() || words[at + 2].gap != Gap::none ||
                        is_in(stops, words[at + 2].text));
}

bool ends_thing(Words words, std::size_t at) {
  const SaidWord& word = words[at];
  if (word.gap == Gap::strong || word.is_quoted) return true;
  if (word.gap == Gap::comma && !goes_on(words, at)) return true;
  if (begins_measure(words, at)) return true;
  if (word.text == "lot" && is_word(words, at + 1, "of")) return false;
  if (at + 1 < words.size() && is_in(periods, words[at + 1].text) &&
      (word.text == "this" || word.text == "last" || word.text == "next" || word.text == "every" ||
       word.text == "each"))
    return true;
  if (word.text == "and" || word.text == "or")
    return at + 1 == words.size() || is_in(clause_heads, words[at + 1].text);
  return is_in(stops, word.text);
}

/// From `at` to where it ends, without the article; nothing over `max` words.
std::optional<WordRange> phrase_at(Words words, std::size_t at, std::size_t max) {
  if (at < words.size() && words[at].gap != Gap::none) return std::nullopt;
  std::size_t end = at;
  while (end < words.size() && !(end == at ? words[end].is_quoted || is_in(stops, words[end].text)
                                           : ends_thing(words, end))) {
    if (++end - at > max) return std::nullopt;
  }
  std::size_t begin = at;
  if (begin < end && is_article(words[begin].text)) ++begin;
  if (begin < end && words[end - 1].text == "either") --end;
  if (begin >= end || is_in(dangling, words[end - 1].text)) return std::nullopt;
  if (end == begin + 1 && is_in(empty, words[begin].text)) return std::nullopt;
  return WordRange{begin, end};
}

bool has_any(Words words, WordRange range, WordList list) {
  return std::ranges::any_of(words.subspan(range.begin, range.end - range.begin),
                             [&](const SaidWord& word) { return is_in(list, word.text); });
}

std::optional<WordRange> place_at(Words words, std::size_t at) {
  auto range = phrase_at(words, at, kThingWordsMax);
  if (!range) return std::nullopt;
  for (std::size_t i = range->begin; i < range->end; ++i) {
    if (is_in(place_ends, words[i].text)) range->end = i;
  }
  if (range->begin == range->end) return std::nullopt;
  const std::string& first = words[range->begin].text;
  if (is_in(unclear, first) || (first[0] >= '0' && first[0] <= '9')) return std::nullopt;
  if (is_in(no_places, first) || is_in(no_places, words[range->end - 1].text)) return std::nullopt;
  if (has_any(words, *range, no_things)) return std::nullopt;
  return range;
}

std::optional<WordRange> number_at(Words words, std::size_t at) {
  if (at >= words.size() || words[at].gap != Gap::none) return std::nullopt;
  const std::string& text = words[at].text;
  int years = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), years);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  if (years < kAgeMin || years > kAgeMax) return std::nullopt;
  const bool is_years = is_word(words, at + 1, "years") || is_word(words, at + 1, "year") ||
                        is_word(words, at + 1, "yrs") || is_word(words, at + 1, "last") ||
                        is_word(words, at + 1, "and");
  if (is_years && (is_word(words, at + 2, "in") || is_word(words, at + 2, "into")))
    return std::nullopt;
  if (!is_years && at + 1 < words.size() && words[at + 1].gap == Gap::none &&
      !is_in(stops, words[at + 1].text))
    return std::nullopt;
  return WordRange{at, at + 1};
}

std::optional<WordRange> occupation_at(Words words, std::size_t at) {
  if (at >= words.size() || !is_article(words[at].text) || words[at].text == "the")
    return std::nullopt;
  const auto range = phrase_at(words, at, kThingWordsMax);
  if (!range || has_any(words, *range, judged)) return std::nullopt;
  for (std::size_t i = range->begin; i < std::min(range->end, range->begin + 4); ++i) {
    if (!is_in(occupations, words[i].text)) continue;
    if (i + 1 < range->end && is_in(studies, words[i + 1].text)) return std::nullopt;
    return WordRange{range->begin, i + 1};
  }
  return std::nullopt;
}

/// "a nursing major", "a junior in college": to the last word of the kind, and where that is.
std::optional<WordRange> studies_at(Words words, std::size_t at) {
  const auto range = phrase_at(words, at, kIntentWordsMax);
  if (!range || is_in(unclear, words[range->begin].text) || has_any(words, *range, no_things))
    return std::nullopt;
  // "I'm a senior", "I'm in high school", but not "I'm ready for school".
  const bool is_named =
      range->begin > at || words[at - 1].text != "am" || is_in(studies, words[at].text);
  if (!is_named) return std::nullopt;
  std::size_t end = range->begin;
  for (std::size_t i = range->begin; i < range->end; ++i) {
    if (is_in(studies, words[i].text)) end = i + 1;
  }
  if (end == range->begin) return std::nullopt;
  const std::string& last = words[end - 1].text;
  const bool is_bare = end == range->begin + 1;
  if (is_bare && (last.starts_with("class") || last == "school" || last.starts_with("program") ||
                  last == "degree" || last == "university" || last == "college"))
    return std::nullopt;
  if (last == "student" && end < range->end && (words[end].text == "at" || words[end].text == "in"))
    end = range->end;
  return WordRange{range->begin, end};
}

/// What is lasting, and which slot it is of.
std::vector<Value> had_at(Words words, std::size_t at) {
  // "I have two dogs", not "I have walked the dog"; an illness has no article.
  const bool is_counted = at < words.size() && words[at].gap == Gap::none &&
                          (is_article(words[at].text) || is_in(numbers, words[at].text));
  if (is_counted && is_article(words[at].text)) ++at;
  for (std::size_t i = at; i < std::min(words.size(), at + kHadWordsMax); ++i) {
    if (words[i].gap != Gap::none || ends_thing(words, i)) return {};
    const std::string& word = words[i].text;
    if (is_in(no_things, word) || is_in(unclear, word)) return {};
    const auto slot = is_in(relations, word)    ? std::optional(Slot::people)
                      : is_in(pets, word)       ? std::optional(Slot::pets)
                      : is_in(illnesses, word)  ? std::optional(Slot::health)
                      : is_in(belongings, word) ? std::optional(Slot::possessions)
                                                : std::nullopt;
    if (!slot) continue;
    if (!is_counted && slot != Slot::health) return {};
    const std::size_t end = end_of_named(words, i + 1);
    if (end == i + 1 && !is_end(words, end)) {
      if (is_in(belongings, words[end].text) || is_in(pets, words[end].text)) continue;
      return {};
    }
    return {{{at, end}, slot}};
  }
  return {};
}

std::vector<Value> languages_at(Words words, std::size_t at) {
  std::vector<Value> out;
  for (std::size_t i = at; i < words.size() && words[i].gap != Gap::strong; ++i) {
    const std::string& word = words[i].text;
    const bool leads = word == "both" || word == "fluent" || word == "some" || word == "a" ||
                       word == "little" || word == "bit" || word == "of" || word == "and" ||
                       word == "or" || word == "is";
    if (is_in(languages, word)) {
      out.push_back({{i, i + 1}});
    } else if (!leads) {
      break;
    }
  }
  return out;
}

std::optional<WordRange> game_at(Words words, std::size_t at) {
  for (std::size_t i = at; i < std::min(words.size(), at + 3); ++i) {
    if (words[i].gap != Gap::none || is_in(stops, words[i].text)) return std::nullopt;
    if (!is_in(games, words[i].text)) continue;
    const std::size_t end = is_word(words, i + 1, "jitsu") ? i + 2 : i + 1;
    return WordRange{i, end};
  }
  return std::nullopt;
}

/// What is wanted or planned: some verbs are plans whenever, others with a time that is far enough.
std::optional<WordRange> intent_at(Words words, std::size_t at) {
  std::size_t end = at;
  while (end < words.size() && words[end].gap != Gap::strong && !words[end].is_quoted) {
    const std::string& word = words[end].text;
    const bool is_stop = is_in(stops, word) && !is_in(later, word) && word != "be" && word != "get";
    if (is_stop ||
        (word == "and" && end + 1 < words.size() && is_in(clause_heads, words[end + 1].text)))
      break;
    if (++end - at > kIntentWordsMax) return std::nullopt;
  }
  const WordRange range{at, end};
  if (end < at + 2 || has_any(words, range, no_things)) return std::nullopt;
  const bool becomes = words[at].text == "be" && is_article(words[at + 1].text);
  if (!becomes && !is_in(ambitions, words[at].text) && !has_any(words, range, later))
    return std::nullopt;
  return range;
}

std::vector<Value> one(const std::optional<WordRange>& range) {
  if (!range) return {};
  return {{*range}};
}

}  // namespace

bool is_end(Words words, std::size_t at) {
  if (at >= words.size() || words[at].gap != Gap::none) return true;
  constexpr std::string_view kAfter = " and in with from for at or of on to back there by ";
  return is_in(stops, words[at].text) || kAfter.contains(" " + words[at].text + " ");
}

std::optional<WordRange> thing_at(Words words, std::size_t at) {
  if (at >= words.size()) return std::nullopt;
  const bool is_to = words[at].text == "to";
  if (is_to && (++at >= words.size() || is_in(no_verbs, words[at].text))) return std::nullopt;
  // "The class" was spoken of before, "the smell of rain" was not.
  if (words[at].text == "the" && at + 1 < words.size() && !words[at + 1].is_capital &&
      !is_word(words, at + 2, "of"))
    return std::nullopt;
  const auto range = phrase_at(words, at, kThingWordsMax);
  if (!range || is_in(unclear, words[range->begin].text)) return std::nullopt;
  if (has_any(words, *range, no_things)) return std::nullopt;
  return range;
}

std::optional<WordRange> name_at(Words words, std::size_t at) {
  std::size_t end = at;
  while (end < words.size() && end < at + kNameWordsMax && words[end].is_capital &&
         words[end].gap == Gap::none && !is_in(stops, words[end].text) &&
         !is_in(no_names, words[end].text))
    ++end;
  if (end == at) return std::nullopt;
  return WordRange{at, end};
}

std::size_t end_of_named(Words words, std::size_t at) {
  const bool is_told = is_word(words, at, "named") || is_word(words, at, "called");
  const auto name = name_at(words, is_told ? at + 1 : at);
  return name ? name->end : at;
}

std::vector<Value> values_at(Words words, std::size_t at, Take take) {
  switch (take) {
    case Take::thing:
      return one(thing_at(words, at));
    case Take::place:
      return one(place_at(words, at));
    case Take::name:
      return one(name_at(words, at));
    case Take::number:
      return one(number_at(words, at));
    case Take::language:
      return languages_at(words, at);
    case Take::occupation:
      return one(occupation_at(words, at));
    case Take::studies:
      return one(studies_at(words, at));
    case Take::had:
      return had_at(words, at);
    case Take::activity:
      return one(game_at(words, at));
    case Take::intent:
      return one(intent_at(words, at));
    case Take::condition:
      if (at < words.size() && !is_end(words, at)) return {};
      return {{{at, at}}};
  }
  return {};
}

}  // namespace plmm::personal
