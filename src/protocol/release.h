// A release: what a teacher adds to an expert's library, with the proof that it helps.
// docs/formats/protocol.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/sign.h"
#include "protocol/messages.h"

namespace plmm::protocol {

inline constexpr std::size_t kReleaseBytesMax = 16 << 20;  // of the message
inline constexpr std::size_t kReleasePassagesMax = 4'096;
inline constexpr std::size_t kReleaseQuestionsMax = 1'024;
inline constexpr std::size_t kExamQuestionBytesMax = 4'096;
inline constexpr std::size_t kExamAnswersMax = 32;
inline constexpr std::size_t kExamAnswerBytesMax = 500;

/// A piece of a document, as the library will show it in citations.
struct ReleasePassage {
  std::string document;
  std::string title;
  std::string text;
  bool operator==(const ReleasePassage&) const = default;
};

/// selected: what the expert failed here decided what the release holds. kept_apart: only tested.
enum class QuestionUse : std::uint8_t { selected = 0, kept_apart = 1 };

/// A question that the teacher asked, and whether the expert was right before and after.
struct ReleaseQuestion {
  std::string question;
  std::vector<std::string> answers;  // each of them is right
  QuestionUse use = QuestionUse::selected;
  bool right_before = false;
  bool right_after = false;
  bool operator==(const ReleaseQuestion&) const = default;
};

/// Of n questions, how many the expert answered rightly before the release and with it.
struct BeforeAfter {
  std::uint32_t n = 0;
  std::uint32_t n_before = 0;
  std::uint32_t n_after = 0;
  bool operator==(const BeforeAfter&) const = default;
};

/// The expert's own kept-apart questions, about all that it knows. Only where the release changes
/// what an answer is made from, it is answered again: all others stay as they were.
struct ExamFigures {
  std::uint32_t n = 0;           // questions of the exam
  std::uint32_t n_affected = 0;  // of these, answered without the release and with it
  std::uint32_t n_before = 0;    // of the affected ones, right without it
  std::uint32_t n_after = 0;     // likewise, right with it
  bool operator==(const ExamFigures&) const = default;
};

/// For one expert (name and key), on top of one release of it. It only adds passages.
struct Release {
  std::string expert;
  crypto::PublicKey expert_key{};
  std::uint32_t number = 2;  // parent + 1
  std::uint32_t parent = 1;  // the expert's release that it was tested with
  std::int64_t made_ms = 0;  // since 1970, UTC
  std::string model;         // that wrote the questions; "people" when they did
  std::vector<ReleasePassage> passages;
  std::vector<ReleaseQuestion> questions;
  ExamFigures exam;
  crypto::PublicKey teacher_key{};
  crypto::Signature signature{};
  bool operator==(const Release&) const = default;
};

/// The figures of the questions of one use.
BeforeAfter figures(const Release& release, QuestionUse use);

/// As for the messages (messages.h); also invalid_argument for a number that does not follow its
/// parent, and for a release without passages.
Result<> check(const Release& release);

/// The bytes under the signature (Ed25519 by the teacher's key), integers big-endian:
///   "plmm release 1\n" · length of expert [2] · expert · expert's key [32] · number [4] ·
///   parent [4] · made [8] · length of model [2] · model · SHA-256 of the passages [32] · SHA-256
///   of the questions [32] · exam: n [4], affected [4], before [4], after [4] · teacher's key [32]
/// The passages are hashed as their number [4], then for each document, title and text, as length
/// [4] and bytes; the questions as their number [4], then for each the question, the number of its
/// answers [4], the answers, use [1], right before [1], right after [1]. Needs: check(release).
std::string signed_bytes(const Release& release);
/// SHA-256 of the signed bytes: which release it is.
crypto::Digest digest_of(const Release& release);

/// Fills teacher_key and signature. Needs: check(release).
void sign_release(Release& release, const crypto::KeyPair& teacher);
/// Whether the owner of release.teacher_key signed it; that it is the right teacher, the caller
/// checks.
bool verify_release(const Release& release);

/// Canonical JSON, as in json.h, and back; larger than other messages: kReleaseBytesMax.
Result<std::string> to_json(const Release& release);
Result<Release> parse_release(std::string_view json);

/// A teacher, in this process or over a wire. One thread at a time for each port.
class TeacherPort {
 public:
  virtual ~TeacherPort() = default;

  /// The release of this expert whose parent is `number`; not_found when there is none (the expert
  /// is up to date). Whoever does not trust the port verifies what comes.
  virtual Result<Release> release_after(std::string_view expert, std::uint32_t number) = 0;
};

}  // namespace plmm::protocol
