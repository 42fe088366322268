// A forward pass of the small model for each guess.
#include "infer/draft_model.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "model/forward.h"
#include "model/kv_cache.h"
#include "model/model.h"

namespace plmm::infer {
namespace {

// Of the 151,936 tokens of Qwen these make up most of English and code, and a rarer one is no worse
// than a wrong guess. More of them cost more than they find.
constexpr int kHeadRows = 16'384;
constexpr int kReadAtOnce = 128;  // tokens of a pass that only reads

/// How far the best logit is before the second; the least of each grade.
constexpr std::array<float, kGrades> kLeads{0.0F, 0.25F, 0.5F, 1.0F, 1.75F, 2.75F, 4.0F, 6.0F};

int grade_of(std::span<const float> logits) {
  float best = -std::numeric_limits<float>::infinity(), second = best;
  for (const float logit : logits) {
    if (logit <= second) continue;
    second = std::min(logit, best);
    best = std::max(logit, best);
  }
  int grade = 0;
  while (grade + 1 < kGrades && best - second >= kLeads[static_cast<std::size_t>(grade) + 1])
    ++grade;
  return grade;
}

}  // namespace

Result<> check_same_vocabulary(const Engine& draft, const Engine& main) {
  const auto& ours = draft.tokenizer();
  const auto& theirs = main.tokenizer();
  const int n = draft.model().config().n_vocabulary;
  if (n != main.model().config().n_vocabulary || ours.size() != theirs.size()) {
    return fail(ErrorCode::invalid_argument,
                "the draft model has " + std::to_string(n) + " tokens, the model that answers " +
                    std::to_string(main.model().config().n_vocabulary) +
                    ": it can only guess for a model with the same ones");
  }
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const auto id = static_cast<text::TokenId>(i);
    if (ours.piece(id, text::Special::parse) == theirs.piece(id, text::Special::parse)) continue;
    return fail(ErrorCode::invalid_argument,
                "token " + std::to_string(id) +
                    " of the draft model is another one than that of the model that answers: it "
                    "can only guess for a model with the same tokens");
  }
  return {};
}

LoadOptions DraftModel::load_options(const Engine& main) {
  LoadOptions out;
  out.tier = std::string(main.tier());
  out.threads_of = &main;
  out.kv_cache = main.cache_type();
  out.n_head_rows = kHeadRows;
  return out;
}

DraftModel::DraftModel() = default;
DraftModel::~DraftModel() = default;

Result<std::unique_ptr<DraftModel>> DraftModel::create(Engine& draft, const Engine& main,
                                                       int n_context) {
  TRY(check_same_vocabulary(draft, main));
  const auto& config = draft.model().config();
  const int n = std::min(n_context, config.n_context);
  std::unique_ptr<DraftModel> out(new DraftModel());
  out->engine_ = &draft;
  auto cache = TRY(model::KvCache::create(config, n, draft.cache_type()));
  out->cache_ = std::make_unique<model::KvCache>(std::move(cache));
  out->workspace_ = TRY(
      model::Workspace::create(draft.model(), std::min(kReadAtOnce, n), n, draft.pool().size()));
  // Tokens that have no logits are never likely.
  out->logits_.assign(static_cast<std::size_t>(config.n_vocabulary),
                      -std::numeric_limits<float>::infinity());
  return out;
}

Acceptances DraftModel::expected() const {
  return {0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.92, 0.97};
}

void DraftModel::follow(std::span<const text::TokenId> tokens, const Sampler& sampler) {
  const auto [same, ignored] =
      std::mismatch(tokens_.begin(), tokens_.end(), tokens.begin(), tokens.end());
  // The last one is always read anew: its logits are wanted.
  n_held_ =
      std::min({n_held_, static_cast<std::size_t>(same - tokens_.begin()), tokens.size() - 1});
  tokens_.assign(tokens.begin(), tokens.end());
  drawing_ = &sampler;
}

int DraftModel::n_unread() const { return static_cast<int>(tokens_.size() - n_held_) - 1; }

bool DraftModel::feed(std::size_t n, std::span<float> logits, const Cancel& cancel) {
  if (n > static_cast<std::size_t>(cache_->n_context())) return false;
  while (n_held_ < n) {
    const std::size_t part =
        std::min(n - n_held_, static_cast<std::size_t>(workspace_->n_tokens_max()));
    const bool wanted = n_held_ + part == n && !logits.empty();
    if (!model::forward(engine_->model(), *cache_, *workspace_, engine_->pool(),
                        std::span(tokens_).subspan(n_held_, part), static_cast<int>(n_held_),
                        wanted ? 1 : 0, wanted ? logits : std::span<float>(), cancel)) {
      return false;
    }
    n_held_ += part;
  }
  return true;
}

void DraftModel::read(const Cancel& cancel) { feed(tokens_.size() - 1, {}, cancel); }

std::optional<Guess> DraftModel::next(const Cancel& cancel) {
  if (!feed(tokens_.size(), logits_, cancel)) return std::nullopt;
  if (drawing_ != nullptr) sampler_.emplace(*drawing_);
  drawing_ = nullptr;
  Guess out;
  out.token = sampler_->next(logits_, tokens_);
  out.grade = grade_of(logits_);
  tokens_.push_back(out.token);
  return out;
}

}  // namespace plmm::infer
