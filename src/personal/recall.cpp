// Statements found by their wording, and the note that quotes them.
#include "personal/recall.h"

#include <algorithm>
#include <array>

#include "personal/local_signs.h"

namespace plmm::personal {
namespace {

constexpr std::size_t kSentenceBytesMax = 300;  // a longer one is a text, not a fact

constexpr std::array<std::string_view, 11> kOfOneself{" i ",  " im ",   " ive ",   " my ",
                                                      " me ", " mine ", " we ",    " our ",
                                                      " us ", " weve ", " myself "};
constexpr std::array<std::string_view, 24> kRequests{
    "what ", "who ",    "where ", "when ", "why ",   "how ",     "which ",  "whose ",
    "can ",  "could ",  "would ", "will ", "do ",    "does ",    "did ",    "is ",
    "are ",  "should ", "tell ",  "give ", "write ", "explain ", "please ", "help "};

bool ends_sentence(std::string_view text, std::size_t i) {
  if (text[i] == '\n') return true;
  if (text[i] != '.' && text[i] != '!' && text[i] != '?') return false;
  return i + 1 == text.size() || text[i + 1] == ' ' || text[i + 1] == '\n' || text[i + 1] == '"';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::vector<std::string_view> sentences_of(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!ends_sentence(text, i) && i + 1 != text.size()) continue;
    const auto sentence = trimmed(text.substr(begin, i + 1 - begin));
    if (!sentence.empty()) out.push_back(sentence);
    begin = i + 1;
  }
  return out;
}

bool is_statement(std::string_view sentence) {
  if (sentence.ends_with('?')) return false;
  const std::string words = to_words(sentence);  // with a space at both ends
  const auto begins = [&](std::string_view word) {
    return words.starts_with(" " + std::string(word));
  };
  if (std::ranges::any_of(kRequests, begins)) return false;
  return std::ranges::any_of(
      kOfOneself, [&](std::string_view word) { return words.find(word) != std::string::npos; });
}

namespace {

/// One line, without the marks that a template or a model may read as an end.
std::string on_one_line(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
    if (c == '<' || c == '>' || c == '"') c = '\'';
  }
  return out;
}

float nearness_needed(const Recalled& one, const RecallSettings& settings) {
  if (one.is_preference) return settings.preference_similarity_min;
  return one.is_for_advice ? settings.advice_similarity_min : settings.similarity_min;
}

std::string quoted(const Turn& turn) {
  std::string out;
  for (const std::string_view one : statements(turn.said.reveal(Purpose::prompt)))
    out += (out.empty() ? "" : " ") + on_one_line(one);
  return out;
}

}  // namespace

std::vector<std::string_view> statements(std::string_view said) {
  std::vector<std::string_view> out;
  for (const auto sentence : sentences_of(said)) {
    if (sentence.size() <= kSentenceBytesMax && is_statement(sentence)) out.push_back(sentence);
  }
  return out;
}

Note make_note(std::span<const Recalled> recalled, const RecallSettings& settings,
               const std::function<std::string(std::int64_t time_ms)>& date_of) {
  struct Line {
    Used used;
    std::string text;
  };
  std::vector<Line> lines;
  std::size_t n_bytes = 0;
  int n_turns_left = settings.n_turns_max, n_preferences_left = settings.n_preferences_max;
  for (const Recalled& one : recalled) {
    int& n_left = one.is_preference ? n_preferences_left : n_turns_left;
    if (n_left == 0 || one.similarity < nearness_needed(one, settings)) continue;
    const std::string said = quoted(one.turn);
    if (said.empty() || n_bytes + said.size() > settings.note_bytes_max) continue;
    const bool known = std::ranges::any_of(
        lines, [&](const Line& line) { return line.text.ends_with(") " + said + "\n"); });
    if (known) continue;
    n_bytes += said.size();
    --n_left;
    lines.push_back(
        {{one.turn.id, one.turn.time_ms}, "(" + date_of(one.turn.time_ms) + ") " + said + "\n"});
  }
  if (lines.empty()) return {};
  std::ranges::sort(lines, {}, [](const Line& line) { return line.used.time_ms; });
  Note out;
  std::string text = "Earlier I told you:\n";
  for (Line& line : lines) {
    text += line.text;
    out.used.push_back(line.used);
  }
  out.text = Personal(text + "\n");
  return out;
}

}  // namespace plmm::personal
