// Contexts and endings as parts of shared passes, and the logarithms of probabilities.
#include "measure/scorer.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/narrow.h"
#include "infer/sequence.h"
#include "kernel/backward.h"
#include "model/forward.h"
#include "model/kv_cache.h"
#include "model/model.h"

namespace plmm::measure {
namespace {

using text::TokenId;

constexpr int kRows = 512;         // of a pass without logits
constexpr int kLogitRows = 128;    // of one with: 128 · 151,936 · 4 bytes are 78 MB
constexpr int kPositions = 4'096;  // of all caches of a group: 115 MB for qwen2.5-coder-1.5b
constexpr int kSumWords = 4'096;   // logits that are summed in f32; the sums are added in double

std::size_t u(int n) { return static_cast<std::size_t>(n); }

double log_probability(std::span<const float> logits, TokenId token,
                       const kernel::BackwardKernels& kernels) {
  const float top = kernels.maximum(logits.data(), narrow<int>(logits.size()));
  double sum = 0;
  for (std::size_t i = 0; i < logits.size(); i += kSumWords) {
    const auto part = logits.subspan(i, std::min<std::size_t>(kSumWords, logits.size() - i));
    sum += static_cast<double>(kernels.exponential_sum(part.data(), narrow<int>(part.size()), top));
  }
  return static_cast<double>(logits[static_cast<std::size_t>(token)]) - static_cast<double>(top) -
         std::log(sum);
}

int positions_of(const Candidates& candidates) {
  std::size_t out = 0;
  for (const auto& ending : candidates.endings) out += candidates.context.size() + ending.size();
  return narrow<int>(out);
}

/// The first n positions of one cache into another of the same kind.
void copy_positions(const model::KvCache& from, int n, std::vector<std::byte>& block,
                    model::KvCache& to) {
  block.resize(from.block_bytes());
  for (int i = 0; i * kernel::kKeyBlock < n; ++i) {
    from.copy_out(i, block);
    to.copy_in(i, block);
  }
}

}  // namespace

/// Tokens still to be fed behind what a cache holds. Where `out` is set, each of them has logits,
/// and out[i] is ln p(targets[i]) behind tokens[i].
struct Scorer::Work {
  model::KvCache* cache;
  std::span<const TokenId> tokens;
  int position;
  std::span<const TokenId> targets = {};
  double* out = nullptr;
};

Scorer::Scorer(Subject subject) : subject_(std::move(subject)) {}
Scorer::~Scorer() = default;

Result<std::unique_ptr<Scorer>> Scorer::create(Subject subject, int n_context) {
  const model::Model& model = subject.engine->model();
  std::unique_ptr<Scorer> out(new Scorer(std::move(subject)));
  out->n_context_ = n_context == 0 ? model.config().n_context : n_context;
  TRY(infer::context_of(model, out->n_context_));
  const int n_threads = out->subject_.engine->pool().size();
  out->workspace_ = TRY(model::Workspace::create(model, kRows, out->n_context_, n_threads));
  out->logits_.resize(u(kLogitRows) * u(model.config().n_vocabulary));
  return out;
}

Result<> Scorer::check(std::span<const Candidates> all) const {
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(!all[i].context.empty() && !all[i].endings.empty());
    TRY(infer::check_ids(subject_.engine->model(), all[i].context));
    for (const auto& ending : all[i].endings) {
      CHECK(!ending.empty());
      TRY(infer::check_ids(subject_.engine->model(), ending));
      if (all[i].context.size() + ending.size() <= u(n_context_)) continue;
      return fail(ErrorCode::invalid_argument,
                  "text " + std::to_string(i) + " has " +
                      std::to_string(all[i].context.size() + ending.size()) +
                      " tokens, more than the model's context of " + std::to_string(n_context_));
    }
  }
  return {};
}

std::size_t Scorer::group_size(std::span<const Candidates> all) const {
  int n_positions = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    n_positions += positions_of(all[i]);
    if (i > 0 && n_positions > kPositions) return i;
  }
  return all.size();
}

Result<std::vector<LogProbabilities>> Scorer::score(
    std::span<const Candidates> all, const Cancel& cancel,
    const std::function<void(std::size_t)>& on_done) {
  TRY(check(all));
  std::vector<LogProbabilities> out(all.size());
  for (std::size_t i = 0; i < all.size();) {
    const std::size_t n = group_size(all.subspan(i));
    TRY(score_group(all.subspan(i, n), std::span(out).subspan(i, n), cancel));
    if (on_done) on_done(n);
    i += n;
  }
  return out;
}

