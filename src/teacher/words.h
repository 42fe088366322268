// Texts as a teacher compares them: trimmed, as words, and the passages they come from.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/release.h"

namespace plmm::teacher {

/// A piece of a source: what a release would add, and the library cite.
using Passage = protocol::ReleasePassage;

/// Of ASCII.
bool is_capital(char c);
bool is_digit(char c);

/// Without white space at its ends.
std::string_view trimmed(std::string_view text);

/// Runs of letters, digits and bytes above ASCII; as they are written.
std::vector<std::string_view> words_of(std::string_view text);
/// ASCII letters in lower case.
std::string lower(std::string_view text);

/// Texts in the passage that could be answers: names, what stands in quotes, years and other
/// numbers, in the order of the text; none that the title says, none twice, `n_max` at most.
std::vector<std::string> answer_spans(const Passage& passage, std::size_t n_max);

}  // namespace plmm::teacher
