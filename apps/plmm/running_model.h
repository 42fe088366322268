// A model loaded for a chat or a question.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "apps/plmm/context.h"
#include "infer/conversation.h"

namespace plmm::cli {

struct RunningModel {
  std::string name;  // as the user named it
  std::filesystem::path path;
  std::unique_ptr<infer::Engine> engine;
  std::unique_ptr<infer::Engine> draft;  // that guesses for it (speculation.h), or null
  infer::Session session;
  double load_s = 0;
};

/// Finds the file of a model. not_found says what to run; for the default model also which other
/// model is here.
Result<std::filesystem::path> find_model(const Settings& settings, std::string_view name);

/// The setting kv_cache.
kernel::CacheType cache_type(const Settings& settings);

/// Where packed weights are kept for the next start.
std::filesystem::path packed_folder(const Paths& paths);

/// Loads it with the threads, kernels, context and template that were asked for.
Result<RunningModel> load_model(Context& context, std::string_view name);

infer::GenerateOptions generate_options(const Settings& settings);

/// Tokens after the first one, per second; 0 when there are too few to say.
double tokens_per_s(const infer::Generation& generation);
/// "end of turn", "stop text", …
std::string_view name(infer::StopReason reason);

}  // namespace plmm::cli
