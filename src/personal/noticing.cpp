// Sentences are sorted out first, then each "I", "we" and "my" in them is tried; see noticing.h.
#include "personal/noticing.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>

#include "personal/local_signs.h"
#include "personal/noticing_values.h"
#include "personal/noticing_words.h"
#include "personal/said_words.h"

namespace plmm::personal {
namespace {

using enum WordList;
using Words = std::span<const SaidWord>;

constexpr std::size_t kFavouriteWordsMax = 4;  // "favorite kind of ice cream"
constexpr std::size_t kQuoteBytesMax = 300;    // a longer statement is a text

bool is_favourite(std::string_view word) {
  return word == "favorite" || word == "favourite" || word == "fave" || word == "favorites" ||
         word == "favourites";
}

/// Behind a subject: where a pattern's words end, with the adverbs and negations among them.
struct Match {
  std::size_t end = 0;
  std::optional<std::size_t> value_begin;  // of a pattern with "|"
  bool is_negated = false;
  bool is_no_longer = false;
  std::size_t n_words = 0;
};

/// One sentence that may be a statement.
class SentenceReader {
 public:
  SentenceReader(Words words, bool is_greeted, std::vector<Noticed>& out)
      : words_(words), is_greeted_(is_greeted), out_(out) {}

  void read() {
    bool is_reported = false;
    for (const SaidWord& word : words_) is_reported = is_reported || is_in(reports, word.text);
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const SaidWord& word = words_[i];
      if (is_in(reports, word.text)) return;
      if (word.is_quoted) continue;
      if (word.text == "my") somebody(i);
      if (is_reported) continue;
      if (word.text == "i" || word.text == "we") subject(i);
      if (word.text == "my") owned(i);
      if (is_favourite(word.text)) favourite(i);
      if (word.text == "me" && is(i - 1, "call")) called(i);
    }
  }

 private:
  bool is(std::size_t at, std::string_view text) const {
    return at < words_.size() && words_[at].text == text;
  }
  /// "is", "are" …, after adverbs; where what it says begins.
  std::optional<std::size_t> behind_is(std::size_t at) const {
    constexpr std::array<std::string_view, 5> kForms{"is", "are", "include", "includes", "was"};
    if (at >= words_.size() || words_[at].gap != Gap::none) return std::nullopt;
    if (is(at, "would") || is(at, "has") || is(at, "have")) {
      while (is(at, "would") || is(at, "have") || is(at, "has") || is(at, "to")) ++at;
      if (!is(at, "be")) return std::nullopt;
    } else if (std::ranges::find(kForms, words_[at].text) == kForms.end()) {
      return std::nullopt;
    }
    ++at;
    while (at < words_.size() &&
           (is_in(adverbs, words_[at].text) || is(at, "probably") || is(at, "of")))
      ++at;
    return at;
  }
  /// Whether a statement begins with the word: nothing stands before it that could turn it round.
  bool begins_statement(std::size_t at) const {
    if (at == 0 || words_[at].gap != Gap::none) return true;
    const std::string& before = words_[at - 1].text;
    if (before == "say") return at >= 2 && (is(at - 2, "would") || is(at - 2, "to"));
    return is_in(connectors, before) || before.starts_with("haha") || before.starts_with("hehe");
  }
  bool is_negated_before(std::size_t at) const {
    for (std::size_t i = at >= 3 ? at - 3 : 0; i < at; ++i) {
      if (is(i, "not") || is(i, "no") || is(i, "never") || is(i, "without")) return true;
    }
    return false;
  }

  void add(Slot slot, std::size_t quote_begin, WordRange value, bool ended = false) {
    const Span of{words_[value.begin].begin, words_[value.end - 1].end};
    const Span quote{std::min(words_[quote_begin].begin, of.begin), of.end};
    if (quote.end - quote.begin > kQuoteBytesMax) return;
    const bool known = std::ranges::any_of(out_, [&](const Noticed& one) {
      return one.slot == slot && one.value.begin < of.end && of.begin < one.value.end;
    });
    if (!known) out_.push_back({slot, of, quote, ended});
  }

