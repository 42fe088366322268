// An expert of this machine as its teacher sees it.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "crypto/hash.h"
#include "expert/local_expert.h"
#include "expert/staging.h"
#include "teacher/pupil.h"

namespace plmm::cli {

class ExpertPupil : public teacher::Pupil {
 public:
  /// The expert and what the embedder needs outlive it. Reads all passages once.
  static Result<ExpertPupil> create(expert::LocalExpert& expert, expert::TextEmbedder embedder);

  Result<std::string> answer(const std::string& question, teacher::From from,
                             const Cancel& cancel) override;
  Result<bool> holds(const teacher::Passage& passage) override;
  Result<std::vector<teacher::Passage>> reads(const std::string& question) override;
  /// While the copy is there, nobody else can change the expert.
  Result<> study(std::span<const teacher::Passage> passages, const Cancel& cancel) override;
  Result<bool> is_affected(const std::string& question) override;

 private:
  ExpertPupil(expert::LocalExpert& expert, expert::TextEmbedder embedder)
      : expert_(&expert), embedder_(std::move(embedder)) {}
  expert::Library& library(teacher::From from);

  expert::LocalExpert* expert_;
  expert::TextEmbedder embedder_;
  std::set<crypto::Digest> texts_;  // of the library's passages
  std::optional<expert::StagedLibrary> copy_;
};

}  // namespace plmm::cli
