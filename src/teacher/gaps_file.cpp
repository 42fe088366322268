// Lines of JSON; each field is checked before it is used.
#include "teacher/gaps_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_object.h"
#include "eval/right.h"
#include "text/unicode.h"

namespace plmm::teacher {
namespace {

using Json = nlohmann::json;  // keeps keys in the order of their bytes

constexpr int kVersion = 1;
constexpr int kDepthMax = 4;

std::unexpected<Error> wrong(std::string_view field, std::string_view what) {
  return fail(ErrorCode::corrupt_data, fmt::format("'{}' {}", field, what));
}

enum class Empty : std::uint8_t { allowed, refused };

Result<> check_text(std::string_view field, std::string_view text, std::size_t n_bytes_max,
                    Empty empty) {
  if (text.size() > n_bytes_max) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("'{}' has more than {} bytes", field, n_bytes_max));
  }
  if (text.empty() && empty == Empty::refused) return wrong(field, "is empty");
  if (text::valid_bytes(text) != text.size()) return wrong(field, "is not UTF-8");
  return {};
}

Result<> check_list(std::string_view field, std::size_t n, std::size_t n_max) {
  if (n <= n_max) return {};
  return fail(ErrorCode::limit_exceeded, fmt::format("'{}' has more than {} items", field, n_max));
}

Result<> check(const AskedQuestion& asked) {
  TRY(check_text("question", asked.exam.question, protocol::kExamQuestionBytesMax, Empty::refused));
  if (asked.exam.answers.empty()) return wrong("answers", "is empty");
  TRY(check_list("answers", asked.exam.answers.size(), protocol::kExamAnswersMax));
  for (const auto& answer : asked.exam.answers) {
    TRY(check_text("answers", answer, protocol::kExamAnswerBytesMax, Empty::refused));
    if (!eval::has_words(answer)) return wrong("answers", "has one without letters and digits");
  }
  TRY(check_text("topic", asked.exam.topic, eval::kExamTopicBytesMax, Empty::allowed));
  TRY(check_text("said", asked.said, kSaidBytesMax, Empty::allowed));
  if (!asked.passage) return {};
  TRY(check_text("document", asked.passage->document, protocol::kTitleBytesMax, Empty::refused));
  TRY(check_text("title", asked.passage->title, protocol::kTitleBytesMax, Empty::allowed));
  return check_text("text", asked.passage->text, protocol::kPassageBytesMax, Empty::refused);
}

Result<> check_head(const GapsFile& gaps) {
  if (!protocol::is_name(gaps.expert)) return wrong("expert", "is not a name");
  if (gaps.release == 0) return wrong("release", "is 0");
  if (gaps.made_ms < 0 || gaps.made_ms > protocol::kIntegerMax) return wrong("made_ms", "is none");
  TRY(check_text("model", gaps.model, protocol::kTitleBytesMax, Empty::refused));
  TRY(check_list("sources", gaps.sources.size(), kSourcesMax));
  for (const auto& source : gaps.sources) {
    TRY(check_text("sources", source, kSourcePathBytesMax, Empty::refused));
  }
  return {};
}

Result<std::string> text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) {
    return wrong(key, "is missing or not a string");
  }
  return found->get<std::string>();
}

Result<std::vector<std::string>> list_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) return wrong(key, "is missing or not a list");
  std::vector<std::string> out;
  for (const auto& item : *found) {
    if (!item.is_string()) return wrong(key, "has an item that is not a string");
    out.push_back(item.get<std::string>());
  }
  return out;
}

Result<std::uint64_t> count_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_unsigned()) {
    return wrong(key, "is missing or not a whole number");
  }
  return found->get<std::uint64_t>();
}

