// plmm merge: adapters in, one adapter out.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/plmm/adapter.h"
#include "apps/plmm/context.h"
#include "apps/plmm/running_model.h"
#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/moving_line.h"
#include "apps/plmm/terminal/signals.h"
#include "base/narrow.h"
#include "gguf/reader.h"
#include "merge/merge.h"
#include "model/lora_file.h"
#include "model/model.h"

namespace plmm::cli {
namespace {

namespace fs = std::filesystem;

constexpr command::Value kWeights{command::Kind::real, "", "", -merge::kWeightMax,
                                  merge::kWeightMax};

/// Where the result may go: not over an adapter, unless told so, and over nothing else at all.
Result<fs::path> target(const Context& context) {
  if (!context.arguments.has("--out")) {
    return fail(ErrorCode::invalid_argument,
                "where to? Run: plmm merge ADAPTER ADAPTER --out FOLDER");
  }
  fs::path out = files::expand_home(context.arguments.text("--out"), context.paths.home);
  std::error_code failed;
  const bool is_file = out.extension() == ".gguf";
  const bool is_there = fs::exists(is_file ? out : out / model::kPeftConfigName, failed);
  if (fs::exists(out, failed) && fs::is_directory(out, failed) == is_file)
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} is no {}; name another --out", out.string(),
                            is_file ? "file" : "folder (a file's name ends in .gguf)"));
  if (!is_there || context.arguments.has("--force")) return out;
  return fail(ErrorCode::invalid_argument,
              fmt::format("{}: holds an adapter already; --force writes over it", out.string()));
}

Result<merge::MergeOptions> merge_options(const Context& context) {
  const auto& arguments = context.arguments;
  merge::MergeOptions out;
  if (arguments.has("--method"))
    out.method = merge::method_from_name(arguments.text("--method")).value();
  out.density = arguments.real_or("--density", out.density);
  out.rank = arguments.integer_or("--rank", out.rank);
  out.seed = context.settings.integer("seed");
  return out;
}

std::string as_json(const fs::path& out, const merge::Merged& merged) {
  return nlohmann::ordered_json{{"path", out.string()},
                                {"rank", merged.adapter.rank},
                                {"n_parameters", merged.adapter.n_parameters()},
                                {"lost", merged.lost}}
             .dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) +
         "\n";
}

std::string as_text(const fs::path& shown, std::size_t n_adapters, const merge::Merged& merged,
                    std::string_view model) {
  auto out = fmt::format("merged    {} {}: rank {}, {} numbers\n", n_adapters,
                         n_adapters == 1 ? "adapter" : "adapters", merged.adapter.rank,
                         terminal::thousands(merged.adapter.n_parameters()));
  if (merged.lost < 1e-6) {
    out += "lost      nothing: the rank holds all of it\n";
  } else {
    out += fmt::format("lost      {:.1f} % of the change; a larger --rank holds more\n",
                       100 * merged.lost);
  }
  return out + fmt::format("try it    plmm chat --model {} --adapter {}\n",
                           terminal::shell_word(model), terminal::shell_word(shown.string()));
}

}  // namespace

Result<ExitCode> run_merge(Context& context) {
  const auto out = TRY(target(context));
  auto options = TRY(merge_options(context));
  const std::string& name = context.settings.text("model");
  const auto reader = TRY(gguf::Reader::open(TRY(find_model(context.settings, name))));
  const auto config = TRY(model::summarise(reader)).config;
  std::vector<model::LoraAdapter> adapters;
  for (const auto& text : context.arguments.list("ADAPTER")) {
    const auto choice =
        TRY(adapter_choice(text, context.paths.home, "the weight of an adapter", kWeights));
    adapters.push_back(TRY(model::load_lora(choice.path, config)));
    options.weights.push_back(choice.scale);
  }
  auto& console = context.console;
  ThreadPool pool(ThreadPool::count_or_all(narrow<int>(context.settings.integer("threads"))));
  auto merged = [&] {
    terminal::MovingLine line(console);
    return merge::merge_adapters(
        adapters, options, config, pool, terminal::interrupt(), [&](int n_done, int n_total) {
          line.count(narrow<std::uint64_t>(n_done), narrow<std::uint64_t>(n_total), "matrices");
        });
  }();
  TRY(merged);
  if (out.extension() == ".gguf") {
    TRY(model::save_gguf_lora(merged->adapter, config, out, name));
  } else {
    TRY(model::save_peft(merged->adapter, out, name));
  }
  const fs::path shown = files::shorten_home(out, context.paths.home);
  console.answer(context.arguments.has("--json") ? as_json(out, *merged)
                                                 : as_text(shown, adapters.size(), *merged, name));
  return ExitCode::ok;
}

}  // namespace plmm::cli
