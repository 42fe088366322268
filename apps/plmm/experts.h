// The experts on this machine: where they are, and one of them running in this process.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "apps/plmm/context.h"
#include "apps/plmm/running_model.h"
#include "expert/library.h"
#include "expert/local_expert.h"
#include "infer/embedder.h"

namespace plmm::cli {

/// The folder of one expert. invalid_argument for a name that is none.
Result<std::filesystem::path> expert_folder(const Context& context, std::string_view name);
/// Names of the experts here, sorted.
std::vector<std::string> experts_here(const Context& context);

/// The embedding model of the catalogue; not_found names the command that brings it.
Result<std::unique_ptr<infer::Embedder>> load_embedder(const Context& context);
/// The embedder outlives it.
expert::TextEmbedder text_embedder(infer::Embedder& embedder);

/// An expert with its library, its base model and the embeddings. not_found names the commands that
/// help.
class ExpertHere {
 public:
  static Result<std::unique_ptr<ExpertHere>> open(Context& context, std::string_view name);
  expert::LocalExpert& port() { return *expert_; }

 private:
  ExpertHere() = default;
  std::unique_ptr<infer::Embedder> embedder_;
  std::unique_ptr<infer::Engine> engine_;
  std::unique_ptr<expert::LocalExpert> expert_;  // before the others go
};

}  // namespace plmm::cli
