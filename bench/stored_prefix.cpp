// One run keeps the prefix, later ones begin from it.
#include "bench/stored_prefix.h"

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/rng.h"
#include "base/temporary_folder.h"
#include "crypto/secret.h"
#include "infer/prefix_store.h"
#include "infer/session.h"
#include "model/packed_lora.h"

namespace plmm::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kPrefix = 2000;
constexpr int kQuestion = 8;
constexpr int kAnswer = 8;  // tokens that must be the same
constexpr int kTurns = 3;   // each reads the prefix once: 15 s for the largest model
constexpr double kSooner = 40.0;

struct Run {
  double first_token_s = 0;
  std::vector<text::TokenId> answer;
};

class Measurement {
 public:
  Measurement(const Options& options, const ModelFile& file) : options_(options), file_(file) {}

  /// With the store in `folder`, or without one where it is empty.
  Result<Run> run(const std::vector<text::TokenId>& prompt, const fs::path& folder) {
    TRY(go_on(options_));
    const auto engine = TRY(load_engine(options_, file_, infer::Precision::fast));
    auto session = TRY(infer::Session::create(*engine, static_cast<int>(prompt.size()) + kAnswer));
    const auto start = std::chrono::steady_clock::now();
    if (!folder.empty()) {
      infer::PrefixStoreOptions store;
      store.folder = folder;
      session.use_prefixes(TRY(infer::PrefixStore::create(*engine, {}, store, &key_)));
    }
    const std::chrono::duration<double> opening = std::chrono::steady_clock::now() - start;
    infer::GenerateOptions options;
    options.sampler.temperature = 0;
    options.sampler.repeat_penalty = 1;
    options.n_tokens_max = kAnswer;
    options.n_prompt_fixed = kPrefix;
    const Cancel never;
    auto generation = TRY(session.generate(prompt, options, {}, never));
    return Run{opening.count() + generation.prompt_s, std::move(generation.tokens)};
  }

 private:
  const Options& options_;
  const ModelFile& file_;
  crypto::SecretBytes key_ = crypto::SecretBytes::generate(32);
};

}  // namespace

Result<Metric> stored_prefix_row(const Options& options, const ModelFile& file) {
  const auto folder = TRY(TemporaryFolder::create());
  Measurement measurement(options, file);
  Rng rng(1);
  std::vector<text::TokenId> prompt;
  for (int i = 0; i < kPrefix + kQuestion; ++i)
    prompt.push_back(static_cast<text::TokenId>(rng.below(256)));
  TRY(measurement.run(prompt, folder.path()));  // keeps it, and warms up
  std::vector<double> cold, stored;
  for (int turn = 0; turn < kTurns; ++turn) {
    const Run computed = TRY(measurement.run(prompt, {}));
    const Run begun = TRY(measurement.run(prompt, folder.path()));
    if (begun.answer != computed.answer) {
      return fail(ErrorCode::corrupt_data,
                  file.name + ": a stored prefix changed the answer: a bug of plmm");
    }
    cold.push_back(computed.first_token_s);
    stored.push_back(begun.first_token_s);
  }
  Metric out;
  out.name = "first_token_stored_prefix/" + file.name;
  out.value = median(cold) / median(stored);
  out.unit = std::string("x");
  out.goal = Goal{GoalKind::value_at_least, kSooner, {}};
  out.note = fmt::format("{} tokens: computed {:.2f} s, stored {:.3f} s, the same answer", kPrefix,
                         median(cold), median(stored));
  return out;
}

}  // namespace plmm::bench
