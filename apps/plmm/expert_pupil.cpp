// A staged copy of the library takes what is studied; see expert_pupil.h.
#include "apps/plmm/expert_pupil.h"

#include "expert/releases.h"

namespace plmm::cli {
namespace {

/// Of the words: how lines are broken makes no other passage.
crypto::Digest digest_of(std::string_view text) {
  std::string words;
  for (const char c : text) {
    const bool is_space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!is_space) words += c;
    if (is_space && !words.ends_with(' ')) words += ' ';
  }
  return crypto::sha256(std::as_bytes(std::span(words)));
}

}  // namespace

Result<ExpertPupil> ExpertPupil::create(expert::LocalExpert& expert,
                                        expert::TextEmbedder embedder) {
  ExpertPupil out(expert, std::move(embedder));
  TRY(expert.library().each([&](const expert::NewPassage& passage) -> Result<> {
    out.texts_.insert(digest_of(passage.text));
    return {};
  }));
  return out;
}

expert::Library& ExpertPupil::library(teacher::From from) {
  return from == teacher::From::copy && copy_ ? copy_->library() : expert_->library();
}

Result<std::string> ExpertPupil::answer(const std::string& question, teacher::From from,
                                        const Cancel& cancel) {
  return expert_->examinee(library(from), cancel).answer(question);
}

Result<bool> ExpertPupil::holds(const teacher::Passage& passage) {
  return texts_.contains(digest_of(passage.text));
}

Result<std::vector<teacher::Passage>> ExpertPupil::reads(const std::string& question) {
  const Cancel cancel;
  const auto hits = TRY(expert_->examinee(expert_->library(), cancel).passages(question));
  std::vector<teacher::Passage> out;
  for (const auto& hit : hits) out.push_back({hit.document, hit.title, hit.text});
  return out;
}

Result<> ExpertPupil::study(std::span<const teacher::Passage> passages, const Cancel& cancel) {
  if (cancel.requested()) return fail(ErrorCode::cancelled, "stopped; nothing was changed");
  if (!copy_) {
    copy_.emplace(TRY(expert::StagedLibrary::stage(expert_->library().folder(), embedder_)));
  }
  return expert::add_passages(copy_->library(), passages, copy_->next_release());
}

Result<bool> ExpertPupil::is_affected(const std::string& question) {
  const Cancel cancel;
  const auto before = TRY(expert_->examinee(expert_->library(), cancel).reading(question));
  const auto after = TRY(expert_->examinee(library(teacher::From::copy), cancel).reading(question));
  return before != after;
}

}  // namespace plmm::cli
