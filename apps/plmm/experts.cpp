// Opens experts; see experts.h.
#include "apps/plmm/experts.h"

#include <algorithm>

#include "apps/plmm/prefixes.h"
#include "base/file.h"
#include "base/narrow.h"
#include "catalog/catalog.h"
#include "infer/shared_batch.h"
#include "model/packed_lora.h"
#include "protocol/json.h"

namespace plmm::cli {

Result<> check_expert_name(std::string_view name) {
  if (protocol::is_name(name)) return {};
  return fail(ErrorCode::invalid_argument,
              "an expert's name is lower-case letters, digits and -, such as it or finance-2");
}

Result<std::filesystem::path> expert_folder(const Context& context, std::string_view name) {
  TRY(check_expert_name(name));
  return context.paths.data / "experts" / name;
}

std::vector<std::string> experts_here(const Context& context) {
  std::vector<std::string> out;
  std::error_code absent;
  for (const auto& entry :
       std::filesystem::directory_iterator(context.paths.data / "experts", absent)) {
    const auto name = entry.path().filename().string();
    if (protocol::is_name(name) && std::filesystem::exists(entry.path() / "card.json", absent))
      out.push_back(name);
  }
  std::ranges::sort(out);
  return out;
}

Result<protocol::ExpertCard> card_here(const Context& context, std::string_view name) {
  const auto folder = TRY(expert_folder(context, name));
  const auto text = read_file(folder / "card.json", protocol::kMessageBytesMax);
  if (!text && text.error().code == ErrorCode::not_found) {
    return fail(ErrorCode::not_found,
                "there is no such expert here. Run: plmm expert ls  (or: plmm "
                "expert create NAME --docs PATH)");
  }
  if (!text) return std::unexpected(text.error());
  return protocol::parse_card(*text);
}

Result<std::unique_ptr<infer::Embedder>> load_embedder(const Context& context,
                                                       infer::EmbedderPrecision precision) {
  infer::EmbedderOptions options;
  options.precision = precision;
  options.n_threads = narrow<int>(context.settings.integer("threads"));
  options.tier = context.settings.text("cpu");
  return infer::Embedder::load(TRY(catalog::resolve(kEmbeddingModel, context.settings.models())),
                               options);
}

expert::TextEmbedder text_embedder(infer::Embedder& embedder) {
  return {.space = {.model = std::string(kEmbeddingModel), .dimension = embedder.dimension()},
          .embed = [&embedder](std::span<const std::string_view> texts, std::span<float> out) {
            return embedder.embed(texts, out);
          }};
}

Result<infer::Embedder*> ExpertModels::embedder() {
  if (!embedder_) embedder_ = TRY(load_embedder(context_));
  return embedder_.get();
}

Result<infer::Engine*> ExpertModels::engine(const std::string& name) {
  const auto found = engines_.find(name);
  if (found != engines_.end()) return found->second.get();
  auto model = TRY(load_model(context_, name));
  return engines_.emplace(name, std::move(model.engine)).first->second.get();
}

Result<std::unique_ptr<ExpertHere>> ExpertHere::open(const Context& context, ExpertModels& models,
                                                     std::string_view name, Askers askers) {
  TRY(card_here(context, name));  // says best what to do where there is none
  const auto folder = TRY(expert_folder(context, name));
  infer::Embedder* const embedder = TRY(models.embedder());
  auto library = TRY(expert::Library::open(folder, text_embedder(*embedder)));
  infer::Engine* const engine = TRY(models.engine(library.card().base_model));
  expert::AnswerOptions options;
  options.prefixes = open_prefixes(context, *engine, {}, PrefixesOf::experts);
  if (askers == Askers::many) {
    options.batch = TRY(infer::SharedBatch::create(
        *engine, {.n_sequences_max = kAskersMax, .n_waiting_max = kAskersMax}));
  }
  auto expert = TRY(expert::LocalExpert::create(std::move(library), *engine, options));
  return std::unique_ptr<ExpertHere>(new ExpertHere(std::move(expert)));
}

}  // namespace plmm::cli
