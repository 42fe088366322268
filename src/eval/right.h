// Whether an answer has what an exam asks for.
#pragma once

#include <string_view>

#include "eval/exam.h"

namespace plmm::eval {

/// Whether `text` holds one of the answers as whole words that follow each other. Case, accents,
/// punctuation and the articles a, an and the do not count ("Vitamin A" keeps its last word);
/// numbers are exact: "1,000" is "1000" and neither "10000" nor "-1000"; "5%" is "5 percent"; "C",
/// "C++" and "C#" are three words; "e-mail" is both "email" and "e mail". It does not see a "not".
bool is_right(std::string_view text, const ExamQuestion& question);

/// The same for one answer.
bool says(std::string_view text, std::string_view answer);

/// Whether there is anything to compare in a text.
bool has_words(std::string_view text);

}  // namespace plmm::eval
