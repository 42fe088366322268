// From flags to a plan.
#include "apps/plmm/train_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "apps/plmm/terminal/format.h"
#include "base/narrow.h"
#include "model/lora_file.h"
#include "model/model.h"

namespace plmm::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kLooks = 10;  // at what was kept apart, in a run
constexpr std::array<std::string_view, 5> kDistillFlags = {"--teacher", "--top-k", "--draws",
                                                           "--temperature", "--kl-weight"};

bool is_distill(const Context& context) { return context.arguments.text("ACTION") == "distill"; }

std::vector<model::LoraTarget> targets_of(const Context& context) {
  const auto all = model::all_lora_targets();
  const auto first_of_feed_forward = std::ranges::find(all, model::LoraTarget::gate);
  const std::string which = context.arguments.text("--targets");
  if (which == "attention") return {all.begin(), first_of_feed_forward};
  if (which == "feed-forward") return {first_of_feed_forward, all.end()};
  return {all.begin(), all.end()};
}

std::string recipe_of(const TrainPlan& plan, const train::TrainingData& data,
                      const TrainedFiles& files) {
  std::string targets;
  for (const auto target : plan.lora.targets)
    targets += fmt::format("{}{}", targets.empty() ? "" : ",", model::target_name(target));
  std::string out = fmt::format(
      "base {} data {} rank {} alpha {:g} targets {} lr {:g} steps {} batch {} sequence {} "
      "validation {:g} patience {} seed {}",
      files.base, data.fingerprint, plan.lora.rank, plan.lora.alpha, targets,
      plan.train.learning_rate, plan.train.n_steps, plan.run.n_batch, plan.train.n_tokens_max,
      plan.data.validation_share, plan.run.n_patience, plan.train.seed);
  if (plan.distill) {
    const auto& labels = plan.distill->labels;
    out +=
        fmt::format(" teacher {} top-k {} draws {} temperature {:g} kl-weight {:g}", files.teacher,
                    labels.n_top, labels.n_draws, labels.temperature, plan.distill->share);
  }
  return out + "\n";
}

}  // namespace

Result<fs::path> check_train_options(const Context& context) {
  const std::string action = context.arguments.text("ACTION");
  if (!context.arguments.has("--data") || !context.arguments.has("--out")) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("what to learn from, and where to? Run: plmm train {} --data FILE "
                            "--out FOLDER{}",
                            action, is_distill(context) ? " --teacher NAME" : ""));
  }
  if (is_distill(context) && !context.arguments.has("--teacher")) {
    return fail(ErrorCode::invalid_argument,
                "from whom? Name a larger model with the same tokens: --teacher NAME|FILE, for "
                "instance --teacher qwen2.5-coder-1.5b");
  }
  for (const auto flag : kDistillFlags) {
    if (is_distill(context) || !context.arguments.has(flag)) continue;
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} is for plmm train distill; lora has no teacher", flag));
  }
  fs::path out = files::expand_home(context.arguments.text("--out"), context.paths.home);
  std::error_code failed;
  const bool is_begun = fs::exists(out / kCheckpointName, failed);
  const bool has_labels = is_distill(context) && fs::exists(out / kLabelsName, failed);
  if (context.arguments.has("--resume")) {
    if (is_begun || has_labels) return out;
    return fail(ErrorCode::not_found,
                out.string() + ": no run was stopped there; begin one without --resume");
  }
  if (is_begun) {
    return fail(ErrorCode::invalid_argument,
                out.string() +
                    ": a run was stopped there. Go on with --resume, or choose another "
                    "--out");
  }
  if (fs::exists(out / model::kPeftConfigName, failed)) {
    return fail(ErrorCode::invalid_argument,
                out.string() + ": holds an adapter already; choose another --out");
  }
  return out;
}

Result<TrainPlan> make_train_plan(const Context& context, const infer::Engine& engine,
                                  fs::path folder) {
  TrainPlan out;
  out.folder = std::move(folder);
  std::error_code failed;
  out.resume = fs::exists(out.folder / kCheckpointName, failed);
  if (is_distill(context)) {
    DistillPlan& distill = out.distill.emplace();
    distill.teacher = context.arguments.text("--teacher");
    distill.labels.n_top = context.arguments.integer_or("--top-k", distill.labels.n_top);
    distill.labels.n_draws = context.arguments.integer_or("--draws", distill.labels.n_draws);
    distill.labels.temperature =
        static_cast<float>(context.arguments.real_or("--temperature", 1.0));
    distill.share =
        static_cast<float>(context.arguments.real_or("--kl-weight", double{distill.share}));
  }
  out.lora.rank = context.arguments.integer_or("--rank", 16);
  out.lora.alpha = static_cast<float>(context.arguments.real_or("--alpha", 2.0 * out.lora.rank));
  out.lora.targets = targets_of(context);
  const auto& family = engine.chat_template();
  if (!family) return std::unexpected(family.error());
  out.data.chat_template = *family;
  out.data.default_system = engine.default_system();
  out.data.n_tokens_max =
      std::min(context.arguments.integer_or("--sequence", 512), engine.model().config().n_context);
  out.data.validation_share = context.arguments.real_or("--validation", 0.1);
  out.data.seed = context.settings.integer("seed");
  out.train.learning_rate = context.arguments.real_or("--lr", 5e-4);
  out.train.n_tokens_max = out.data.n_tokens_max;
  out.train.seed = out.data.seed;
  out.run.n_batch = context.arguments.integer_or("--batch", 4);
  out.run.n_patience = context.arguments.integer_or("--patience", 3);
  out.run.checkpoint = out.folder / kCheckpointName;
  return out;
}

void plan_steps(const Context& context, const train::TrainingData& data, const TrainedFiles& files,
                TrainPlan& plan) {
  const int n_sequences = narrow<int>(data.training.size());
  const int per_epoch = (n_sequences + plan.run.n_batch - 1) / plan.run.n_batch;
  const int n = context.arguments.integer_or(
      "--steps", context.arguments.integer_or("--epochs", 3) * per_epoch);
  plan.train.n_steps = n;
  plan.train.n_warm_up = std::min(10, n / 10);
  plan.run.n_evaluate_every = std::max(1, n / kLooks);
  plan.run.recipe = recipe_of(plan, data, files);
}

std::string resume_command(const Context& context) {
  std::string out = "plmm train " + context.arguments.text("ACTION");
  for (const auto& [flag, values] : context.arguments.values) {
    if (!flag.starts_with("--") || flag == "--resume") continue;
    for (const auto& value : values)
      out += fmt::format(" {} {}", flag, terminal::shell_word(value));
  }
  return out + " --resume";
}

}  // namespace plmm::cli
