// Prompts, pairs of answers, and the ratio of their times.
#include "bench/speculation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "base/file.h"
#include "bench/machine.h"
#include "catalog/catalog.h"
#include "infer/draft_model.h"
#include "infer/prompt_lookup.h"
#include "infer/session.h"
#include "infer/speculation.h"
#include "model/model.h"
#include "text/chat_template.h"

namespace plmm::bench {
namespace {

constexpr int kPairs = 3;
constexpr int kContext = 2048;
constexpr int kTokensMax = 256;
constexpr int kProseTokens = 128;
constexpr std::uint64_t kPromptBytesMax = 1 << 16;
constexpr double kEditGoal = 2.0;
constexpr double kProseGoal = 0.98;
constexpr double kDraftGoal = 1.3;

struct Prompt {
  std::string name;
  std::vector<text::TokenId> tokens;
};

/// The turns whose file begins with `kind`, in the order of their names.
Result<std::vector<Prompt>> read_prompts(const infer::Engine& engine, std::string_view kind) {
  const auto folder = TRY(find_in_checkout("testdata/speculation"));
  std::error_code failed;
  std::vector<std::filesystem::path> paths;
  for (const auto& file : std::filesystem::directory_iterator(folder, failed)) {
    if (file.path().filename().string().starts_with(kind)) paths.push_back(file.path());
  }
  std::ranges::sort(paths);
  const auto family = engine.chat_template().value_or(text::TemplateFamily::plain);
  std::vector<Prompt> out;
  for (const auto& path : paths) {
    std::vector<text::Message> messages;
    if (!engine.default_system().empty())
      messages.push_back({text::Role::system, engine.default_system()});
    auto turn = TRY(read_file(path, kPromptBytesMax));
    messages.push_back({text::Role::user, std::move(turn)});
    out.push_back({path.stem().string(), text::encode_chat(family, messages, engine.tokenizer())});
  }
  if (out.empty()) {
    return fail(ErrorCode::not_found,
                fmt::format("{} has no prompts {}*.txt", folder.string(), kind));
  }
  return out;
}

/// Two sessions on one engine, one of which speculates.
class Duel {
 public:
  static Result<Duel> create(const Options& options, infer::Engine& engine,
                             std::unique_ptr<infer::Speculation> speculation) {
    const int n_context = std::min(kContext, engine.model().config().n_context);
    auto plain = TRY(infer::Session::create(engine, n_context));
    auto fast = TRY(infer::Session::create(engine, n_context));
    fast.use_speculation(std::move(speculation));
    return Duel(options, std::move(plain), std::move(fast));
  }

  Result<> run(std::span<const Prompt> prompts, int n_tokens_max) {
    plain_s_.assign(prompts.size(), {});
    fast_s_.assign(prompts.size(), {});
    for (int pair = 0; pair < kPairs; ++pair) {
      for (std::size_t i = 0; i < prompts.size(); ++i) {
        TRY(go_on(*options_));
        const auto plain = TRY(answer(plain_, prompts[i], n_tokens_max));
        const auto fast = TRY(answer(fast_, prompts[i], n_tokens_max));
        if (plain.tokens != fast.tokens) {
          return fail(ErrorCode::corrupt_data,
                      fmt::format("{}: speculation changed the answer", prompts[i].name));
        }
        plain_s_[i].push_back(plain.decode_s);
        fast_s_[i].push_back(fast.decode_s);
        n_proposed_ += fast.n_proposed;
        n_accepted_ += fast.n_accepted;
        n_tokens_ += static_cast<int>(fast.tokens.size());
      }
    }
    return {};
  }

  /// Plain over speculating, of all prompts' medians or of the prompt where it is least; each
  /// prompt's own ratio goes into the note.
  enum class Of : std::uint8_t { all, worst };
  Metric metric(std::string name, std::span<const Prompt> prompts, Of of, double goal) const {
    Metric out;
    out.name = std::move(name);
    out.unit = std::string("x");
    out.goal = Goal{GoalKind::value_at_least, goal, {}};
    double plain = 0, fast = 0, worst = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < prompts.size(); ++i) {
      const double a = median(plain_s_[i]), b = median(fast_s_[i]);
      plain += a;
      fast += b;
      worst = std::min(worst, a / b);
      out.note += fmt::format("{} {:.2f}, ", prompts[i].name, a / b);
    }
    out.value = of == Of::worst ? worst : plain / fast;
    out.note +=
        fmt::format("{} of {} guesses came true in {} tokens", n_accepted_, n_proposed_, n_tokens_);
    return out;
  }

 private:
  Duel(const Options& options, infer::Session plain, infer::Session fast)
      : options_(&options), plain_(std::move(plain)), fast_(std::move(fast)) {}

  static Result<infer::Generation> answer(infer::Session& session, const Prompt& prompt,
                                          int n_tokens_max) {
    infer::GenerateOptions options;
    options.sampler.temperature = 0;
    options.sampler.repeat_penalty = 1;
    options.n_tokens_max = n_tokens_max;
    return session.generate(prompt.tokens, options, nullptr, Cancel());
  }

  const Options* options_;
  infer::Session plain_, fast_;
  std::vector<std::vector<double>> plain_s_, fast_s_;  // of each prompt, each pair
  int n_proposed_ = 0;
  int n_accepted_ = 0;
  int n_tokens_ = 0;
};

std::unique_ptr<infer::Speculation> lookup() {
  auto out = std::make_unique<infer::Speculation>();
  out->add(std::make_unique<infer::PromptLookup>());
  return out;
}

Result<> measure_lookup(const Options& options, infer::Engine& engine, const ModelFile& file,
                        Report& report) {
  const auto edits = TRY(read_prompts(engine, "edit_"));
  auto edit = TRY(Duel::create(options, engine, lookup()));
  TRY(edit.run(edits, kTokensMax));
  report.add(edit.metric("lookup_edit/" + file.name, edits, Duel::Of::all, kEditGoal));
  const auto texts = TRY(read_prompts(engine, "prose_"));
  auto prose = TRY(Duel::create(options, engine, lookup()));
  TRY(prose.run(texts, kProseTokens));
  report.add(prose.metric("lookup_prose/" + file.name, texts, Duel::Of::worst, kProseGoal));
  return {};
}

Result<> measure_draft(const Options& options, infer::Engine& engine, const ModelFile& file,
                       Report& report) {
  const auto path = catalog::resolve(kDraftModel, options.models_dir);
  if (!path) {
    report.note(fmt::format("draft_chat is left out: {} is not here. Run: plmm pull {}",
                            kDraftModel, kDraftModel));
    return {};
  }
  const auto draft = TRY(infer::Engine::load(*path, infer::DraftModel::load_options(engine)));
  auto speculation = lookup();
  auto drafter = TRY(infer::DraftModel::create(*draft, engine, kContext));
  speculation->add(std::move(drafter));
  const auto prompts = TRY(read_prompts(engine, "chat_"));
  auto chat = TRY(Duel::create(options, engine, std::move(speculation)));
  TRY(chat.run(prompts, kTokensMax));
  report.add(chat.metric("draft_chat/" + file.name, prompts, Duel::Of::all, kDraftGoal));
  return {};
}

}  // namespace

Result<> measure_speculation(const Options& options, infer::Engine& engine, const ModelFile& file,
                             Report& report) {
  TRY(measure_lookup(options, engine, file, report));
  if (file.name != kDraftedModel) return {};
  return measure_draft(options, engine, file, report);
}

}  // namespace plmm::bench
