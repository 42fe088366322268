// Fresh adapters, and the check that one fits its model.
#include "model/lora.h"

#include <algorithm>
#include <cmath>

namespace plmm::model {
namespace {

constexpr LoraTarget kTargets[] = {LoraTarget::query,  LoraTarget::key,  LoraTarget::value,
                                   LoraTarget::output, LoraTarget::gate, LoraTarget::up,
                                   LoraTarget::down};
static_assert(std::size(kTargets) == kLoraTargets);

/// Beyond it the packed f16 form of an adapter has no number.
constexpr float kWeightMax = 65'504.0F;

std::size_t area(int n, int m) { return static_cast<std::size_t>(n) * static_cast<std::size_t>(m); }

bool all_usable(std::span<const float> values) {
  // Written so that a NaN, which compares as false, is not usable.
  return std::ranges::all_of(values, [](float value) { return std::abs(value) <= kWeightMax; });
}

Result<> check_pair(const LoraPair& pair, LoraShape shape, const std::string& place) {
  if (pair.rank < 0 || pair.rank > std::min({kLoraRankMax, shape.n_in, shape.n_out})) {
    return fail(ErrorCode::invalid_argument,
                place + " has rank " + std::to_string(pair.rank) + ", which does not fit");
  }
  if (pair.n_in != shape.n_in || pair.n_out != shape.n_out) {
    return fail(ErrorCode::invalid_argument,
                place + " is for a matrix of " + std::to_string(pair.n_out) + " by " +
                    std::to_string(pair.n_in) + ", the model's has " + std::to_string(shape.n_out) +
                    " by " + std::to_string(shape.n_in));
  }
  if (pair.a.size() != area(pair.rank, pair.n_in) || pair.b.size() != area(pair.n_out, pair.rank)) {
    return fail(ErrorCode::invalid_argument, place + " does not have the numbers it needs");
  }
  if (!all_usable(pair.a) || !all_usable(pair.b)) {
    return fail(ErrorCode::invalid_argument,
                place + " holds a value that is not a number or is beyond 65,504");
  }
  return {};
}

}  // namespace

std::span<const LoraTarget> all_lora_targets() { return kTargets; }

std::string_view target_name(LoraTarget target) {
  constexpr std::string_view kNames[] = {"query", "key", "value", "output", "gate", "up", "down"};
  static_assert(std::size(kNames) == kLoraTargets);
  return kNames[static_cast<std::size_t>(target)];
}

LoraShape lora_shape(const ModelConfig& config, LoraTarget target) {
  switch (target) {
    case LoraTarget::query:
      return {config.n_embd, config.q_dim()};
    case LoraTarget::key:
    case LoraTarget::value:
      return {config.n_embd, config.kv_dim()};
    case LoraTarget::output:
      return {config.q_dim(), config.n_embd};
    case LoraTarget::gate:
    case LoraTarget::up:
      return {config.n_embd, config.n_ff};
    case LoraTarget::down:
      return {config.n_ff, config.n_embd};
  }
  return {};
}

std::uint64_t LoraAdapter::n_parameters() const {
  std::uint64_t out = 0;
  for (const LoraLayer& layer : layers) {
    for (const LoraPair& pair : layer) out += pair.a.size() + pair.b.size();
  }
  return out;
}

Result<LoraAdapter> create_lora(const ModelConfig& config, const LoraOptions& options, Rng& rng) {
  if (!(options.alpha > 0.0F && options.alpha <= kLoraAlphaMax)) {
    return fail(ErrorCode::invalid_argument, "alpha must be above 0 and at most 65,536");
  }
  if (options.targets.empty()) {
    return fail(ErrorCode::invalid_argument, "an adapter needs at least one target");
  }
  for (const LoraTarget target : options.targets) {
    const LoraShape shape = lora_shape(config, target);
    const int most = std::min({kLoraRankMax, shape.n_in, shape.n_out});
    if (options.rank >= 1 && options.rank <= most) continue;
    return fail(ErrorCode::invalid_argument, "rank " + std::to_string(options.rank) +
                                                 ": this model's " +
                                                 std::string(target_name(target)) +
                                                 " matrices take 1 to " + std::to_string(most));
  }
  if (options.first_layer < 0 || options.first_layer >= config.n_layers) {
    return fail(ErrorCode::invalid_argument,
                "the first layer of an adapter must be one of the model's, 0 to " +
                    std::to_string(config.n_layers - 1));
  }
  LoraAdapter out;
  out.rank = options.rank;
  out.alpha = options.alpha;
  out.architecture = config.architecture;
  out.layers.resize(static_cast<std::size_t>(config.n_layers));
  for (int i = 0; i < config.n_layers; ++i) {
    for (const LoraTarget target : kTargets) {
      LoraPair& pair = out.pair(i, target);
      const LoraShape shape = lora_shape(config, target);
      pair.n_in = shape.n_in;
      pair.n_out = shape.n_out;
      if (i < options.first_layer) continue;
      if (std::ranges::find(options.targets, target) == options.targets.end()) continue;
      pair.rank = options.rank;
      pair.a.resize(area(pair.rank, pair.n_in));
      pair.b.assign(area(pair.n_out, pair.rank), 0.0F);
      const double bound = 1.0 / std::sqrt(static_cast<double>(pair.n_in));
      for (float& value : pair.a) value = static_cast<float>((2.0 * rng.uniform() - 1.0) * bound);
    }
  }
  return out;
}

Result<> check_lora(const LoraAdapter& adapter, const ModelConfig& config) {
  if (!adapter.architecture.empty() && adapter.architecture != config.architecture) {
    return fail(ErrorCode::invalid_argument, "the adapter is for architecture '" +
                                                 adapter.architecture + "', the model is of '" +
                                                 config.architecture + "'");
  }
  if (adapter.layers.size() != static_cast<std::size_t>(config.n_layers)) {
    return fail(ErrorCode::invalid_argument,
                "the adapter is for " + std::to_string(adapter.layers.size()) +
                    " layers, the model has " + std::to_string(config.n_layers));
  }
  if (!(adapter.alpha > 0.0F && adapter.alpha <= kLoraAlphaMax)) {
    return fail(ErrorCode::invalid_argument, "the adapter's alpha is outside 0 to 65,536");
  }
  for (std::size_t i = 0; i < adapter.layers.size(); ++i) {
    for (const LoraTarget target : kTargets) {
      const std::string place = "the adapter's pair for the " + std::string(target_name(target)) +
                                " matrix of layer " + std::to_string(i);
      TRY(check_pair(adapter.layers[i][static_cast<std::size_t>(target)],
                     lora_shape(config, target), place));
    }
  }
  return {};
}

}  // namespace plmm::model
