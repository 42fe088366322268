// A release as JSON.
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "protocol/json_parts.h"
#include "protocol/release.h"

namespace plmm::protocol {
namespace {

constexpr std::array kUses{
    std::pair{QuestionUse::selected, std::string_view("selected")},
    std::pair{QuestionUse::kept_apart, std::string_view("kept_apart")},
};

Json json_of(const ReleasePassage& passage) {
  return {{"document", passage.document}, {"title", passage.title}, {"text", passage.text}};
}

Json json_of(const ReleaseQuestion& question) {
  return {{"question", question.question},
          {"answers", question.answers},
          {"use", name_of(kUses, question.use)},
          {"right_before", question.right_before},
          {"right_after", question.right_after}};
}

Json json_of(const ExamFigures& exam) {
  return {{"n", exam.n},
          {"n_affected", exam.n_affected},
          {"n_before", exam.n_before},
          {"n_after", exam.n_after}};
}

Result<ReleasePassage> read_passage(const Fields& fields) {
  ReleasePassage out;
  out.document = TRY(fields.text("document"));
  out.title = TRY(fields.text("title"));
  out.text = TRY(fields.text("text"));
  return out;
}

Result<ReleaseQuestion> read_question(const Fields& fields) {
  ReleaseQuestion out;
  out.question = TRY(fields.text("question"));
  out.answers = TRY(fields.texts("answers", kExamAnswersMax));
  out.use = TRY(fields.one_of("use", kUses));
  out.right_before = TRY(fields.truth("right_before"));
  out.right_after = TRY(fields.truth("right_after"));
  return out;
}

Result<ExamFigures> read_exam(const Fields& fields) {
  ExamFigures out;
  out.n = TRY(fields.small_count("n"));
  out.n_affected = TRY(fields.small_count("n_affected"));
  out.n_before = TRY(fields.small_count("n_before"));
  out.n_after = TRY(fields.small_count("n_after"));
  return out;
}

Result<Release> read(const Fields& fields, Release out) {
  out.expert = TRY(fields.text("expert"));
  TRY(fields.bytes("expert_key", out.expert_key.bytes));
  out.number = TRY(fields.small_count("number"));
  out.parent = TRY(fields.small_count("parent"));
  out.made_ms = TRY(fields.time("made_ms"));
  out.model = TRY(fields.text("model"));
  out.passages = TRY(fields.objects("passages", kReleasePassagesMax, read_passage));
  out.questions = TRY(fields.objects("questions", kReleaseQuestionsMax, read_question));
  const auto exam = TRY(fields.object("exam"));
  out.exam = TRY(read_exam(exam));
  TRY(fields.bytes("teacher_key", out.teacher_key.bytes));
  TRY(fields.bytes("signature", out.signature.bytes));
  return out;
}

}  // namespace

Result<std::string> to_json(const Release& release) {
  TRY(checked(release, "release"));
  Json out = head("release");
  out.update({{"expert", release.expert},
              {"expert_key", hex_of(release.expert_key.bytes)},
              {"number", release.number},
              {"parent", release.parent},
              {"made_ms", release.made_ms},
              {"model", release.model},
              {"passages", list_of(release.passages, json_of)},
              {"questions", list_of(release.questions, json_of)},
              {"exam", json_of(release.exam)},
              {"teacher_key", hex_of(release.teacher_key.bytes)},
              {"signature", hex_of(release.signature.bytes)}});
  auto json = dump(out);
  if (json.size() <= kReleaseBytesMax) return json;
  return fail(ErrorCode::limit_exceeded,
              fmt::format("release: larger than {} bytes", kReleaseBytesMax));
}

Result<Release> parse_release(std::string_view json) {
  return parse<Release>(json, "release", read, kReleaseBytesMax);
}

}  // namespace plmm::protocol
