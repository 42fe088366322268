// The loop of a run and its checkpoint.
#include "train/run.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "base/bytes.h"
#include "base/check.h"
#include "base/checksum.h"
#include "base/file.h"

namespace plmm::train {
namespace {

constexpr std::uint64_t kMagic = 0x31'4E'55'52'4D'4D'4C'50;  // "PLMMRUN1"
constexpr std::uint64_t kCheckpointBytesMax = 8ULL << 30U;

template <class T>
void put_list(std::string& out, std::span<const T> values) {
  const std::uint64_t n = values.size();
  out.append(reinterpret_cast<const char*>(&n), sizeof n);
  out.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

template <class T>
Result<std::vector<T>> take_list(ByteReader& bytes) {
  const auto n = TRY(bytes.read<std::uint64_t>("the length of a list"));
  if (n > bytes.remaining() / sizeof(T))
    return fail(ErrorCode::corrupt_data, "a list ends behind the file");
  const auto raw = TRY(bytes.take(n * sizeof(T), "a list"));
  std::vector<T> out(n);
  if (n > 0) std::memcpy(out.data(), raw.data(), raw.size());
  return out;
}

std::vector<float> flat(const model::LoraAdapter& adapter) {
  std::vector<float> out;
  out.reserve(adapter.n_parameters());
  for (const model::LoraLayer& layer : adapter.layers) {
    for (const model::LoraPair& pair : layer) {
      out.insert(out.end(), pair.a.begin(), pair.a.end());
      out.insert(out.end(), pair.b.begin(), pair.b.end());
    }
  }
  return out;
}

}  // namespace

Validation RunLog::best() const {
  const auto at = std::ranges::min_element(validations, {}, &Validation::loss);
  return at == validations.end() ? Validation{} : *at;
}

Run::Run(Trainer trainer, const TrainingData& data, RunOptions options)
    : trainer_(std::move(trainer)), data_(&data), options_(std::move(options)) {
  CHECK(!data.training.empty() && options_.n_batch >= 1 && options_.n_evaluate_every >= 1);
}

bool Run::evaluation_due() const {
  const int n = n_steps_done();
  if (data_->validation.empty()) return false;
  if (!log_.validations.empty() && log_.validations.back().step == n) return false;
  return n % options_.n_evaluate_every == 0 || n >= trainer_.options().n_steps;
}

bool Run::is_finished() const {
  if (n_steps_done() >= trainer_.options().n_steps) return true;
  if (options_.n_patience == 0 || log_.validations.empty()) return false;
  const int best = log_.best().step;
  return std::ranges::count_if(log_.validations, [best](const Validation& v) {
           return v.step > best;
         }) >= options_.n_patience;
}

Result<> Run::evaluate(const RunEvents& events, const Cancel& cancel) {
  const double loss = TRY(trainer_.evaluate(data_->validation, cancel));
  const bool is_best = log_.validations.empty() || loss < log_.best().loss;
  log_.validations.push_back({n_steps_done(), loss});
  if (is_best) best_ = flat(trainer_.adapter());
  if (events.on_validation) events.on_validation(log_);
  return {};
}

std::vector<Sequence> Run::next_batch() {
  const std::size_t n = data_->training.size();
  const auto n_batch = static_cast<std::size_t>(options_.n_batch);
  std::vector<Sequence> out;
  for (std::size_t i = 0; i < n_batch; ++i) {
    const std::size_t at = static_cast<std::size_t>(n_steps_done()) * n_batch + i;
    if (order_.empty() || order_epoch_ != at / n) {
      order_epoch_ = at / n;
      order_ = epoch_order(n, trainer_.options().seed, order_epoch_);
    }
    out.push_back(data_->training[order_[at % n]]);
  }
  return out;
}

Result<> Run::step(const RunEvents& events, const Cancel& cancel) {
  const auto batch = next_batch();
  const StepReport report = TRY(trainer_.step(batch, cancel));
  log_.losses.push_back(report.loss);
  if (events.on_step) events.on_step(report, log_);
  if (events.checkpoint_due && events.checkpoint_due(report.step)) return save();
  return {};
}

Result<> Run::go(const RunEvents& events, const Cancel& cancel) {
  for (;;) {
    Result<> done;
    if (evaluation_due()) {
      done = evaluate(events, cancel);
    } else if (is_finished()) {
      return {};
    } else {
      done = step(events, cancel);
    }
    if (done) continue;
    if (done.error().code == ErrorCode::cancelled) TRY(save());
    return done;
  }
}

model::LoraAdapter Run::best() const {
  model::LoraAdapter out = trainer_.adapter();
  std::span<const float> from = best_;
  if (from.empty()) return out;
  for (model::LoraLayer& layer : out.layers) {
    for (model::LoraPair& pair : layer) {
      for (std::vector<float>* to : {&pair.a, &pair.b}) {
        std::ranges::copy(from.first(to->size()), to->begin());
        from = from.subspan(to->size());
      }
    }
  }
  return out;
}

Result<> Run::save() const {
  std::string out(reinterpret_cast<const char*>(&kMagic), sizeof kMagic);
  put_list(out, std::span<const char>(options_.recipe));
  put_list(out, std::span<const double>(log_.losses));
  std::vector<double> looks;
  for (const Validation& look : log_.validations) {
    looks.push_back(look.step);
    looks.push_back(look.loss);
  }
  put_list(out, std::span<const double>(looks));
  put_list(out, std::span<const float>(best_));
  const auto state = trainer_.save();
  put_list(out, std::span<const std::byte>(state));
  const Checksum sum = checksum(std::as_bytes(std::span(out)));
  out.append(reinterpret_cast<const char*>(&sum), sizeof sum);
  return write_file_atomically(options_.checkpoint, out);
}

Result<> Run::resume() {
  const std::string bytes = TRY(read_file(options_.checkpoint, kCheckpointBytesMax));
  const std::string name = options_.checkpoint.string();
  const auto damaged = [&](const std::string& what) {
    return fail(ErrorCode::corrupt_data, name + ": " + what + "; begin anew without --resume");
  };
  Checksum sum{};
  if (bytes.size() < sizeof kMagic + sizeof sum) return damaged("the checkpoint is cut short");
  const auto all = std::as_bytes(std::span(bytes));
  std::memcpy(&sum, all.last(sizeof sum).data(), sizeof sum);
  const auto body = all.first(all.size() - sizeof sum);
  if (checksum(body) != sum) return damaged("the checkpoint is damaged");
  ByteReader reader(body);
  const auto magic = TRY(reader.read<std::uint64_t>("the mark"));
  if (magic != kMagic) return damaged("no checkpoint of this version of plmm");
  const auto recipe = TRY(take_list<char>(reader));
  if (!std::ranges::equal(recipe, options_.recipe)) {
    return fail(ErrorCode::invalid_argument,
                name +
                    ": was begun with other data or options; give the same ones, or begin anew "
                    "in another folder");
  }
  auto losses = TRY(take_list<double>(reader));
  const auto looks = TRY(take_list<double>(reader));
  auto best = TRY(take_list<float>(reader));
  const auto state = TRY(take_list<std::byte>(reader));
  if (looks.size() % 2 != 0 ||
      (!best.empty() && best.size() != trainer_.adapter().n_parameters())) {
    return damaged("the checkpoint does not fit the run");
  }
  TRY(trainer_.restore(state));
  log_.losses = std::move(losses);
  log_.validations.clear();
  for (std::size_t i = 0; i < looks.size(); i += 2)
    log_.validations.push_back({static_cast<int>(looks[i]), looks[i + 1]});
  best_ = std::move(best);
  return {};
}

}  // namespace plmm::train
