// The pre-tokenizers as hand-written scanners: each does what the quoted pattern does, without a
// regex engine.
#include "text/pretokenize.h"

#include <algorithm>
#include <array>
#include <utility>

namespace plmm::text {
namespace {

constexpr std::array<std::pair<std::string_view, PreTokenizer>, 14> kNames{{
    {"", PreTokenizer::fallback},
    {"default", PreTokenizer::fallback},
    {"gpt-2", PreTokenizer::gpt2},
    {"phi-2", PreTokenizer::gpt2},
    {"smollm", PreTokenizer::smollm},
    {"starcoder", PreTokenizer::smollm},
    {"refact", PreTokenizer::smollm},
    {"command-r", PreTokenizer::smollm},
    {"qwen2", PreTokenizer::qwen2},
    {"deepseek-r1-qwen", PreTokenizer::qwen2},
    {"stablelm2", PreTokenizer::qwen2},
    {"llama-bpe", PreTokenizer::llama3},
    {"llama3", PreTokenizer::llama3},
    {"llama-v3", PreTokenizer::llama3},
}};

bool is_letter(const Characters& text, std::size_t at) {
  return text.classes[at] == CharClass::letter;
}
bool is_number(const Characters& text, std::size_t at) {
  return text.classes[at] == CharClass::number;
}
bool is_space(const Characters& text, std::size_t at) {
  return text.classes[at] == CharClass::space;
}
// [^\s\p{L}\p{N}]
bool is_mark(const Characters& text, std::size_t at) {
  return text.classes[at] == CharClass::other || text.classes[at] == CharClass::punctuation;
}
// [\r\n]
bool is_newline(const Characters& text, std::size_t at) {
  return text.codes[at] == U'\r' || text.codes[at] == U'\n';
}

// The first place in [at, end) where `test` does not hold.
template <class Test>
std::size_t skip(const Characters& text, std::size_t at, std::size_t end, Test test) {
  while (at < end && test(text, at)) ++at;
  return at;
}

enum class Case : std::uint8_t { exact, fold };

// 's|'t|'re|'ve|'m|'ll|'d: its length at `at`, or 0.
std::size_t contraction_length(const Characters& text, Word piece, std::size_t at,
                               Case letter_case) {
  if (text.codes[at] != U'\'') return 0;
  const auto letter = [&](std::size_t i) -> char32_t {
    if (i >= piece.end) return 0;
    const char32_t code = text.codes[i];
    const bool fold = letter_case == Case::fold && code >= U'A' && code <= U'Z';
    return fold ? code + (U'a' - U'A') : code;
  };
  const char32_t first = letter(at + 1);
  if (first == U's' || first == U't' || first == U'm' || first == U'd') return 2;
  const char32_t second = letter(at + 2);
  if ((first == U'r' || first == U'v') && second == U'e') return 3;
  return first == U'l' && second == U'l' ? 3 : 0;
}

// \s+(?!\S)|\s+ on a run of spaces [at, after): a run before a word leaves its last space to the
// word.
std::size_t spaces_end(Word piece, std::size_t at, std::size_t after) {
  return after < piece.end && after - at > 1 ? after - 1 : after;
}

// 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
std::size_t gpt2_word_end(const Characters& text, Word piece, std::size_t at) {
  const std::size_t contraction = contraction_length(text, piece, at, Case::exact);
  if (contraction > 0) return at + contraction;
  const std::size_t body = text.codes[at] == U' ' ? at + 1 : at;
  if (body < piece.end && !is_space(text, body)) {
    if (is_letter(text, body)) return skip(text, body, piece.end, is_letter);
    if (is_number(text, body)) return skip(text, body, piece.end, is_number);
    return skip(text, body, piece.end, is_mark);
  }
  return spaces_end(piece, at, skip(text, at, piece.end, is_space));
}

// (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,n}|
// ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
std::size_t llama3_word_end(const Characters& text, Word piece, std::size_t at, std::size_t n) {
  const std::size_t contraction = contraction_length(text, piece, at, Case::fold);
  if (contraction > 0) return at + contraction;
  if (is_letter(text, at)) return skip(text, at, piece.end, is_letter);
  if (is_number(text, at)) return skip(text, at, std::min(piece.end, at + n), is_number);
  if (!is_newline(text, at) && at + 1 < piece.end && is_letter(text, at + 1)) {
    return skip(text, at + 1, piece.end, is_letter);
  }
  const std::size_t body = text.codes[at] == U' ' ? at + 1 : at;
  if (body < piece.end && is_mark(text, body)) {
    return skip(text, skip(text, body, piece.end, is_mark), piece.end, is_newline);
  }
  const std::size_t after = skip(text, at, piece.end, is_space);
  for (std::size_t last = after; last > at; --last) {
    if (is_newline(text, last - 1)) return last;
  }
  return spaces_end(piece, at, after);
}

std::size_t qwen2_word_end(const Characters& text, Word piece, std::size_t at) {
  return llama3_word_end(text, piece, at, 1);
}
std::size_t llama_bpe_word_end(const Characters& text, Word piece, std::size_t at) {
  return llama3_word_end(text, piece, at, 3);
}

// [\p{P}$+<=>^~|]+ and what stands between.
bool is_fallback_mark(const Characters& text, std::size_t at) {
  return text.classes[at] == CharClass::punctuation ||
         (text.codes[at] < 0x80 &&
          std::string_view("$+<=>^~|").find(static_cast<char>(text.codes[at])) !=
              std::string_view::npos);
}
std::size_t fallback_mark_end(const Characters& text, Word piece, std::size_t at) {
  const bool kind = is_fallback_mark(text, at);
  return skip(text, at, piece.end, [kind](const Characters& t, std::size_t i) {
    return is_fallback_mark(t, i) == kind;
  });
}

// \p{N}+ and what stands between.
std::size_t number_run_end(const Characters& text, Word piece, std::size_t at) {
  const bool kind = is_number(text, at);
  return skip(text, at, piece.end,
              [kind](const Characters& t, std::size_t i) { return is_number(t, i) == kind; });
}

// \p{N} and what stands between.
std::size_t single_number_end(const Characters& text, Word piece, std::size_t at) {
  return is_number(text, at) ? at + 1 : number_run_end(text, piece, at);
}

// [0-9][0-9][0-9] and what stands between.
std::size_t three_digits_end(const Characters& text, Word piece, std::size_t at) {
  const auto three_at = [&](std::size_t i) {
    const auto digit = [&](std::size_t j) {
      return text.codes[j] >= U'0' && text.codes[j] <= U'9';
    };
    return i + 3 <= piece.end && digit(i) && digit(i + 1) && digit(i + 2);
  };
  if (three_at(at)) return at + 3;
  while (at < piece.end && !three_at(at)) ++at;
  return at;
}

// A stage finds where the word that begins at `at` ends; the next stage splits each of its words
// again.
using Stage = std::size_t (*)(const Characters& text, Word piece, std::size_t at);

std::vector<Word> run_stage(Stage stage, const Characters& text, const std::vector<Word>& pieces) {
  std::vector<Word> words;
  words.reserve(pieces.size());
  for (const Word piece : pieces) {
    for (std::size_t at = piece.begin; at < piece.end;) {
      const std::size_t end = stage(text, piece, at);
      words.push_back({at, end});
      at = end;
    }
  }
  return words;
}

std::vector<Stage> stages_of(PreTokenizer pre_tokenizer) {
  switch (pre_tokenizer) {
    case PreTokenizer::gpt2:
      return {gpt2_word_end};
    case PreTokenizer::smollm:
      return {single_number_end, gpt2_word_end};
    case PreTokenizer::qwen2:
      return {qwen2_word_end};
    case PreTokenizer::llama3:
      return {llama_bpe_word_end};
    case PreTokenizer::fallback:
      break;
  }
  return {fallback_mark_end, gpt2_word_end, number_run_end, three_digits_end};
}

}  // namespace

Characters::Characters(std::string_view utf8) {
  codes.reserve(utf8.size());
  classes.reserve(utf8.size());
  for (std::size_t at = 0; at < utf8.size();) {
    const Decoded decoded = decode_lenient(utf8, at);
    codes.push_back(decoded.character);
    classes.push_back(char_class(decoded.character));
    at += decoded.n_bytes;
  }
}

std::optional<PreTokenizer> pre_tokenizer_from_name(std::string_view name) {
  for (const auto& [known, pre_tokenizer] : kNames) {
    if (known == name) return pre_tokenizer;
  }
  return std::nullopt;
}

std::string pre_tokenizer_names() {
  std::string out;
  for (const auto& [name, pre_tokenizer] : kNames) {
    if (!name.empty()) out += (out.empty() ? "" : ", ") + std::string(name);
  }
  return out;
}

std::vector<Word> split_words(PreTokenizer pre_tokenizer, const Characters& text) {
  std::vector<Word> words{{0, text.codes.size()}};
  for (const Stage stage : stages_of(pre_tokenizer)) words = run_stage(stage, text, words);
  return words;
}

}  // namespace plmm::text
