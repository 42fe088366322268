// plmm quantize: a model's file in fewer bits, and what that costs.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <vector>

#include "apps/plmm/context.h"
#include "apps/plmm/quantize_sample.h"
#include "apps/plmm/running_model.h"
#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/moving_line.h"
#include "apps/plmm/terminal/signals.h"
#include "base/file.h"
#include "base/narrow.h"
#include "bench/divergence.h"
#include "bench/suite_text.h"
#include "gguf/reader.h"
#include "model/model.h"
#include "model/quantize.h"
#include "tensor/quantize.h"

namespace plmm::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kTextBytesMax = 1 << 20;
constexpr int kTokens = 512;  // of the text that are compared, in windows of kWindow
constexpr int kWindow = 128;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

tensor::DType type_named(std::string_view name) {
  for (const auto type : tensor::quantized_types()) {
    if (tensor::info(type).name == name) return type;
  }
  CHECK(!"the table of verbs names only types that can be written");
  return tensor::DType::q8_0;
}

/// The types of the command line, by class.
Result<model::ClassTypes> wanted_types(const Invocation& arguments) {
  constexpr std::array kClasses{
      std::pair{"--embedding", "embedding"}, std::pair{"--attention", "attention"},
      std::pair{"--feed-forward", "feed-forward"}, std::pair{"--head", "head"}};
  model::ClassTypes out;
  for (const auto& [flag, name] : kClasses) {
    const bool own = arguments.has(flag);
    if (own || arguments.has("--type"))
      out[name] = type_named(arguments.text(own ? flag : "--type"));
  }
  if (!out.empty()) return out;
  return fail(ErrorCode::invalid_argument,
              "which type? Run: plmm quantize IN OUT --type Q4_K  (plmm help quantize lists them)");
}

/// Where the file may go: not over its source, and over another file only when told so.
Result<fs::path> target(const Context& context, const fs::path& source) {
  const fs::path out = files::expand_home(context.arguments.text("OUT"), context.paths.home);
  std::error_code failed;
  if (fs::equivalent(out, source, failed)) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} is the source itself; name another file", out.string()));
  }
  if (!fs::exists(fs::symlink_status(out, failed))) return out;
  if (!fs::is_regular_file(out, failed))
    return fail(ErrorCode::invalid_argument, fmt::format("{} is no file", out.string()));
  if (context.arguments.has("--force")) return out;
  return fail(ErrorCode::invalid_argument,
              fmt::format("{} is there already; --force writes over it", out.string()));
}

Result<> logits_of(infer::Session& session, const bench::Tokens& tokens, std::vector<float>& out) {
  out.clear();
  return session.score(tokens, [&](int, std::span<const float> logits) {
    out.insert(out.end(), logits.begin(), logits.end());
  });
}

/// How far the new file's answers are from the source's, both computed as this program does.
Result<bench::Divergence> cost(const Context& context, const fs::path& source, const fs::path& out,
                               std::string_view text) {
  infer::LoadOptions load;
  load.n_threads = narrow<int>(context.settings.integer("threads"));
  load.tier = context.settings.text("cpu");
  const auto before = TRY(infer::Engine::load(source, load));
  const auto after = TRY(infer::Engine::load(out, load));
  const int n_context = std::min(kWindow, before->model().config().n_context);
  auto session_before = TRY(infer::Session::create(*before, n_context));
  auto session_after = TRY(infer::Session::create(*after, n_context));
  bench::Divergence sum;
  std::vector<float> logits_before, logits_after;
  for (const auto& window : bench::windows(before->tokenizer(), text, kTokens, n_context)) {
    if (terminal::interrupt().requested())
      return fail(ErrorCode::cancelled, "stopped while measuring");
    TRY(logits_of(session_before, window, logits_before));
    TRY(logits_of(session_after, window, logits_after));
    sum += bench::compare_rows(logits_before, logits_after, before->model().config().n_vocabulary,
                               before->pool());
  }
  if (sum.n > 0) return sum;
  return fail(ErrorCode::invalid_argument, "the text to measure on is empty");
}

struct Outcome {
  std::string source_name;
  fs::path out;
  std::uint64_t bytes_before = 0, bytes_after = 0;
  std::vector<model::TensorClass> classes;
  bench::Divergence cost;
  double seconds = 0;
};

