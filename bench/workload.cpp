// Models found, fed and timed.
#include "bench/workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/check.h"
#include "base/rng.h"
#include "catalog/catalog.h"
#include "infer/session.h"
#include "model/model.h"

namespace plmm::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::uint64_t kSeed = 1;
constexpr int kBatch = 512;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::vector<text::TokenId> seeded_tokens(int n, std::size_t n_vocabulary) {
  Rng rng(kSeed);
  std::vector<text::TokenId> out;
  for (int i = 0; i < n; ++i) out.push_back(static_cast<text::TokenId>(rng.below(n_vocabulary)));
  return out;
}

double macs(const kernel::PackedMatrix& matrix) {
  return static_cast<double>(matrix.n_in) * matrix.n_out;
}

}  // namespace

Result<std::unique_ptr<infer::Engine>> load_engine(const Options& options, const ModelFile& file,
                                                   infer::Precision precision) {
  infer::LoadOptions load;
  load.n_threads = options.n_threads;
  load.tier = options.tier;
  load.precision = precision;
  load.kv_cache = options.kv_cache;
  return infer::Engine::load(file.path, load);
}

Result<std::vector<ModelFile>> find_models(const Options& options, const Output& output) {
  std::vector<ModelFile> out;
  for (const std::string& name : options.models) {
    auto path = TRY(catalog::resolve(name, options.models_dir));
    out.push_back({path.stem().string(), std::move(path)});
  }
  if (!options.models.empty()) return out;
  for (const auto& entry : catalog::entries()) {
    if (entry.role == "embedding") continue;
    auto path = catalog::resolve(entry.name, options.models_dir);
    if (path) {
      out.push_back({entry.name, std::move(*path)});
    } else {
      output.note(
          fmt::format("{} is not here and is left out. Run: plmm pull {}", entry.name, entry.name));
    }
  }
  if (out.empty()) {
    return fail(ErrorCode::not_found, "no model to measure is here. Run: plmm pull smollm2-135m");
  }
  return out;
}

Result<Workload> Workload::create(infer::Engine& engine, int n_context) {
  Workload out(engine);
  const model::Model& model = engine.model();
  n_context = std::min(n_context, model.config().n_context);
  out.cache_ = std::make_unique<model::KvCache>(
      TRY(model::KvCache::create(model.config(), n_context, engine.cache_type())));
  out.workspace_ = TRY(model::Workspace::create(model, std::min(kBatch, n_context), n_context,
                                                engine.pool().size()));
  out.logits_.resize(static_cast<std::size_t>(model.config().n_vocabulary));
  return out;
}

void Workload::feed(std::span<const text::TokenId> tokens, int position) {
  static const Cancel never;
  CHECK(model::forward(engine_->model(), *cache_, *workspace_, engine_->pool(), tokens, position, 1,
                       logits_, never));
}

std::vector<text::TokenId> Workload::tokens(int n) const {
  return seeded_tokens(n, logits_.size());
}

double Workload::prefill(int n) {
  const auto prompt = tokens(n);
  const auto start = Clock::now();
  feed(prompt, 0);
  return seconds_since(start);
}

void Workload::fill(int depth) {
  const auto before = tokens(depth);
  for (int first = 0; first < depth; first += kBatch) {
    const auto part = std::min(kBatch, depth - first);
    feed(std::span(before).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(part)),
         first);
  }
}

double Workload::decode(int n, int depth) {
  fill(depth);
  return decode_filled(n, depth);
}

double Workload::decode_filled(int n, int depth) {
  const auto each = tokens(n);
  const auto start = Clock::now();
  for (int i = 0; i < n; ++i) feed(std::span(&each[static_cast<std::size_t>(i)], 1), depth + i);
  return seconds_since(start);
}

double macs_per_prompt_token(const model::Model& model, int n_prompt) {
  double out = macs(model.weights().head) / n_prompt;
  for (const auto& layer : model.weights().layers) {
    for (const auto* matrix : {&layer.query, &layer.key, &layer.value, &layer.output, &layer.gate,
                               &layer.up, &layer.down})
      out += macs(*matrix);
  }
  return out;
}

Result<double> first_token(const std::filesystem::path& path, const infer::LoadOptions& load,
                           int n) {
  const auto start = Clock::now();
  const auto engine = TRY(infer::Engine::load(path, load));
  auto session = TRY(infer::Session::create(*engine, 0));
  infer::GenerateOptions options;
  options.sampler.temperature = 0;
  options.sampler.repeat_penalty = 1;
  options.n_tokens_max = 1;
  const Cancel never;
  const auto prompt = seeded_tokens(n, engine->tokenizer().size());
  TRY(session.generate(prompt, options, [](std::string_view) {}, never));
  return seconds_since(start);
}

double median(std::vector<double> values) {
  CHECK(!values.empty());
  std::ranges::sort(values);
  const auto half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace plmm::bench
