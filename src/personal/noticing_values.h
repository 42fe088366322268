// Which words behind a pattern are its value.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "personal/noticing_words.h"
#include "personal/said_words.h"

namespace plmm::personal {

/// Words [begin, end) of a sentence.
struct WordRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct Value {
  WordRange words;
  std::optional<Slot> slot = std::nullopt;  // where the value itself decides it
};

/// Of the words from `at` on; empty: no fact. Several only of languages.
std::vector<Value> values_at(std::span<const SaidWord> words, std::size_t at, Take take);

/// A noun phrase or nothing: what is liked, hated, played.
std::optional<WordRange> thing_at(std::span<const SaidWord> words, std::size_t at);
/// Up to three capitalised words.
std::optional<WordRange> name_at(std::span<const SaidWord> words, std::size_t at);
/// Behind "named" or "called", else as name_at(); `at` itself where there is none.
std::size_t end_of_named(std::span<const SaidWord> words, std::size_t at);
/// Whether no other word belongs to the one before `at`.
bool is_end(std::span<const SaidWord> words, std::size_t at);

}  // namespace plmm::personal
