// Cuts text into the words that byte-level BPE may not merge across.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/unicode.h"

namespace plmm::text {

/// Text as characters with their classes, broken UTF-8 as decode_lenient reads it.
struct Characters {
  explicit Characters(std::string_view utf8);

  std::vector<char32_t> codes;
  std::vector<CharClass> classes;
};

/// Characters [begin, end).
struct Word {
  std::size_t begin;
  std::size_t end;
  friend bool operator==(Word, Word) = default;
};

enum class PreTokenizer : std::uint8_t { fallback, gpt2, smollm, qwen2, llama3 };

/// The pre-tokenizer of a tokenizer.ggml.pre value, also of other names for the same pattern; "" is
/// "default".
std::optional<PreTokenizer> pre_tokenizer_from_name(std::string_view name);
/// All those names: "default, gpt-2, …".
std::string pre_tokenizer_names();

/// The words of `text`, in order, without gaps; linear in the text's length.
std::vector<Word> split_words(PreTokenizer pre_tokenizer, const Characters& text);

}  // namespace plmm::text
