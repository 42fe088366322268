// Reads the bench's questions and profile; see loop_data.h.
#include "apps/plmm/suites/loop_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json_object.h"
#include "bench/machine.h"
#include "eval/right.h"
#include "expert/presets.h"
#include "reader/documents.h"
#include "text/unicode.h"

namespace plmm::suites {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr int kDepthMax = 4;
constexpr std::string_view kFolder = "testdata/loop";

Result<std::string> text_of(const Json& object, const char* key, std::size_t n_bytes_max) {
  const auto field = object.find(key);
  if (field == object.end() || !field->is_string())
    return fail(ErrorCode::corrupt_data, fmt::format("'{}' is missing or not a string", key));
  auto out = field->get<std::string>();
  if (out.empty() || out.size() > n_bytes_max || text::valid_bytes(out) != out.size()) {
    return fail(ErrorCode::corrupt_data,
                fmt::format("'{}' is empty, not UTF-8 or over {} bytes", key, n_bytes_max));
  }
  return out;
}

/// The aliases, as an exam has them; a personal question may have none.
Result<std::vector<std::string>> answers_of(const Json& object) {
  const auto field = object.find("answers");
  if (field == object.end() || !field->is_array() || field->size() > eval::kExamAnswersMax)
    return fail(ErrorCode::corrupt_data, "'answers' is missing, no list, or too long");
  std::vector<std::string> out;
  for (const Json& answer : *field) {
    const auto* text = answer.get_ptr<const std::string*>();
    if (text == nullptr || text->size() > eval::kExamAnswerBytesMax || !eval::has_words(*text))
      return fail(ErrorCode::corrupt_data, "'answers' has an item without a word, or a long one");
    out.push_back(*text);
  }
  return out;
}

Result<LoopQuestion> question_of(const Json& object) {
  LoopQuestion out;
  out.kind = TRY(text_of(object, "kind", 32));
  out.exam.question = TRY(text_of(object, "question", eval::kExamQuestionBytesMax));
  out.exam.answers = TRY(answers_of(object));
  out.exam.topic = out.kind;
  if (object.contains("source"))
    out.source = TRY(text_of(object, "source", reader::kTitleBytesMax));
  if (!out.is_for_expert()) return out;
  if (expert::find_preset(out.kind) == nullptr) {
    return fail(ErrorCode::corrupt_data,
                "'kind' is neither general nor personal nor the name of a known expert");
  }
  if (out.exam.answers.empty())
    return fail(ErrorCode::corrupt_data, "a question for an expert has no 'answers'");
  return out;
}

}  // namespace

std::vector<std::string> LoopData::experts() const {
  std::vector<std::string> out;
  for (const auto& preset : expert::presets()) {
    if (std::ranges::find(questions, preset.name, &LoopQuestion::kind) != questions.end())
      out.emplace_back(preset.name);
  }
  return out;
}

Result<std::vector<LoopQuestion>> parse_loop_questions(std::string_view jsonl) {
  std::vector<LoopQuestion> out;
  for (std::size_t number = 1; !jsonl.empty(); ++number) {
    const auto end = std::min(jsonl.find('\n'), jsonl.size());
    const auto line = jsonl.substr(0, end);
    jsonl.remove_prefix(std::min(end + 1, jsonl.size()));
    if (line.empty()) continue;
    const auto object = parse_object<Json>(line.substr(0, eval::kExamLineBytesMax), kDepthMax);
    if (object.is_discarded())
      return fail(ErrorCode::corrupt_data, fmt::format("line {}: it is no JSON object", number));
    auto question = question_of(object);
    if (!question)
      return fail(question.error().code, fmt::format("line {}: {}", number, question.error().what));
    if (out.size() == eval::kExamQuestionsMax)
      return fail(ErrorCode::limit_exceeded, "it has too many questions");
    out.push_back(*std::move(question));
  }
  if (!out.empty()) return out;
  return fail(ErrorCode::corrupt_data, "it has no question");
}

Result<std::vector<std::pair<personal::Slot, std::string>>> parse_loop_profile(
    std::string_view json) {
  const auto object = parse_object<Json>(json, kDepthMax);
  if (object.is_discarded()) return fail(ErrorCode::corrupt_data, "it is no JSON object");
  std::vector<std::pair<personal::Slot, std::string>> out;
  for (const auto& [key, value] : object.items()) {
    const auto slot = personal::slot_named(key);
    if (!slot) return fail(ErrorCode::corrupt_data, "it has a slot that no profile has");
    const auto values = value.is_array() ? value : Json::array({value});
    for (const Json& one : values) {
      const auto* text = one.get_ptr<const std::string*>();
      if (text == nullptr)
        return fail(ErrorCode::corrupt_data, "a slot has a value that is no text");
      out.emplace_back(*slot, *text);
    }
  }
  return out;
}

Result<LoopData> read_loop_data(std::span<const fs::path> files) {
  fs::path questions;
  fs::path profile;
  for (const auto& file : files) (file.extension() == ".json" ? profile : questions) = file;
  if (questions.empty())
    questions = TRY(bench::find_in_checkout(fs::path(kFolder) / "questions.jsonl"));
  if (profile.empty()) profile = TRY(bench::find_in_checkout(fs::path(kFolder) / "profile.json"));
  LoopData out;
  const auto jsonl = TRY(read_file(questions, eval::kExamBytesMax));
  auto asked = parse_loop_questions(jsonl);
  if (!asked) return fail(asked.error().code, questions.string() + ": " + asked.error().what);
  const auto json = TRY(read_file(profile, eval::kExamLineBytesMax));
  auto told = parse_loop_profile(json);
  if (!told) return fail(told.error().code, profile.string() + ": " + told.error().what);
  out.questions = *std::move(asked);
  out.profile = *std::move(told);
  return out;
}

}  // namespace plmm::suites