Result<GapsFile> head_of(const Json& object) {
  const auto version = TRY(count_of(object, "version"));
  if (version != kVersion) {
    return fail(ErrorCode::unsupported,
                fmt::format("it is of version {}, this plmm reads version {}. Update plmm", version,
                            kVersion));
  }
  GapsFile out;
  if (TRY(text_of(object, "kind")) != "gaps") return wrong("kind", "is another");
  out.expert = TRY(text_of(object, "expert"));
  const auto release = TRY(count_of(object, "release"));
  if (!std::in_range<std::uint32_t>(release)) return wrong("release", "is over 4,294,967,295");
  out.release = static_cast<std::uint32_t>(release);
  out.model = TRY(text_of(object, "model"));
  const auto made_ms = TRY(count_of(object, "made_ms"));
  if (!std::in_range<std::int64_t>(made_ms)) return wrong("made_ms", "is none");
  out.made_ms = static_cast<std::int64_t>(made_ms);
  out.sources = TRY(list_of(object, "sources"));
  TRY(check_head(out));
  return out;
}

Result<AskedQuestion> question_of(const Json& object) {
  AskedQuestion out;
  out.exam.question = TRY(text_of(object, "question"));
  out.exam.answers = TRY(list_of(object, "answers"));
  if (object.contains("topic")) out.exam.topic = TRY(text_of(object, "topic"));
  out.said = TRY(text_of(object, "said"));
  const auto right = object.find("right");
  if (right == object.end() || !right->is_boolean()) return wrong("right", "is neither");
  out.is_right = right->get<bool>();
  if (object.contains("text")) {
    Passage passage;
    passage.document = TRY(text_of(object, "document"));
    passage.title = TRY(text_of(object, "title"));
    passage.text = TRY(text_of(object, "text"));
    out.passage = std::move(passage);
  }
  TRY(check(out));
  return out;
}

Json json_of(const AskedQuestion& asked) {
  Json out{{"question", asked.exam.question},
           {"answers", asked.exam.answers},
           {"said", asked.said},
           {"right", asked.is_right}};
  if (!asked.exam.topic.empty()) out["topic"] = asked.exam.topic;
  if (asked.passage) {
    out.update({{"document", asked.passage->document},
                {"title", asked.passage->title},
                {"text", asked.passage->text}});
  }
  return out;
}

/// `what` with the line before it.
template <class T>
Result<T> at_line(std::size_t number, Result<T> result) {
  if (result) return result;
  return fail(result.error().code, fmt::format("gaps, line {}: {}", number, result.error().what));
}

Result<> read_line(std::string_view line, std::size_t number, GapsFile& out) {
  const auto object = parse_object<Json>(line, kDepthMax);
  if (object.is_discarded()) return fail(ErrorCode::corrupt_data, "it is not a JSON object");
  if (number == 1) {
    out = TRY(head_of(object));
    return {};
  }
  if (out.questions.size() == kGapQuestionsMax) {
    return check_list("questions", kGapQuestionsMax + 1, kGapQuestionsMax);
  }
  out.questions.push_back(TRY(question_of(object)));
  return {};
}

}  // namespace

Result<std::string> write_gaps(const GapsFile& gaps) {
  TRY(at_line(1, check_head(gaps)));
  TRY(at_line(1, check_list("questions", gaps.questions.size(), kGapQuestionsMax)));
  const Json head{{"kind", "gaps"},          {"version", kVersion}, {"expert", gaps.expert},
                  {"release", gaps.release}, {"model", gaps.model}, {"made_ms", gaps.made_ms},
                  {"sources", gaps.sources}};
  std::string out = head.dump() + "\n";
  for (std::size_t i = 0; i < gaps.questions.size(); ++i) {
    TRY(at_line(i + 2, check(gaps.questions[i])));
    out += json_of(gaps.questions[i]).dump() + "\n";
  }
  if (out.size() <= kGapsBytesMax) return out;
  return fail(ErrorCode::limit_exceeded, fmt::format("gaps: larger than {} bytes", kGapsBytesMax));
}

Result<GapsFile> read_gaps(std::string_view jsonl) {
  if (jsonl.size() > kGapsBytesMax) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("gaps: larger than {} bytes", kGapsBytesMax));
  }
  GapsFile out;
  std::size_t number = 0;
  while (!jsonl.empty()) {
    const auto end = std::min(jsonl.find('\n'), jsonl.size());
    ++number;
    TRY(at_line(number, read_line(jsonl.substr(0, end), number, out)));
    jsonl.remove_prefix(std::min(end + 1, jsonl.size()));
  }
  if (number == 0) return fail(ErrorCode::corrupt_data, "gaps: the file is empty");
  return out;
}

}  // namespace plmm::teacher
