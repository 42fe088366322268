// The experts on this machine: where they are, and one of them running in this process.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "apps/plmm/context.h"
#include "apps/plmm/running_model.h"
#include "expert/library.h"
#include "expert/local_expert.h"
#include "infer/embedder.h"

namespace plmm::cli {

/// What experts and the router compare texts with: a name of the catalogue.
inline constexpr std::string_view kEmbeddingModel = "all-minilm-l6-v2";

/// invalid_argument for a name that none can have.
Result<> check_expert_name(std::string_view name);
/// The folder of one expert. invalid_argument for a name that is none.
Result<std::filesystem::path> expert_folder(const Context& context, std::string_view name);
/// Names of the experts here, sorted.
std::vector<std::string> experts_here(const Context& context);
/// The card of one of them. not_found; the errors of protocol::parse_card.
Result<protocol::ExpertCard> card_here(const Context& context, std::string_view name);

/// The embedding model of the catalogue; not_found names the command that brings it.
Result<std::unique_ptr<infer::Embedder>> load_embedder(
    const Context& context, infer::EmbedderPrecision precision = infer::EmbedderPrecision::f16);
/// The embedder outlives it.
expert::TextEmbedder text_embedder(infer::Embedder& embedder);

/// What the experts of one process share: the embedding model, and each base model once.
class ExpertModels {
 public:
  explicit ExpertModels(Context& context) : context_(context) {}
  Result<infer::Embedder*> embedder();
  Result<infer::Engine*> engine(const std::string& name);

 private:
  Context& context_;
  std::unique_ptr<infer::Embedder> embedder_;
  std::map<std::string, std::unique_ptr<infer::Engine>, std::less<>> engines_;
};

/// How many an expert answers at a time: one, as a person's own program needs it, or up to
/// kAskersMax together.
enum class Askers : std::uint8_t { one, many };
inline constexpr int kAskersMax = 16;

/// An expert with its library, answering in this process. not_found names the commands that help.
class ExpertHere {
 public:
  /// The models outlive it.
  static Result<std::unique_ptr<ExpertHere>> open(const Context& context, ExpertModels& models,
                                                  std::string_view name,
                                                  Askers askers = Askers::one);
  expert::LocalExpert& port() { return *expert_; }

 private:
  explicit ExpertHere(std::unique_ptr<expert::LocalExpert> expert) : expert_(std::move(expert)) {}
  std::unique_ptr<expert::LocalExpert> expert_;
};

}  // namespace plmm::cli
