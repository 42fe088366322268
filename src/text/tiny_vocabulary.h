// Small vocabularies for tests and fuzzing, and reading of those in testdata/text.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "text/tokenizer.h"
#include "text/unicode.h"

namespace plmm::text {

/// A vocabulary that owns its texts.
class TinyVocabulary {
 public:
  TokenId add(std::string token, TokenKind kind = TokenKind::normal, float score = 0) {
    spec_.tokens.push_back(texts_.emplace_back(std::move(token)));
    spec_.kinds.push_back(kind);
    if (spec_.model == "llama") spec_.scores.push_back(score);
    return static_cast<TokenId>(spec_.tokens.size() - 1);
  }
  void add_merge(std::string merge) {
    spec_.merges.push_back(texts_.emplace_back(std::move(merge)));
  }
  VocabularySpec& spec() { return spec_; }

  /// Byte-level BPE: ids 0 to 255 are the bytes; then merges up to " hello", and the tokens of
  /// ChatML.
  static TinyVocabulary bpe(std::string pre) {
    TinyVocabulary v;
    v.spec_.model = "gpt2";
    v.spec_.pre = std::move(pre);
    char32_t next = 0x100;
    for (char32_t byte = 0; byte < 256; ++byte) {
      const bool printable = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
      std::string text;
      append_utf8(printable ? byte : next++, text);
      v.add(text);
    }
    for (const char* merge : {"h e", "l l", "he ll", "hell o", "Ġ hello", "Ġ Ġ", "ĠĠ ĠĠ", "a a",
                              "aa aa", "Ċ Ċ", "à ¤"}) {
      v.add_merge(merge);
      std::string joined = merge;
      joined.erase(joined.find(' '), 1);
      v.add(joined);
    }
    v.spec_.eos = v.add("<|im_end|>", TokenKind::control);
    v.spec_.bos = v.add("<|im_start|>", TokenKind::control);
    v.add("<tool_call>", TokenKind::user_defined);
    v.add("\n\n\n", TokenKind::user_defined);
    return v;
  }

  /// SentencePiece: byte tokens, a few pieces with scores, and Gemma's markers.
  static TinyVocabulary spm() {
    TinyVocabulary v;
    v.spec_.model = "llama";
    v.spec_.unknown = v.add("<unk>", TokenKind::unknown);
    v.spec_.bos = v.add("<bos>", TokenKind::control);
    v.spec_.eos = v.add("<eos>", TokenKind::control);
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    for (unsigned byte = 0; byte < 256; ++byte) {
      v.add({'<', '0', 'x', kDigits[byte >> 4], kDigits[byte & 15], '>'}, TokenKind::byte);
    }
    float score = -1;
    for (const char* piece :
         {"▁h", "he", "ll", "▁hell", "▁hello", "▁he", "▁", "h", "e", "l", "o", "a", "aa", "aaaa"}) {
      v.add(piece, TokenKind::normal, score--);
    }
    v.add("<start_of_turn>", TokenKind::control);
    v.add("<end_of_turn>", TokenKind::control);
    v.add("<b>", TokenKind::user_defined);
    for (const char* newlines : {"\n", "\n\n", "\n\n\n"}) v.add(newlines, TokenKind::user_defined);
    return v;
  }

 private:
  std::deque<std::string> texts_;  // a deque: its strings stay where they are
  VocabularySpec spec_;
};

}  // namespace plmm::text
