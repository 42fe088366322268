// Reading of questions with preferences; each field is checked before it is used.
#include "eval/preference_questions.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json_object.h"
#include "text/unicode.h"

namespace plmm::eval {
namespace {

using Json = nlohmann::json;

constexpr int kDepthMax = 8;  // a line has three levels; fields that nobody knows may have more

Result<std::string> text_of(const Json& object, const char* field) {
  const auto value = object.find(field);
  std::string name("\"");
  name.append(field).append("\"");
  if (value == object.end() || !value->is_string())
    return fail(ErrorCode::corrupt_data, name + " is missing or no text");
  auto out = value->get<std::string>();
  if (out.find_first_not_of(" \t\r\n") == std::string::npos)
    return fail(ErrorCode::corrupt_data, name + " is empty");
  if (out.size() > kPreferenceTextBytesMax) {
    return fail(ErrorCode::limit_exceeded,
                name + " has more than " + std::to_string(kPreferenceTextBytesMax) + " bytes");
  }
  if (text::valid_bytes(out) != out.size())
    return fail(ErrorCode::corrupt_data, name + " is no UTF-8");
  return out;
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
  if (list == object.end() || !list->is_array() || list->size() < 2 || list->size() > kOptionsMax) {
    return fail(ErrorCode::corrupt_data,
                "\"options\" is no list of 2 to " + std::to_string(kOptionsMax) + " texts");
  }
  std::vector<std::string> out;
  for (const Json& option : *list)
    out.push_back(TRY(text_of(Json{{"options", option}}, "options")));
  return out;
}

Result<StatedPreference> preference_of(const Json& object, const char* field,
                                       std::size_t n_options) {
  // One after the other: a list in braces that is left halfway would leak what it has.
  StatedPreference out;
  out.text = TRY(text_of(object, field));
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
  if (list == object.end() || !list->is_array() || list->empty() || list->size() > kStatementsMax) {
    return fail(ErrorCode::corrupt_data,
                "\"preferences\" is no list of 1 to " + std::to_string(kStatementsMax));
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
  if (object.contains("topic")) out.topic = TRY(text_of(object, "topic"));
  out.is_implied = object.value("kind", Json()) == "implied";
  out.question = TRY(text_of(object, "question"));
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

}  // namespace plmm::eval