  std::optional<Match> match(const Pattern& pattern, std::size_t at) const {
    Match out;
    const std::size_t begin = at;
    std::string_view rest = pattern.words;
    while (!rest.empty()) {
      const bool marks = rest.starts_with('|');
      if (marks) rest.remove_prefix(1);
      const auto wanted = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(rest.size(), wanted.size() + 1));
      for (;; ++at) {
        if (at >= words_.size() || words_[at].gap != Gap::none || words_[at].is_quoted)
          return std::nullopt;
        const std::string& word = words_[at].text;
        if (word == wanted) break;
        if (word == "not" || word == "never") {
          out.is_negated = true;
        } else if (word == "no" && is(at + 1, "longer")) {
          out.is_no_longer = true;
          ++at;
        } else if (!is_in(adverbs, word)) {
          return std::nullopt;
        }
      }
      if (marks) out.value_begin = pattern.is_negated ? begin : at;
      ++at;
      ++out.n_words;
    }
    out.end = at;
    return out;
  }

  /// What "I …" or "we …" tells: by the longest pattern that has a value.
  void subject(std::size_t at) {
    if (!begins_statement(at)) return;
    if (introduces(at)) return;
    const auto all = patterns();
    std::vector<std::pair<Match, const Pattern*>> fitting;
    for (const Pattern& pattern : all) {
      if (const auto found = match(pattern, at + 1)) fitting.emplace_back(*found, &pattern);
    }
    std::ranges::stable_sort(fitting, std::greater(),
                             [](const auto& one) { return one.first.n_words; });
    for (const auto& [found, pattern] : fitting) {
      if (tell(at, found, *pattern)) return;
    }
  }

  bool tell(std::size_t subject, const Match& found, const Pattern& pattern) {
    bool any = false;
    for (const Value& value : values_at(words_, found.end, pattern.take)) {
      WordRange range = value.words;
      if (found.value_begin) range.begin = *found.value_begin;
      if (range.begin >= range.end) continue;
      const bool no_more = found.is_no_longer || (found.is_negated && is_over(range.end));
      if (found.is_negated != pattern.is_negated && !no_more) continue;
      const bool ended = no_more && !pattern.is_negated;
      add(value.slot.value_or(pattern.slot), subject, range, ended);
      any = true;
    }
    return any;
  }
  /// "… anymore", "… any more", "… any longer".
  bool is_over(std::size_t at) const {
    return is(at, "anymore") || (is(at, "any") && (is(at + 1, "more") || is(at + 1, "longer")));
  }

  /// "Hi, I'm Mira."
  bool introduces(std::size_t at) {
    const bool greets = is_greeted_ || (at > 0 && is_in(greetings, words_[0].text));
    if (!greets || at > 3 || !is(at, "i") || !is(at + 1, "am")) return false;
    const auto name = name_at(words_, at + 2);
    if (!name ||
        !(name->end == words_.size() || words_[name->end].gap != Gap::none || is(name->end, "and")))
      return false;
    add(Slot::name, at, *name);
    return true;
  }

  /// "Call me Mira."
  void called(std::size_t at) {
    const auto name = name_at(words_, at + 1);
    if (!name || is_negated_before(at)) return;
    if (is_end(words_, name->end)) add(Slot::name, at - 1, *name);
  }

  /// What "my …" tells.
  void owned(std::size_t at) {
    if (is_negated_before(at)) return;
    if (is(at + 1, "native") || is(at + 1, "mother") || is(at + 1, "first")) tongue(at);
    if (begins_statement(at)) described(at);
  }

  void tongue(std::size_t at) {
    if (!is(at + 2, "language") && !is(at + 2, "tongue")) return;
    const auto told = behind_is(at + 3);
    if (!told) return;
    for (const Value& value : values_at(words_, *told, Take::language))
      add(Slot::languages, at, value.words);
  }

  void described(std::size_t at) {
    const bool is_home_town = is(at + 1, "home") && is(at + 2, "town");
    const auto told = behind_is(at + (is_home_town ? 3 : 2));
    if (!told) return;
    if (is(at + 1, "name") || is(at + 1, "nickname")) {
      const auto name = name_at(words_, *told);
      if (name) return add(Slot::name, at, *name);
      // In a line without capitals a word alone.
      const bool is_word = *told < words_.size() && words_[*told].gap == Gap::none &&
                           !is_in(no_names, words_[*told].text) &&
                           !is_in(stops, words_[*told].text) &&
                           !is_in(no_things, words_[*told].text) &&
                           (*told + 1 == words_.size() || words_[*told + 1].gap != Gap::none ||
                            is(*told + 1, "and"));
      if (is_word) add(Slot::name, at, {*told, *told + 1});
    } else if (is(at + 1, "major") || is(at + 1, "minor")) {
      if (const auto value = thing_at(words_, *told)) add(Slot::education, at, *value);
    } else if (is(at + 1, "job") || is(at + 1, "profession") || is(at + 1, "occupation")) {
      for (const Value& value : values_at(words_, *told, Take::occupation))
        add(Slot::work, at, value.words);
    } else if (is(at + 1, "hometown") || is_home_town) {
      for (const Value& value : values_at(words_, *told, Take::place))
        add(Slot::origin, at, value.words);
    } else if (is(at + 1, "hobby") || is(at + 1, "hobbies")) {
      if (const auto value = thing_at(words_, *told)) add(Slot::hobbies, at, *value);
    }
  }

