// What a release may hold, and what its signature covers.
#include "protocol/release.h"

#include "base/narrow.h"
#include "crypto/hash.h"
#include "protocol/byte_order.h"
#include "protocol/field_checks.h"

namespace plmm::protocol {
namespace {

constexpr std::string_view kPurpose = "plmm release 1\n";

Result<> check_filled(std::string_view field, std::string_view text, std::size_t n_bytes_max) {
  if (text.empty()) return wrong(field, "is empty");
  return check_text(field, text, n_bytes_max);
}

Result<> check(const ReleasePassage& passage) {
  TRY(check_filled("document", passage.document, kTitleBytesMax));
  TRY(check_line("document", passage.document, kTitleBytesMax));
  TRY(check_line("title", passage.title, kTitleBytesMax));
  return check_filled("text", passage.text, kPassageBytesMax);
}

Result<> check(const ReleaseQuestion& question) {
  TRY(check_filled("question", question.question, kExamQuestionBytesMax));
  if (question.answers.empty()) return wrong("answers", "is empty");
  TRY(check_count("answers", question.answers.size(), kExamAnswersMax));
  for (const auto& answer : question.answers) {
    TRY(check_filled("answers", answer, kExamAnswerBytesMax));
  }
  return {};
}

crypto::Digest sha256_of(std::string_view bytes) { return crypto::sha256(bytes_of(bytes)); }

crypto::Digest digest_of_passages(const Release& release) {
  std::string out;
  append(out, narrow<std::uint32_t>(release.passages.size()));
  for (const auto& passage : release.passages) {
    append_text<std::uint32_t>(out, passage.document);
    append_text<std::uint32_t>(out, passage.title);
    append_text<std::uint32_t>(out, passage.text);
  }
  return sha256_of(out);
}

crypto::Digest digest_of_questions(const Release& release) {
  std::string out;
  append(out, narrow<std::uint32_t>(release.questions.size()));
  for (const auto& question : release.questions) {
    append_text<std::uint32_t>(out, question.question);
    append(out, narrow<std::uint32_t>(question.answers.size()));
    for (const auto& answer : question.answers) append_text<std::uint32_t>(out, answer);
    append(out, static_cast<std::uint8_t>(question.use));
    append(out, static_cast<std::uint8_t>(question.right_before));
    append(out, static_cast<std::uint8_t>(question.right_after));
  }
  return sha256_of(out);
}

}  // namespace

BeforeAfter figures(const Release& release, QuestionUse use) {
  BeforeAfter out;
  for (const auto& question : release.questions) {
    if (question.use != use) continue;
    ++out.n;
    out.n_before += question.right_before ? 1 : 0;
    out.n_after += question.right_after ? 1 : 0;
  }
  return out;
}

Result<> check(const Release& release) {
  TRY(check_name("expert", release.expert));
  if (release.parent == 0) return wrong("parent", "is 0; releases count from 1");
  if (release.number == 0 || release.number - 1 != release.parent) {
    return wrong("number", "does not follow 'parent'");
  }
  TRY(check_time("made_ms", release.made_ms));
  TRY(check_filled("model", release.model, kTitleBytesMax));
  TRY(check_line("model", release.model, kTitleBytesMax));
  if (release.passages.empty()) return wrong("passages", "is empty: there is nothing to add");
  TRY(check_count("passages", release.passages.size(), kReleasePassagesMax));
  for (const auto& passage : release.passages) TRY(check(passage));
  TRY(check_count("questions", release.questions.size(), kReleaseQuestionsMax));
  for (const auto& question : release.questions) TRY(check(question));
  const auto& exam = release.exam;
  if (exam.n_affected > exam.n || exam.n_before > exam.n_affected ||
      exam.n_after > exam.n_affected) {
    return wrong("exam", "counts more answers than questions");
  }
  return {};
}

std::string signed_bytes(const Release& release) {
  std::string out(kPurpose);
  append_text<std::uint16_t>(out, release.expert);
  append(out, release.expert_key.bytes);
  append(out, release.number);
  append(out, release.parent);
  append(out, narrow<std::uint64_t>(release.made_ms));
  append_text<std::uint16_t>(out, release.model);
  append(out, digest_of_passages(release));
  append(out, digest_of_questions(release));
  append(out, release.exam.n);
  append(out, release.exam.n_affected);
  append(out, release.exam.n_before);
  append(out, release.exam.n_after);
  append(out, release.teacher_key.bytes);
  return out;
}

crypto::Digest digest_of(const Release& release) { return sha256_of(signed_bytes(release)); }

void sign_release(Release& release, const crypto::KeyPair& teacher) {
  release.teacher_key = teacher.public_key();
  release.signature = teacher.sign(bytes_of(signed_bytes(release)));
}

bool verify_release(const Release& release) {
  if (!check(release)) return false;
  return crypto::verify(release.teacher_key, bytes_of(signed_bytes(release)), release.signature);
}

}  // namespace plmm::protocol
