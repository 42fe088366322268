// Loading, with what a person sees meanwhile.
#include "apps/plmm/running_model.h"

#include <fmt/format.h>

#include <chrono>
#include <vector>

#include "apps/plmm/prefixes.h"
#include "apps/plmm/terminal/moving_line.h"
#include "base/narrow.h"
#include "catalog/catalog.h"
#include "model/packed_lora.h"
#include "text/chat_template.h"

namespace plmm::cli {
namespace {

/// Models of the catalogue on this machine that can hold a conversation.
std::vector<std::string> models_here(const Settings& settings) {
  std::vector<std::string> out;
  for (const auto& entry : catalog::entries()) {
    if (entry.role != "embedding" && catalog::resolve(entry.name, settings.models()))
      out.push_back(entry.name);
  }
  return out;
}

infer::LoadOptions load_options(const Context& context) {
  infer::LoadOptions out;
  out.n_threads = narrow<int>(context.settings.integer("threads"));
  out.tier = context.settings.text("cpu");
  out.kv_cache = cache_type(context.settings);
  if (context.settings.boolean("packed_weights")) out.packed_folder = packed_folder(context.paths);
  if (context.arguments.has("--template")) {
    out.chat_template = text::template_from_name(context.arguments.text("--template"));
  }
  return out;
}

}  // namespace

kernel::CacheType cache_type(const Settings& settings) {
  return settings.text("kv_cache") == "f16" ? kernel::CacheType::f16 : kernel::CacheType::int8;
}

std::filesystem::path packed_folder(const Paths& paths) { return paths.cache / "packed"; }

Result<std::filesystem::path> find_model(const Settings& settings, std::string_view name) {
  auto path = catalog::resolve(name, settings.models());
  const bool chosen =
      settings.value("model").origin != command::Origin::built_in || name != settings.text("model");
  if (path || chosen || path.error().code != ErrorCode::not_found) return path;
  // Nobody chose this model; if there is another one, the person may have meant it.
  const auto here = models_here(settings);
  if (here.size() != 1) return path;
  return fail(
      ErrorCode::not_found,
      fmt::format(
          "the default model {} is not on this machine, but {} is. Run: plmm chat --model {}  (or: "
          "plmm pull {})",
          name, here.front(), here.front(), name));
}

Result<RunningModel> load_model(Context& context, std::string_view name) {
  const auto start = std::chrono::steady_clock::now();
  const auto* entry = catalog::find(name);
  if (entry != nullptr && entry->role == "embedding") {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} is for searching, it does not answer. Run: plmm ls", name));
  }
  const auto path = TRY(find_model(context.settings, name));
  terminal::MovingLine waiting(context.console);
  waiting.show(fmt::format("loading {} ...", name));
  auto engine = TRY(infer::Engine::load(path, load_options(context)));
  const int n_context = narrow<int>(context.settings.integer("context"));
  auto session = TRY(infer::Session::create(*engine, n_context));
  session.use_prefixes(open_prefixes(context, *engine, {}, PrefixesOf::own));
  RunningModel out{std::string(name), path, std::move(engine), nullptr, std::move(session), 0};
  out.load_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return out;
}

infer::GenerateOptions generate_options(const Settings& settings) {
  infer::GenerateOptions out;
  out.sampler.temperature = static_cast<float>(settings.real("temperature"));
  out.sampler.top_k = narrow<int>(settings.integer("top_k"));
  out.sampler.top_p = static_cast<float>(settings.real("top_p"));
  out.sampler.min_p = static_cast<float>(settings.real("min_p"));
  out.sampler.repeat_penalty = static_cast<float>(settings.real("repeat_penalty"));
  out.sampler.seed = settings.integer("seed");
  out.n_tokens_max = narrow<int>(settings.integer("max_tokens"));
  return out;
}

double tokens_per_s(const infer::Generation& generation) {
  if (generation.tokens.size() < 2 || generation.decode_s <= 0) return 0;
  return static_cast<double>(generation.tokens.size() - 1) / generation.decode_s;
}

std::string_view name(infer::StopReason reason) {
  switch (reason) {
    case infer::StopReason::end_of_turn:
      return "end of turn";
    case infer::StopReason::stop_text:
      return "stop text";
    case infer::StopReason::length:
      return "length";
    case infer::StopReason::context_full:
      return "context full";
    case infer::StopReason::cancelled:
      return "cancelled";
  }
  return "";
}

}  // namespace plmm::cli
