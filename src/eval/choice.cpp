// Reading and writing of questions with choices; each field is checked before it is used.
#include "eval/choice.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/json_object.h"
#include "eval/checked_text.h"

namespace plmm::eval {
namespace {

using Json = nlohmann::json;

constexpr int kDepthMax = 8;  // a line has two levels; fields that nobody knows may have more

Result<std::string> text_of(const std::string& field, const Json& value, std::size_t n_bytes_max) {
  if (!value.is_string()) return fail(ErrorCode::corrupt_data, field + " is not a string");
  return checked_text(field, value.get<std::string>(), n_bytes_max);
}

Result<std::vector<std::string>> choices_of(const Json& object) {
  auto list = object.find("choices");
  if (list == object.end()) list = object.find("options");
  if (list == object.end() || !list->is_array())
    return fail(ErrorCode::corrupt_data, "'choices' is missing or not a list");
  if (list->size() < 2 || list->size() > kChoicesMax) {
    return fail(ErrorCode::limit_exceeded,
                "'choices' must have 2 to " + std::to_string(kChoicesMax) + " items");
  }
  std::vector<std::string> out;
  for (const Json& item : *list) out.push_back(TRY(text_of("a choice", item, kChoiceBytesMax)));
  return out;
}

/// The index that a letter means.
std::optional<std::size_t> index_of_letter(std::string_view text, std::size_t n) {
  if (text.size() != 1) return {};
  const char letter = text[0];
  const bool is_small = letter >= 'a' && letter <= 'z';
  const auto index = static_cast<std::size_t>(letter - (is_small ? 'a' : 'A'));
  if (!is_small && (letter < 'A' || letter > 'Z')) return {};
  return index < n ? std::optional(index) : std::nullopt;
}

Result<std::size_t> answer_of(const Json& object, const std::vector<std::string>& choices) {
  const auto answer = object.find("answer");
  if (answer == object.end()) return fail(ErrorCode::corrupt_data, "'answer' is missing");
  if (answer->is_number_unsigned()) {
    const auto index = answer->get<std::uint64_t>();
    if (index < choices.size()) return static_cast<std::size_t>(index);
    return fail(ErrorCode::corrupt_data, "'answer' is no index of 'choices' (they count from 0)");
  }
  if (answer->is_string()) {
    const auto& text = answer->get_ref<const std::string&>();
    const auto letter = index_of_letter(text, choices.size());
    const auto found = std::ranges::find(choices, text);
    const auto index = static_cast<std::size_t>(found - choices.begin());
    if (letter && found != choices.end() && *letter != index)
      return fail(ErrorCode::corrupt_data, "'answer' is the letter of one choice and another one");
    if (letter) return *letter;
    if (found != choices.end()) return index;
  }
  return fail(ErrorCode::corrupt_data,
              "'answer' is neither an index from 0, nor a letter from A, nor one of 'choices'");
}

}  // namespace

Result<ChoiceQuestion> read_choice_line(std::string_view line) {
  if (line.size() > kChoiceLineBytesMax) {
    return fail(ErrorCode::limit_exceeded,
                "it has more than " + std::to_string(kChoiceLineBytesMax) + " bytes");
  }
  const Json object = parse_object<Json>(line, kDepthMax);
  if (object.is_discarded()) return fail(ErrorCode::corrupt_data, "it is not a JSON object");
  const auto question = object.find("question");
  if (question == object.end()) return fail(ErrorCode::corrupt_data, "'question' is missing");
  ChoiceQuestion out;
  out.question = TRY(text_of("'question'", *question, kChoiceQuestionBytesMax));
  out.choices = TRY(choices_of(object));
  out.answer = TRY(answer_of(object, out.choices));
  return out;
}

std::string write_choice_line(const ChoiceQuestion& question) {
  return Json{
      {"question", question.question}, {"choices", question.choices}, {"answer", question.answer}}
      .dump();
}

}  // namespace plmm::eval
