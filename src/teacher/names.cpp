// Letters of a short name, looked for in a long one; and the places where texts put both.
#include "teacher/names.h"

#include <algorithm>
#include <cstdint>

#include "eval/right.h"

namespace plmm::teacher {
namespace {

constexpr std::size_t kLettersMin = 2;
constexpr std::size_t kLettersMax = 12;
constexpr std::size_t kWordsMin = 2;  // that a name stands for
constexpr std::size_t kWordsMax = 8;
constexpr std::size_t kNameBytesMax = 80;
constexpr std::size_t kNamesMax = 4;      // of one thing
constexpr std::size_t kOwnWordBytes = 4;  // "of" and "the" may be left out

std::string letters_of(std::string_view name) {
  std::string out;
  for (const auto word : words_of(name)) out += lower(word);
  return out;
}

/// Whether the words spell the letters. Of all ways to do so at once: bit n of a set says that the
/// first n letters can be spelled up to here.
bool spell(const std::vector<std::string_view>& words, std::string_view letters) {
  using Counts = std::uint32_t;
  static_assert(kLettersMax < 32);
  Counts before = 1;  // the word
  for (const auto word : words) {
    Counts on = 0, off = 0;  // with a letter of the word: the byte before, or an earlier one
    for (std::size_t k = 0; k < word.size(); ++k) {
      Counts fits = 0;
      for (std::size_t n = 0; n < letters.size(); ++n)
        fits |= letters[n] == lower(word.substr(k, 1)).front() ? Counts{1} << n : 0;
      const bool begins = is_capital(word[k]) || is_digit(word[k]);
      const Counts from = k == 0 ? before : begins ? on | off : on;
      off |= on;
      on = (from & fits) << 1U;
    }
    before = on | off | (word.size() < kOwnWordBytes ? before : 0);
  }
  return (before >> letters.size() & 1U) == 1;
}

bool is_one(std::string_view a, std::string_view b) { return stands_for(a, b) || stands_for(b, a); }

/// The last words of a text for which `name` stands; empty where there are none.
std::string_view words_before(std::string_view text, std::string_view name) {
  const auto words = words_of(text);
  for (std::size_t n = kWordsMin; n <= std::min(kWordsMax, words.size()); ++n) {
    const auto last =
        text.substr(static_cast<std::size_t>(words[words.size() - n].data() - text.data()));
    if (stands_for(name, trimmed(last))) return trimmed(last);
  }
  return {};
}

class Names {
 public:
  explicit Names(std::string_view name) : name_(name) {}
  /// Another name, if it is one.
  void add(std::string_view other) {
    other = trimmed(other);
    if (other.size() > kNameBytesMax || lower(other) == lower(name_) || !is_one(name_, other))
      return;
    if (out_.size() < kNamesMax && std::ranges::find(out_, other) == out_.end())
      out_.emplace_back(other);
  }
  std::vector<std::string> take() { return std::move(out_); }

 private:
  std::string_view name_;
  std::vector<std::string> out_;
};

}  // namespace

bool stands_for(std::string_view name, std::string_view words) {
  const auto letters = letters_of(name);
  const auto cut = words_of(words);
  if (letters.size() < kLettersMin || letters.size() > kLettersMax || cut.size() < kWordsMin ||
      cut.size() > kWordsMax || words.size() > kNameBytesMax) {
    return false;
  }
  return letters.size() < letters_of(words).size() && spell(cut, letters);
}

std::vector<std::string> other_names(std::string_view name, const Passage& passage) {
  const std::string_view text = passage.text;
  Names out(name);
  out.add(passage.title);
  out.add(text.substr(0, text.find('\n')));
  for (auto open = text.find('('); open != std::string_view::npos;
       open = text.find('(', open + 1)) {
    const auto close = text.find(')', open);
    if (close == std::string_view::npos) break;
    const auto inside = trimmed(text.substr(open + 1, close - open - 1));
    out.add(inside);
    if (lower(inside) == lower(name)) out.add(words_before(text.substr(0, open), name));
  }
  return out.take();
}

}  // namespace plmm::teacher
