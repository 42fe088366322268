// Questions whose best answer depends on what a person has said about themselves.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace plmm::eval {

// Limits; sizes in bytes of UTF-8.
inline constexpr std::size_t kPreferenceFileBytesMax = 64U << 20U;
inline constexpr std::size_t kPreferenceLineBytesMax = 64U << 10U;
inline constexpr std::size_t kPreferenceTextBytesMax = 2'000;
inline constexpr std::size_t kOptionsMax = 26;
inline constexpr std::size_t kStatementsMax = 26;

/// In the person's words, and which option it makes the right one.
struct StatedPreference {
  std::string text;
  std::size_t answer = 0;
};

struct PreferenceQuestion {
  std::string topic;
  bool is_implied = false;  // a step of thinking lies between the preference and its option
  std::string question;
  std::vector<std::string> options;           // 2 … kOptionsMax
  std::vector<StatedPreference> preferences;  // at least one
};

/// Lines of JSON: "question", "options", and "preferences", a list of {"text", "answer"} with the
/// index of the option from 0; or one of them as "preference" and "answer" beside "question".
/// "topic" may be missing, as may "kind" ("implied", or anything else); other fields are passed
/// over. corrupt_data or limit_exceeded, which name
/// the line and never repeat its text.
Result<std::vector<PreferenceQuestion>> parse_preference_questions(std::string_view lines);

}  // namespace plmm::eval