  /// "My older sister Anna", "my dog".
  void somebody(std::size_t at) {
    if (is_negated_before(at)) return;
    std::size_t who = at + 1;
    while (who < words_.size() && is_in(fond, words_[who].text)) ++who;
    const std::size_t begin = who;
    while (who < words_.size() && is_in(kinship, words_[who].text)) ++who;
    if (who >= words_.size() || words_[who].gap != Gap::none || who > at + 3) return;
    std::string word = words_[who].text;
    const bool is_owner = word.ends_with("'s");  // "my sister's name is Anna"
    if (is_owner) word.resize(word.size() - 2);
    const bool is_relation = is_in(relations, word);
    const bool is_pet = is_in(pets, word);
    if (!is_relation && !is_pet && !is_in(parents, word)) return;
    const Slot slot = is_pet ? Slot::pets : Slot::people;
    if (is_owner && is(who + 1, "name") && is(who + 2, "is")) {
      if (const auto name = name_at(words_, who + 3)) return add(slot, at, {begin, name->end});
    }
    if (is_owner) return;
    std::size_t end = end_of_named(words_, who + 1);
    if (end == who + 1 && is(who + 1, "is") && (is(who + 2, "named") || is(who + 2, "called"))) {
      const std::size_t named = end_of_named(words_, who + 2);
      if (named > who + 2) end = named;
    }
    if (end == who + 1) end = end_of_apposition(who + 1);
    if (end == who + 1 && !is_relation && !is_pet) return;
    if (is_pet && end == who + 1 && (is(end, "food") || is(end, "person") || is(end, "lover")))
      return;
    add(slot, at, {begin, end});
  }
  /// "my sister, Anna, …"; `at` where it is none.
  std::size_t end_of_apposition(std::size_t at) const {
    if (at >= words_.size() || words_[at].gap != Gap::comma || !words_[at].is_capital) return at;
    if (is_in(stops, words_[at].text) || is_in(no_names, words_[at].text)) return at;
    const bool closes = at + 1 == words_.size() || words_[at + 1].gap == Gap::comma;
    return closes ? at + 1 : at;
  }

  /// "My favorite color is blue", "blue is my favorite color".
  void favourite(std::size_t at) {
    const bool is_mine = at > 0 && is(at - 1, "my");
    if (!is_mine && at > 0) return;
    std::size_t kind_end = at + 1;
    while (kind_end < words_.size() && kind_end <= at + kFavouriteWordsMax &&
           words_[kind_end].gap == Gap::none && !is_in(stops, words_[kind_end].text) &&
           !is(kind_end, "include") && !is(kind_end, "thing"))
      ++kind_end;
    if (is_mine && at >= 3 && (is(at - 2, "is") || is(at - 2, "are")))
      return favoured(at, kind_end);
    const bool is_thought = at >= 2 && (is(at - 2, "think") || is(at - 2, "guess"));
    if (is_mine && !is_thought && !begins_statement(at - 1)) return;
    const auto told = behind_is(kind_end);
    if (!told) return;
    if (const auto value = thing_at(words_, *told))
      add(Slot::likes, is_mine ? at - 1 : at, {at, value->end});
  }
  void favoured(std::size_t at, std::size_t kind_end) {
    std::size_t begin = at - 2;
    while (begin > 0 && words_[begin].gap == Gap::none &&
           !is_in(connectors, words_[begin - 1].text) && !is(begin - 1, "say") &&
           !is(begin - 1, "think") && !is(begin - 1, "guess"))
      --begin;
    if (at - 2 - begin > kFavouriteWordsMax || kind_end == at + 1) return;
    const bool is_clear =
        !is_in(unclear, words_[begin].text) &&
        std::ranges::none_of(words_.subspan(begin, at - 2 - begin), [](const SaidWord& word) {
          return word.is_quoted || is_in(stops, word.text) || is_in(no_things, word.text);
        });
    if (is_clear && begin < at - 2) add(Slot::likes, begin, {begin, kind_end});
  }