std::string as_text(const Outcome& outcome, const Paths& paths) {
  const auto line = [](std::string_view term, std::string_view text) {
    return terminal::padded(term, 10) + std::string(text) + "\n";
  };
  std::string types;
  for (const auto& c : outcome.classes) {
    types += fmt::format("{}{} {}", types.empty() ? "" : ", ", c.name, tensor::info(c.type).name);
  }
  const auto shown = files::shorten_home(outcome.out, paths.home);
  std::string out = line("written", fmt::format("{} from {} in {}", shown, outcome.source_name,
                                                terminal::duration_text(outcome.seconds)));
  out += line("size", fmt::format("{} -> {} ({:.0f} %)", terminal::size_text(outcome.bytes_before),
                                  terminal::size_text(outcome.bytes_after),
                                  100.0 * static_cast<double>(outcome.bytes_after) /
                                      static_cast<double>(outcome.bytes_before)));
  out += terminal::padded("types", 10) + terminal::wrap(types, 10).substr(10);
  out +=
      line("cost", fmt::format("KL {:.4f} nats a token, the same first choice {:.1f} %, {} "
                               "tokens",
                               outcome.cost.mean_kl(), 100 * outcome.cost.top1(), outcome.cost.n));
  return out + line("try it", fmt::format("plmm chat --model {}",
                                          terminal::shell_word(outcome.out.string())));
}

std::string as_json(const Outcome& outcome) {
  nlohmann::ordered_json types = nlohmann::ordered_json::array();
  for (const auto& c : outcome.classes) {
    types.push_back({{"class", c.name},
                     {"type", tensor::info(c.type).name},
                     {"n_weights", c.n_elements},
                     {"bytes", c.bytes}});
  }
  const nlohmann::ordered_json out{
      {"path", outcome.out.string()},       {"bytes_before", outcome.bytes_before},
      {"bytes_after", outcome.bytes_after}, {"classes", types},
      {"kl_nats", outcome.cost.mean_kl()},  {"same_first_choice", outcome.cost.top1()},
      {"n_tokens", outcome.cost.n},         {"seconds", outcome.seconds}};
  return out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

/// Checks the source, writes the file, and says what is in it.
Result<Outcome> write_quantized(Context& context, const fs::path& source,
                                const model::ClassTypes& types, terminal::MovingLine& line) {
  const auto start = Clock::now();
  const auto reader = TRY(gguf::Reader::open(source));
  TRY(model::summarise(reader));
  Outcome out;
  out.out = TRY(target(context, source));
  const int n_threads = narrow<int>(context.settings.integer("threads"));
  ThreadPool pool(ThreadPool::count_or_all(n_threads));
  auto written = model::quantize_file(
      reader, out.out, types, pool,
      [&](std::uint64_t done, std::uint64_t total) { line.bytes(done, total); },
      terminal::interrupt());
  if (!written && written.error().code == ErrorCode::io) {
    written.error().what += "; nothing was written. Free some space or name a file on another disk";
  }
  TRY(written);
  const auto made = TRY(gguf::Reader::open(out.out));
  out.classes = TRY(model::summarise(made)).classes;
  std::erase_if(out.classes, [](const auto& c) { return c.name == "norm and bias"; });
  out.bytes_before = reader.file_size();
  out.bytes_after = made.file_size();
  out.seconds = seconds_since(start);
  return out;
}

}  // namespace

Result<ExitCode> run_quantize(Context& context) {
  const auto& arguments = context.arguments;
  const auto types = TRY(wanted_types(arguments));
  const auto source = TRY(find_model(context.settings, arguments.text("IN")));
  std::string text(kQuantizeSample);
  if (arguments.has("--text")) {
    text = TRY(
        read_file(files::expand_home(arguments.text("--text"), context.paths.home), kTextBytesMax));
  }
  terminal::MovingLine line(context.console);
  auto outcome = TRY(write_quantized(context, source, types, line));
  outcome.source_name = arguments.text("IN");
  line.show("measuring what it costs ...");
  outcome.cost = TRY(cost(context, source, outcome.out, text));
  line.clear();
  context.console.data(arguments.has("--json") ? as_json(outcome)
                                               : as_text(outcome, context.paths));
  return ExitCode::ok;
}

}  // namespace plmm::cli
