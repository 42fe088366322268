// Reading of questions with preferences; each field is checked before it is used.
#include "eval/preference_questions.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_object.h"
#include "base/rng.h"
#include "eval/checked_text.h"
#include "eval/choice.h"

namespace plmm::eval {
namespace {

using Json = nlohmann::json;

constexpr int kDepthMax = 8;  // a line has three levels; fields that nobody knows may have more

Result<std::string> text_of(const std::string& name, const Json& value) {
  if (!value.is_string()) return fail(ErrorCode::corrupt_data, name + " is not a string");
  return checked_text(name, value.get<std::string>(), kPreferenceTextBytesMax);
}

/// The text of a field that must be there.
Result<std::string> field_of(const Json& object, const char* name) {
  const auto value = object.find(name);
  if (value == object.end())
    return fail(ErrorCode::corrupt_data, std::string(name) + " is missing");
  return text_of(name, *value);
}

Result<std::size_t> answer_of(const Json& object, std::size_t n_options) {
  const auto answer = object.find("answer");
  if (answer == object.end() || !answer->is_number_unsigned() ||
      answer->get<std::uint64_t>() >= n_options) {
    return fail(ErrorCode::corrupt_data,
                "\"answer\" is no index of \"options\" (they count from 0)");
  }
  return answer->get<std::size_t>();
}

Result<std::vector<std::string>> options_of(const Json& object) {
  const auto list = object.find("options");
  if (list == object.end() || !list->is_array() || list->size() < 2 || list->size() > kChoicesMax) {
    return fail(ErrorCode::corrupt_data,
                "\"options\" is no list of 2 to " + std::to_string(kChoicesMax) + " texts");
  }
  std::vector<std::string> out;
  for (const Json& option : *list) out.push_back(TRY(text_of("an option", option)));
  return out;
}

Result<StatedPreference> preference_of(const Json& object, const char* field,
                                       std::size_t n_options) {
  // One after the other: a list in braces that is left halfway would leak what it has.
  StatedPreference out;
  out.text = TRY(field_of(object, field));
  out.answer = TRY(answer_of(object, n_options));
  return out;
}

Result<std::vector<StatedPreference>> preferences_of(const Json& object, std::size_t n_options) {
  std::vector<StatedPreference> out;
  if (object.contains("preference")) {
    out.push_back(TRY(preference_of(object, "preference", n_options)));
    return out;
  }
  const auto list = object.find("preferences");
  if (list == object.end() || !list->is_array() || list->empty() || list->size() > kChoicesMax) {
    return fail(ErrorCode::corrupt_data,
                "\"preferences\" is no list of 1 to " + std::to_string(kChoicesMax));
  }
  for (const Json& one : *list) {
    if (!one.is_object()) return fail(ErrorCode::corrupt_data, "a preference is no object");
    out.push_back(TRY(preference_of(one, "text", n_options)));
  }
  return out;
}

Result<PreferenceQuestion> parse_line(std::string_view line) {
  if (line.size() > kPreferenceLineBytesMax) {
    return fail(ErrorCode::limit_exceeded,
                "it has more than " + std::to_string(kPreferenceLineBytesMax) + " bytes");
  }
  const Json object = parse_object<Json>(line, kDepthMax);
  if (object.is_discarded()) return fail(ErrorCode::corrupt_data, "it is no JSON object");
  PreferenceQuestion out;
  if (object.contains("topic")) out.topic = TRY(field_of(object, "topic"));
  out.is_implied = object.value("kind", Json()) == "implied";
  out.question = TRY(field_of(object, "question"));
  out.options = TRY(options_of(object));
  out.preferences = TRY(preferences_of(object, out.options.size()));
  return out;
}

}  // namespace

Result<std::vector<PreferenceQuestion>> parse_preference_questions(std::string_view lines) {
  if (lines.size() > kPreferenceFileBytesMax) {
    return fail(ErrorCode::limit_exceeded,
                "more than " + std::to_string(kPreferenceFileBytesMax >> 20U) + " MiB");
  }
  std::vector<PreferenceQuestion> out;
  for (std::size_t number = 1; !lines.empty(); ++number) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    auto question = parse_line(line);
    if (!question) {
      return fail(question.error().code,
                  "line " + std::to_string(number) + ": " + question.error().what);
    }
    out.push_back(std::move(*question));
  }
  if (out.empty()) return fail(ErrorCode::corrupt_data, "there is no question in it");
  return out;
}

std::vector<PreferenceCase> preference_cases(std::span<const PreferenceQuestion> questions,
                                             std::uint64_t seed) {
  Rng rng(seed);
  std::vector<PreferenceCase> out;
  for (const PreferenceQuestion& question : questions) {
    for (const StatedPreference& one : question.preferences) {
      PreferenceCase made{one.text, question.question, question.options, one.answer,
                          question.is_implied};
      for (std::size_t i = made.options.size(); i > 1; --i) {
        const std::size_t to = rng.below(i);
        std::swap(made.options[i - 1], made.options[to]);
        if (made.right == i - 1 || made.right == to) made.right = i - 1 + to - made.right;
      }
      out.push_back(std::move(made));
    }
  }
  return out;
}

}  // namespace plmm::eval
