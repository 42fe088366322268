// Questions whose best answer depends on what a person has said about themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace plmm::eval {

// Limits; sizes in bytes of UTF-8.
inline constexpr std::size_t kPreferenceFileBytesMax = 64U << 20U;
inline constexpr std::size_t kPreferenceLineBytesMax = 64U << 10U;
inline constexpr std::size_t kPreferenceTextBytesMax = 2'000;

/// In the person's words, and which option it makes the right one.
struct StatedPreference {
  std::string text;
  std::size_t answer = 0;
};

struct PreferenceQuestion {
  std::string topic;
  bool is_implied = false;  // a step of thinking lies between the preference and its option
  std::string question;
  std::vector<std::string> options;           // 2 … kChoicesMax
  std::vector<StatedPreference> preferences;  // 1 … kChoicesMax
};

/// Lines of JSON: "question", "options", and "preferences", a list of {"text", "answer"} with the
/// index of the option from 0; or one of them as "preference" and "answer" beside "question".
/// "topic" may be missing, as may "kind" ("implied", or anything else); other fields are passed
/// over. corrupt_data or limit_exceeded, which name
/// the line and never repeat its text.
Result<std::vector<PreferenceQuestion>> parse_preference_questions(std::string_view lines);

/// One question that one preference decides.
struct PreferenceCase {
  std::string preference;
  std::string question;
  std::vector<std::string> options;
  std::size_t right = 0;
  bool is_implied = false;
};
/// Of each question one for each of its preferences, options in an order that the seed draws: in
/// many files the right one stands first.
std::vector<PreferenceCase> preference_cases(std::span<const PreferenceQuestion> questions,
                                             std::uint64_t seed);

}  // namespace plmm::eval