Result<> Scorer::score_group(std::span<const Candidates> group, std::span<LogProbabilities> out,
                             const Cancel& cancel) {
  const model::Model& model = subject_.engine->model();
  std::vector<std::vector<model::KvCache>> caches(group.size());
  std::vector<Work> contexts, endings;
  std::vector<std::vector<TokenId>> fed;  // an ending's tokens behind the last of its context
  for (std::size_t i = 0; i < group.size(); ++i) {
    const auto& [context, texts] = group[i];
    caches[i].reserve(texts.size());
    for (const auto& ending : texts) {
      const int n = narrow<int>(context.size() + ending.size());
      caches[i].push_back(
          TRY(model::KvCache::create(model.config(), n, subject_.engine->cache_type())));
      fed.push_back({context.back()});
      fed.back().insert(fed.back().end(), ending.begin(), ending.end() - 1);
    }
    if (context.size() > 1)
      contexts.push_back({&caches[i][0], std::span(context).first(context.size() - 1), 0});
  }
  TRY(run(contexts, kRows, cancel));
  std::vector<std::byte> block;
  for (std::size_t i = 0, at = 0; i < group.size(); ++i) {
    const int n_read = narrow<int>(group[i].context.size()) - 1;
    for (std::size_t k = 0; k < group[i].endings.size(); ++k, ++at) {
      const auto& ending = group[i].endings[k];
      if (k > 0) copy_positions(caches[i][0], n_read, block, caches[i][k]);
      auto& numbers = out[i].emplace_back(ending.size());
      endings.push_back({&caches[i][k], fed[at], n_read, ending, numbers.data()});
    }
  }
  TRY(run(endings, kLogitRows, cancel));
  const auto is_number = [](const auto& ending) {
    return std::ranges::all_of(ending, [](double x) { return std::isfinite(x); });
  };
  for (const auto& each : out) {
    if (std::ranges::all_of(each, is_number)) continue;
    return fail(ErrorCode::corrupt_data,
                "the model computes something that is not a number: its file or its adapter is "
                "damaged. Run: plmm pull NAME");
  }
  return {};
}

/// Passes of at most n_rows_max tokens; a text that does not fit goes on in the next one.
Result<> Scorer::run(std::span<Work> works, int n_rows_max, const Cancel& cancel) {
  const model::Model& model = subject_.engine->model();
  std::size_t next = 0;
  while (next < works.size()) {
    std::vector<model::SequencePart> parts;
    std::vector<Work*> in_pass;
    std::vector<int> n_rows;
    int n_free = n_rows_max, n_logits = 0;
    for (std::size_t i = next; i < works.size() && n_free > 0; ++i) {
      const int n = std::min(n_free, narrow<int>(works[i].tokens.size()));
      const int n_wanted = works[i].out == nullptr ? 0 : n;
      parts.push_back({*works[i].cache,
                       works[i].tokens.first(u(n)),
                       works[i].position,
                       n_wanted,
                       {subject_.adapter.get(), subject_.scale}});
      in_pass.push_back(&works[i]);
      n_rows.push_back(n);
      n_free -= n;
      n_logits += n_wanted;
    }
    const auto logits = std::span(logits_).first(u(n_logits) * u(model.config().n_vocabulary));
    if (!model::forward(model, *workspace_, subject_.engine->pool(), parts, logits, cancel))
      return fail(ErrorCode::cancelled, "stopped");
    if (n_logits > 0) read_rows(in_pass, n_rows);
    for (std::size_t i = 0; i < in_pass.size(); ++i) {
      Work& work = *in_pass[i];
      work.tokens = work.tokens.subspan(u(n_rows[i]));
      work.position += n_rows[i];
      if (work.tokens.empty()) ++next;
    }
  }
  return {};
}

void Scorer::read_rows(std::span<Work* const> works, std::span<const int> n_rows) {
  const model::Model& model = subject_.engine->model();
  const auto width = u(model.config().n_vocabulary);
  std::vector<std::pair<TokenId, double*>> rows;
  for (std::size_t i = 0; i < works.size(); ++i) {
    Work& work = *works[i];
    for (int t = 0; t < n_rows[i]; ++t) rows.emplace_back(work.targets[u(t)], work.out + t);
    work.targets = work.targets.subspan(u(n_rows[i]));
    work.out += n_rows[i];
  }
  ThreadPool& pool = subject_.engine->pool();
  pool.run([&](int thread) {
    const Range mine = split(narrow<int>(rows.size()), thread, pool.size());
    for (int i = mine.begin; i < mine.end; ++i) {
      const auto& [token, out] = rows[u(i)];
      *out = log_probability(std::span(logits_).subspan(u(i) * width, width), token,
                             *model.kernels().backward);
    }
  });
}

}  // namespace plmm::measure
