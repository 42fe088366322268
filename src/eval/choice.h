// Questions with choices of which one is right, as lines of JSON. docs/formats/eval.md.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace plmm::eval {

// Limits; sizes in bytes of UTF-8.
inline constexpr std::size_t kChoiceLineBytesMax = 64 << 10;
inline constexpr std::size_t kChoiceQuestionBytesMax = 32 << 10;
inline constexpr std::size_t kChoicesMax = 26;  // one for each letter
inline constexpr std::size_t kChoiceBytesMax = 4'096;

struct ChoiceQuestion {
  std::string question;
  std::vector<std::string> choices;  // 2 … kChoicesMax
  std::size_t answer = 0;            // index of the right one
  bool operator==(const ChoiceQuestion&) const = default;
};

/// "question", "choices" (or "options"), and "answer": an index from 0, a letter from A, or the
/// text of a choice. Fields that it does not know are passed over. corrupt_data or limit_exceeded,
/// which never repeat the line's text.
Result<ChoiceQuestion> read_choice_line(std::string_view line);

/// What read_choice_line() reads, without a line's end.
std::string write_choice_line(const ChoiceQuestion& question);

}  // namespace plmm::eval
