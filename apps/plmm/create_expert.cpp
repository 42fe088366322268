// Makes experts; see create_expert.h.
#include "apps/plmm/create_expert.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "apps/plmm/experts.h"
#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/moving_line.h"
#include "apps/plmm/terminal/signals.h"
#include "base/check.h"
#include "base/file.h"
#include "catalog/catalog.h"
#include "expert/exam.h"
#include "expert/make_exam.h"

namespace plmm::cli {
namespace {

constexpr std::size_t kLabelColumns = 11;  // "expert     "

/// Says that a preset is not to be made again by itself.
std::filesystem::path removed_mark(const Context& context, std::string_view name) {
  return context.paths.data / "experts" / (std::string(name) + ".removed");
}

/// Keeps the owner's exam, or else one made from the library.
Result<> keep_exam(Console& console, expert::Library& library,
                   std::vector<eval::ExamQuestion> exam) {
  const bool is_own = !exam.empty();
  if (!is_own) exam = TRY(expert::make_exam(library));
  TRY(expert::save_exam(library.folder(), exam));
  if (exam.empty()) {
    console.note(Paint::quiet,
                 "           no exam: the documents explain no abbreviations to ask for.\n"
                 "           Corrections are judged by their own question alone (--exam FILE)");
  } else {
    console.note(Paint::quiet,
                 fmt::format("           exam of {} {} {}", terminal::thousands(exam.size()),
                             exam.size() == 1 ? "question" : "questions",
                             is_own ? "of yours" : "from the abbreviations in the library"));
  }
  return {};
}

}  // namespace

std::string base_model(const Context& context) {
  const bool here =
      catalog::resolve(expert::kUsualBaseModel, context.settings.models()).has_value();
  return here ? std::string(expert::kUsualBaseModel) : context.settings.text("model");
}

Result<std::filesystem::path> preset_documents(Context& context, const expert::Preset& preset) {
  const auto& documents = preset.documents;
  if (!documents.catalog.empty()) {
    const auto* entry = catalog::find_documents(documents.catalog);
    CHECK(entry != nullptr);  // a test compares presets and catalogue
    const auto folder = documents_folder(context);
    if (catalog::is_here(*entry, folder)) return folder / entry->file;
    PullDisplay display(context.console);
    return pull_shown(context, *entry, "documents", folder, display);
  }
  if (expert::is_installed(documents)) return std::filesystem::path(documents.path);
  return fail(ErrorCode::not_found,
              fmt::format("the documents of '{}' are not on this machine. Run: sudo apt-get "
                          "install {}",
                          preset.name, documents.package));
}

expert::ExpertOptions preset_options(const expert::Preset& preset) {
  expert::ExpertOptions out;
  out.name = preset.name;
  out.title = preset.title;
  out.summary = preset.summary;
  out.topics.assign(preset.topics.begin(), preset.topics.end());
  out.prices = expert::kUsualPrices;
  return out;
}

Result<ExpertPlan> plan_of(Context& context, const expert::Preset& preset) {
  ExpertPlan out;
  out.options = preset_options(preset);
  out.options.base_model = base_model(context);
  out.options.reading.topic = preset.documents.topic;
  out.documents.push_back(TRY(preset_documents(context, preset)));
  return out;
}

Result<expert::Library> make_expert(Context& context, infer::Embedder& embedder, ExpertPlan plan) {
  auto& console = context.console;
  const auto folder = TRY(expert_folder(context, plan.options.name));
  double seconds = 0;
  auto made = [&] {
    const auto start = std::chrono::steady_clock::now();
    terminal::MovingLine line(console, kLabelColumns);
    auto library = expert::Library::create(
        folder, plan.options, plan.documents, text_embedder(embedder),
        [&](const expert::Progress& progress) {
          line.count(progress.n_passages, progress.n_passages_total, "passages");
        },
        terminal::interrupt());
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return library;
  }();
  auto library = TRY(std::move(made));
  std::error_code absent;
  std::filesystem::remove(removed_mark(context, plan.options.name), absent);
  const auto& card = library.card();
  console.note(fmt::format("expert     {}: {}, {} passages in {}, answers by {}", card.name,
                           card.title, terminal::thousands(card.n_passages),
                           terminal::duration_text(seconds), card.base_model));
  for (const auto& [reason, n] : library.report().skipped)
    console.note(Paint::quiet,
                 fmt::format("           left out: {} ({})", terminal::thousands(n), reason));
  TRY(keep_exam(console, library, std::move(plan.exam)));
  return library;
}

std::vector<const expert::Preset*> missing_presets(const Context& context) {
  const auto here = experts_here(context);
  std::vector<const expert::Preset*> out;
  std::error_code absent;
  for (const auto& preset : expert::presets()) {
    if (std::ranges::find(here, preset.name) != here.end()) continue;
    if (!std::filesystem::exists(removed_mark(context, preset.name), absent))
      out.push_back(&preset);
  }
  return out;
}

Result<> remove_expert(Context& context, std::string_view name) {
  const auto folder = TRY(expert_folder(context, name));
  std::error_code failed;
  if (std::filesystem::remove_all(folder, failed) == 0 && !failed)
    return fail(ErrorCode::not_found, "there is no such expert here. Run: plmm expert ls");
  if (failed) return fail(ErrorCode::io, folder.string() + ": " + failed.message());
  if (expert::find_preset(name) == nullptr) return {};
  return write_file_atomically(removed_mark(context, name), "");
}

Result<ExitCode> create_missing(Context& context) {
  auto& console = context.console;
  const auto missing = missing_presets(context);
  if (missing.empty()) return ExitCode::ok;
  const auto embedder = TRY(load_embedder(context));
  ExitCode code = ExitCode::ok;
  for (const auto* preset : missing) {
    auto plan = plan_of(context, *preset);
    auto made = plan ? make_expert(context, *embedder, *std::move(plan))
                     : Result<expert::Library>(std::unexpected(plan.error()));
    if (made) continue;
    if (made.error().code == ErrorCode::cancelled) {
      console.note(fmt::format(
          "stopped: nothing of {} was kept. To go on: plmm expert create --all", preset->name));
      return ExitCode::interrupted;
    }
    // The others may do well: one that lacks its documents must not keep them back.
    console.error(made.error());
    code = terminal::exit_code_of(made.error().code);
  }
  return code;
}

Result<ExitCode> list_missing(Context& context) {
  for (const auto* preset : missing_presets(context)) {
    const auto& documents = preset->documents;
    const bool needs = !documents.package.empty() && !expert::is_installed(documents);
    context.console.data(
        fmt::format("{}{}{}\n", preset->name, needs ? " " : "", needs ? documents.package : ""));
  }
  return ExitCode::ok;
}

}  // namespace plmm::cli
