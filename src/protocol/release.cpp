// What a release may hold, and what its signature covers.
#include "protocol/release.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "base/narrow.h"
#include "crypto/hash.h"
#include "protocol/byte_order.h"
#include "text/unicode.h"

namespace plmm::protocol {
namespace {

constexpr std::string_view kPurpose = "plmm release 1\n";

std::unexpected<Error> wrong(std::string_view field, std::string_view what) {
  return fail(ErrorCode::invalid_argument, fmt::format("'{}' {}", field, what));
}

Result<> check_size(std::string_view field, std::size_t n, std::size_t n_max,
                    std::string_view unit) {
  if (n <= n_max) return {};
  return fail(ErrorCode::limit_exceeded,
              fmt::format("'{}' has {} {}, at most {} are allowed", field, n, unit, n_max));
}

enum class Lines : std::uint8_t { one, many };

/// UTF-8 of 1 … `n_bytes_max` bytes; a text in one line has no control characters.
Result<> check_text(std::string_view field, std::string_view text, std::size_t n_bytes_max,
                    Lines lines) {
  if (text.empty()) return wrong(field, "is empty");
  TRY(check_size(field, text.size(), n_bytes_max, "bytes"));
  const auto at = text::valid_bytes(text);
  if (at != text.size()) return wrong(field, fmt::format("is not UTF-8 at byte {}", at));
  const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
  if (lines == Lines::one && std::ranges::any_of(text, control)) {
    return wrong(field, "has a control character");
  }
  return {};
}

Result<> check(const ReleasePassage& passage) {
  TRY(check_text("document", passage.document, kTitleBytesMax, Lines::one));
  if (!passage.title.empty()) {
    TRY(check_text("title", passage.title, kTitleBytesMax, Lines::one));
  }
  return check_text("text", passage.text, kPassageBytesMax, Lines::many);
}

Result<> check(const ReleaseQuestion& question) {
  TRY(check_text("question", question.question, kExamQuestionBytesMax, Lines::many));
  if (question.answers.empty()) return wrong("answers", "is empty");
  TRY(check_size("answers", question.answers.size(), kExamAnswersMax, "answers"));
  for (const auto& answer : question.answers) {
    TRY(check_text("answers", answer, kExamAnswerBytesMax, Lines::many));
  }
  return {};
}

void append_text(std::string& out, std::string_view text) {
  append(out, narrow<std::uint32_t>(text.size()));
  out += text;
}

template <class Bytes>
void append_bytes(std::string& out, const Bytes& bytes) {
  out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

crypto::Digest sha256_of(std::string_view bytes) {
  return crypto::sha256(std::as_bytes(std::span(bytes)));
}

crypto::Digest digest_of_passages(const Release& release) {
  std::string out;
  append(out, narrow<std::uint32_t>(release.passages.size()));
  for (const auto& passage : release.passages) {
    append_text(out, passage.document);
    append_text(out, passage.title);
    append_text(out, passage.text);
  }
  return sha256_of(out);
}

crypto::Digest digest_of_questions(const Release& release) {
  std::string out;
  append(out, narrow<std::uint32_t>(release.questions.size()));
  for (const auto& question : release.questions) {
    append_text(out, question.question);
    append(out, narrow<std::uint32_t>(question.answers.size()));
    for (const auto& answer : question.answers) append_text(out, answer);
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
  if (!is_name(release.expert)) {
    return wrong("expert", "is not a name of lower-case letters, digits and -");
  }
  if (release.parent == 0) return wrong("parent", "is 0; releases count from 1");
  if (release.number == 0 || release.number - 1 != release.parent) {
    return wrong("number", "does not follow 'parent'");
  }
  if (release.made_ms < 0) return wrong("made_ms", "is negative");
  if (release.made_ms > kIntegerMax) {
    return fail(ErrorCode::limit_exceeded, "'made_ms' is over 2^53 - 1");
  }
  TRY(check_text("model", release.model, kTitleBytesMax, Lines::one));
  if (release.passages.empty()) return wrong("passages", "is empty: there is nothing to add");
  TRY(check_size("passages", release.passages.size(), kReleasePassagesMax, "passages"));
  for (const auto& passage : release.passages) TRY(check(passage));
  TRY(check_size("questions", release.questions.size(), kReleaseQuestionsMax, "questions"));
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
  append(out, narrow<std::uint16_t>(release.expert.size()));
  out += release.expert;
  append_bytes(out, release.expert_key.bytes);
  append(out, release.number);
  append(out, release.parent);
  append(out, narrow<std::uint64_t>(release.made_ms));
  append(out, narrow<std::uint16_t>(release.model.size()));
  out += release.model;
  append_bytes(out, digest_of_passages(release));
  append_bytes(out, digest_of_questions(release));
  append(out, release.exam.n);
  append(out, release.exam.n_affected);
  append(out, release.exam.n_before);
  append(out, release.exam.n_after);
  append_bytes(out, release.teacher_key.bytes);
  return out;
}

crypto::Digest digest_of(const Release& release) { return sha256_of(signed_bytes(release)); }

void sign_release(Release& release, const crypto::KeyPair& teacher) {
  release.teacher_key = teacher.public_key();
  const auto bytes = signed_bytes(release);
  release.signature = teacher.sign(std::as_bytes(std::span(bytes)));
}

bool verify_release(const Release& release) {
  if (!check(release)) return false;
  const auto bytes = signed_bytes(release);
  return crypto::verify(release.teacher_key, std::as_bytes(std::span(bytes)), release.signature);
}

}  // namespace plmm::protocol