  Words words_;
  bool is_greeted_;
  std::vector<Noticed>& out_;
};

/// Where the lines are that nobody says: quoted, of somebody else, or behind one that announces a
/// text.
std::vector<Span> unspoken_lines(std::string_view said) {
  std::vector<Span> out;
  for (std::size_t at = 0; at < said.size();) {
    const std::size_t end = std::min(said.find('\n', at), said.size());
    std::string_view line = said.substr(at, end - at);
    while (line.ends_with(' ') || line.ends_with('\r')) line.remove_suffix(1);
    while (line.starts_with(' ')) line.remove_prefix(1);
    if (line.ends_with(':')) return out.push_back({at, said.size()}), out;
    const std::size_t colon = line.find(": ");
    const bool has_speaker =
        colon != std::string_view::npos && std::ranges::count(line.substr(0, colon), ' ') <= 1;
    constexpr std::string_view kMarks = ">(|#[{<$";
    if (has_speaker || (!line.empty() && kMarks.contains(line.front()))) out.push_back({at, end});
    at = end + 1;
  }
  return out;
}

bool has_any(Words words, WordList list) {
  return std::ranges::any_of(words, [&](const SaidWord& word) { return is_in(list, word.text); });
}

/// Of a question the statement before it: "I like tea, what about you?". Nothing: all of it asks.
Words stated(const SaidSentence& sentence) {
  const Words words = sentence.words;
  if (!sentence.asks) return words;
  if (is_in(askers, words.front().text)) return {};
  for (std::size_t i = words.size(); i-- > 1;) {
    const std::string& word = words[i].text;
    const bool turns =
        (word == "what" || word == "how") && i + 2 < words.size() && words[i + 1].text == "about";
    const bool asks_back = word == "wbu" || word == "hbu" || turns ||
                           (word == "and" && i + 2 == words.size() && words[i + 1].text == "you");
    if (asks_back || (words[i].gap != Gap::none && is_in(askers, word))) return words.first(i);
  }
  return {};
}

bool is_task(Words words) {
  std::size_t at = 0;
  while (at < words.size() && (words[at].text == "please" || words[at].text == "can" ||
                               words[at].text == "could" || words[at].text == "you"))
    ++at;
  return at < words.size() && is_in(tasks, words[at].text);
}

bool is_greeting(Words words) {
  return words.size() <= 3 && std::ranges::all_of(words, [](const SaidWord& word) {
           return is_in(greetings, word.text);
         });
}

std::string lower_words(std::string_view said, const Span& value) {
  return to_words(said.substr(value.begin, value.end - value.begin));
}

/// Without what is said again: the same value of a slot, or a part of one before.
void drop_repeated(std::string_view said, std::vector<Noticed>& all) {
  for (std::size_t i = all.size(); i-- > 1;) {
    const bool is_again = std::any_of(
        all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i), [&](const Noticed& before) {
          return before.slot == all[i].slot && before.ended == all[i].ended &&
                 lower_words(said, before.value).contains(lower_words(said, all[i].value));
        });
    if (is_again) all.erase(all.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

}  // namespace

std::vector<Noticed> notice(std::string_view said) {
  std::vector<Noticed> out;
  if (said.size() > kNoticedBytesMax || said.contains("```")) return out;
  const auto sentences = words_of(said);
  for (const SaidSentence& sentence : sentences) {
    if (has_any(sentence.words, jokes)) return out;
  }
  if (sentences.empty() || is_task(sentences.front().words)) return out;
  const auto unspoken = unspoken_lines(said);
  bool is_greeted = false;
  for (const SaidSentence& sentence : sentences) {
    const std::size_t at = sentence.words.front().begin;
    const bool is_spoken = std::ranges::none_of(
        unspoken, [&](const Span& line) { return at >= line.begin && at < line.end; });
    const Words words = stated(sentence);
    if (is_spoken && !has_any(sentence.words, doubts))
      SentenceReader(words, is_greeted, out).read();
    is_greeted = is_greeting(sentence.words);
  }
  drop_repeated(said, out);
  return out;
}

}  // namespace plmm::personal
