// Saves and restores a trainer: header, numbers, checksum.
#include "train/trainer_state.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "crypto/hash.h"

namespace plmm::train {
namespace {

constexpr std::string_view kMagic = "PLMMTRN\n";
constexpr std::uint32_t kVersion = 1;

void put_all(std::vector<std::byte>& out, std::span<const float> values) {
  const auto bytes = std::as_bytes(values);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

std::unexpected<Error> bad(const std::string& what) {
  return fail(ErrorCode::invalid_argument, what);
}

Result<TrainOptions> read_options(ByteReader& in) {
  TrainOptions out;
  out.seed = TRY(in.read<std::uint64_t>("seed"));
  out.n_warm_up = TRY(in.read<std::int32_t>("warm-up"));
  out.n_steps = TRY(in.read<std::int32_t>("steps"));
  for (double* value : {&out.learning_rate, &out.learning_rate_end, &out.beta1, &out.beta2,
                        &out.epsilon, &out.weight_decay, &out.clip}) {
    *value = TRY(in.read<double>("option"));
  }
  return out;
}

Result<std::vector<float>> read_numbers(ByteReader& in, std::size_t n) {
  const auto bytes = TRY(in.take(n * sizeof(float), "numbers"));
  std::vector<float> out(n);
  std::memcpy(out.data(), bytes.data(), bytes.size());
  if (!std::ranges::all_of(out, [](float value) { return std::isfinite(value); }))
    return fail(ErrorCode::corrupt_data, "the state of the training holds what is not a number");
  return out;
}

}  // namespace

Result<> check_options(const TrainOptions& o, int n_context) {
  // Written so that a NaN, which compares as false, is refused.
  if (!(o.learning_rate > 0 && o.learning_rate <= 1))
    return bad("the learning rate must be above 0 and at most 1");
  if (!(o.learning_rate_end >= 0 && o.learning_rate_end <= 1))
    return bad("the last learning rate must be a share from 0 to 1 of the highest");
  if (!(o.beta1 >= 0 && o.beta1 < 1 && o.beta2 >= 0 && o.beta2 < 1 && o.epsilon > 0))
    return bad("the optimizer needs betas from 0 to below 1 and an epsilon above 0");
  if (!(o.weight_decay >= 0 && o.weight_decay <= 1 && o.clip >= 0))
    return bad("weight decay must be from 0 to 1, and clipping not negative");
  if (o.n_warm_up < 0 || o.n_steps < 1 || o.n_warm_up > o.n_steps)
    return bad("there must be at least one step, and no more steps of warm-up than steps");
  if (o.n_tokens_max < 2 || o.n_tokens_max > n_context) {
    return bad("a sequence can have 2 to " + std::to_string(n_context) + " tokens with this model");
  }
  return {};
}

TrainerState::TrainerState(const model::LoraAdapter& adapter, const TrainOptions& wanted)
    : options(wanted), parameters(adapter) {
  moments.mean.assign(parameters.size(), 0.0F);
  moments.square.assign(parameters.size(), 0.0F);
}

std::vector<std::byte> TrainerState::header() const {
  std::vector<std::byte> out;
  for (const char c : kMagic) out.push_back(static_cast<std::byte>(c));
  append_value(out, kVersion);
  append_value(out, static_cast<std::uint32_t>(parameters.n_layers()));
  for (int i = 0; i < parameters.n_layers(); ++i) {
    for (const auto target : model::all_lora_targets()) {
      const PairPlace& place = parameters.place(i, target);
      append_value(out, static_cast<std::uint32_t>(place.rank));
      append_value(out, static_cast<std::uint32_t>(place.n_in));
      append_value(out, static_cast<std::uint32_t>(place.n_out));
      append_value(out, place.scaling);
    }
  }
  return out;
}

std::vector<std::byte> TrainerState::save() const {
  std::vector<std::byte> out = header();
  out.reserve(out.size() + 3 * parameters.size() * sizeof(float) + 256);
  append_value(out, options.seed);
  append_value(out, static_cast<std::int32_t>(options.n_warm_up));
  append_value(out, static_cast<std::int32_t>(options.n_steps));
  for (const double value : {options.learning_rate, options.learning_rate_end, options.beta1,
                             options.beta2, options.epsilon, options.weight_decay, options.clip}) {
    append_value(out, value);
  }
  append_value(out, static_cast<std::int32_t>(n_steps_done));
  put_all(out, parameters.values);
  put_all(out, moments.mean);
  put_all(out, moments.square);
  const crypto::Digest digest = crypto::sha256(out);
  out.insert(out.end(), digest.begin(), digest.end());
  return out;
}

Result<> TrainerState::restore(std::span<const std::byte> state) {
  const std::vector<std::byte> mine = header();
  const std::size_t fixed = kMagic.size() + sizeof kVersion;
  if (state.size() < fixed + sizeof(crypto::Digest) ||
      std::memcmp(state.data(), kMagic.data(), kMagic.size()) != 0) {
    return fail(ErrorCode::corrupt_data, "this is not the state of a training");
  }
  std::uint32_t version;
  std::memcpy(&version, state.data() + kMagic.size(), sizeof version);
  if (version != kVersion) {
    return fail(ErrorCode::unsupported, "the state of the training has version " +
                                            std::to_string(version) + ", this program knows " +
                                            std::to_string(kVersion));
  }
  const auto body = state.first(state.size() - sizeof(crypto::Digest));
  const crypto::Digest digest = crypto::sha256(body);
  if (!std::ranges::equal(digest, state.last(sizeof(crypto::Digest))))
    return fail(ErrorCode::corrupt_data, "the state of the training is damaged (checksum)");
  if (body.size() < mine.size() || !std::ranges::equal(body.first(mine.size()), mine))
    return bad("the state of the training is that of another model or adapter");
  ByteReader in(body.subspan(mine.size()));
  TrainOptions read = TRY(read_options(in));
  read.n_tokens_max = options.n_tokens_max;
  TRY(check_options(read, read.n_tokens_max));
  const int done = TRY(in.read<std::int32_t>("steps done"));
  auto values = TRY(read_numbers(in, parameters.size()));
  auto mean = TRY(read_numbers(in, parameters.size()));
  auto square = TRY(read_numbers(in, parameters.size()));
  const bool sound = std::ranges::all_of(square, [](float value) { return value >= 0.0F; });
  if (in.remaining() != 0 || done < 0 || !sound)
    return fail(ErrorCode::corrupt_data, "the state of the training contradicts itself");
  options = read;
  n_steps_done = done;
  parameters.values = std::move(values);
  moments = {std::move(mean), std::move(square)};
  return {};
}

}  // namespace plmm::train
