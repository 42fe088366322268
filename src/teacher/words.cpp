// Words by their bytes: good enough to propose answers, which are checked afterwards.
#include "teacher/words.h"

#include <algorithm>
#include <array>
#include <span>

#include "eval/right.h"

namespace plmm::teacher {
namespace {

constexpr std::size_t kSpanWordsMax = 5;
constexpr std::size_t kSpanBytesMax = 60;
constexpr std::size_t kShortBytes = 2;       // of "Dr." and of initials
constexpr std::size_t kNumberDigitsMin = 2;  // "2" is a list's mark as often as a fact

bool is_word(char c) {
  return is_capital(c) || is_digit(c) || (c >= 'a' && c <= 'z') ||
         static_cast<unsigned char>(c) > 127;
}

/// A run of text between white space, and what stands around its word.
struct Token {
  std::string_view core;  // without punctuation at its ends
  bool opens = false;     // something stands before the core: "(Lovelace"
  bool closes = false;    // something stands behind it: "Lovelace,"
  bool ends_sentence = false;
};

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> out;
  for (std::size_t i = 0; i < text.size();) {
    const auto begin = text.find_first_not_of(" \t\n\r", i);
    if (begin == std::string_view::npos) break;
    const auto end = std::min(text.find_first_of(" \t\n\r", begin), text.size());
    i = end;
    const auto run = text.substr(begin, end - begin);
    const auto first = std::ranges::find_if(run, is_word);
    if (first == run.end()) continue;
    const auto from = static_cast<std::size_t>(first - run.begin());
    auto to = run.size();
    while (!is_word(run[to - 1])) --to;
    // "C++" and "C#" keep their signs.
    while (to < run.size() && (run[to] == '+' || run[to] == '#')) ++to;
    const auto behind = run.substr(to);
    const auto core = run.substr(from, to - from);
    // "Dr. Tyler" goes on behind its dot.
    const bool is_short = core.size() <= kShortBytes && is_capital(core.front()) &&
                          (core.size() == 1 || !is_capital(core.back())) && behind == ".";
    out.push_back({core, from > 0, to < run.size() && !is_short,
                   !is_short && behind.find_first_of(".!?:") != std::string_view::npos});
  }
  return out;
}

/// Addresses, marks such as <hardware> and dates in digits are no knowledge.
bool is_noise(std::string_view core) {
  return core.contains("://") || core.contains('@') || core.contains('<') || core.contains('>') ||
         core.contains('/') || core.contains('=') || std::ranges::count(core, '-') > 1;
}

class Spans {
 public:
  Spans(const Passage& passage, std::size_t n_max) : passage_(passage), n_max_(n_max) {}

  void add(std::string_view span) {
    span = trimmed(span);
    while (!span.empty() && (span.back() == '.' || span.back() == ',')) span.remove_suffix(1);
    if (out_.size() == n_max_ || span.size() <= 1 || span.size() > kSpanBytesMax) return;
    if (is_noise(span) || words_of(span).size() > kSpanWordsMax || !eval::has_words(span)) return;
    if (eval::says(passage_.title, span)) return;
    const auto is_same = [&](const auto& other) { return lower(other) == lower(span); };
    if (std::ranges::none_of(out_, is_same)) out_.emplace_back(span);
  }
  std::vector<std::string> take() { return std::move(out_); }

 private:
  const Passage& passage_;
  std::size_t n_max_;
  std::vector<std::string> out_;
};

/// Between `open` and `close`, in the order of the text.
void add_quoted(std::string_view text, Spans& out) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kQuotes{
      {{"\"", "\""}, {"“", "”"}, {"‘", "’"}}};
  for (const auto& [open, close] : kQuotes) {
    for (std::size_t at = text.find(open); at != std::string_view::npos; at = text.find(open, at)) {
      const auto begin = at + open.size();
      const auto end = text.find(close, begin);
      if (end == std::string_view::npos) break;
      out.add(text.substr(begin, end - begin));
      at = end + close.size();
    }
  }
}

/// Names: words with capitals that no sentence asks for; then numbers.
void add_names(std::span<const Token> tokens, Spans& out) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool first = i == 0 || tokens[i - 1].ends_sentence;
    const auto core = tokens[i].core;
    const bool inner = std::ranges::any_of(core.substr(1), is_capital);
    if (!(is_capital(core.front()) && (!first || inner))) continue;
    std::size_t last = i;
    while (last + 1 < tokens.size() && !tokens[last].closes && !tokens[last + 1].opens &&
           is_capital(tokens[last + 1].core.front())) {
      ++last;
    }
    const auto* begin = core.data();
    const auto* end = tokens[last].core.data() + tokens[last].core.size();
    out.add({begin, static_cast<std::size_t>(end - begin)});
    i = last;
  }
}

void add_numbers(std::span<const Token> tokens, Spans& out) {
  for (const auto& token : tokens) {
    const auto n_digits = std::ranges::count_if(token.core, is_digit);
    if (static_cast<std::size_t>(n_digits) >= kNumberDigitsMin && is_digit(token.core.front())) {
      out.add(token.core);
    }
  }
}

}  // namespace

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\n\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\n\r") - begin + 1);
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t i = 0; i < text.size();) {
    if (!is_word(text[i])) {
      ++i;
      continue;
    }
    const auto begin = i;
    while (i < text.size() && is_word(text[i])) ++i;
    out.push_back(text.substr(begin, i - begin));
  }
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (is_capital(c)) c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::vector<std::string> answer_spans(const Passage& passage, std::size_t n_max) {
  const auto tokens = tokens_of(passage.text);
  Spans out(passage, n_max);
  add_quoted(passage.text, out);
  add_names(tokens, out);
  add_numbers(tokens, out);
  return out.take();
}

}  // namespace plmm::teacher
