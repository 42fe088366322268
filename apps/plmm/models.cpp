// plmm pull, ls and rm: the models on this machine.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/plmm/context.h"
#include "apps/plmm/pull_display.h"
#include "apps/plmm/running_model.h"
#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/suggest.h"
#include "catalog/catalog.h"
#include "model/packed_file.h"

namespace plmm::cli {
namespace {

Result<const catalog::ModelEntry*> find_entry(std::string_view name) {
  if (const auto* entry = catalog::find(name)) return entry;
  std::vector<std::string_view> known;
  for (const auto& entry : catalog::entries()) known.push_back(entry.name);
  const auto near = terminal::nearest(name, known);
  const auto hint = near.empty() ? std::string() : fmt::format(" Did you mean '{}'?", near);
  return fail(ErrorCode::not_found,
              fmt::format("the catalogue has no model '{}'.{} Run: plmm ls", name, hint));
}

Result<std::filesystem::path> pull_named(Context& context, const std::string& name,
                                         PullDisplay& display) {
  if (context.arguments.has("--sha256")) {
    return fail(ErrorCode::invalid_argument,
                "--sha256 is for URLs; models of the catalogue have their checksum there");
  }
  if (const auto* documents = catalog::find_documents(name))
    return pull_shown(context, *documents, "documents", documents_folder(context), display);
  const auto* entry = TRY(find_entry(name));
  return pull_shown(context, *entry, "model", context.settings.models(), display);
}

/// What a model that goes has left for its next start.
void remove_packed(const Context& context, std::string_view name) {
  const auto path = catalog::resolve(name, context.settings.models());
  std::error_code ignored;
  if (path)
    std::filesystem::remove(model::packed_file(packed_folder(context.paths), *path), ignored);
}

}  // namespace

Result<ExitCode> run_pull(Context& context) {
  const auto name = context.arguments.text("NAME|URL");
  const bool is_url = name.find("://") != std::string::npos;
  PullDisplay display(context.console);
  if (is_url) context.console.note(fmt::format("model      {}", name));
  const auto path =
      is_url ? catalog::pull_url(name, context.arguments.text("--sha256"),
                                 pull_options(context, context.settings.models(), display))
             : pull_named(context, name, display);
  display.clear();
  if (!path && path.error().code == ErrorCode::cancelled) {
    context.console.note(fmt::format("stopped. Run again to continue: plmm pull {}", name));
    return ExitCode::interrupted;
  }
  const auto file = TRY(path);
  if (is_url) {
    context.console.note(display.done_line(
        file, context.arguments.has("--sha256") ? "checksum ok" : "no checksum was given"));
  }
  return ExitCode::ok;
}

Result<ExitCode> run_ls(Context& context) {
  const auto models = context.settings.models();
  if (context.arguments.has("--json")) {
    auto out = nlohmann::ordered_json::array();
    for (const auto& entry : catalog::entries()) {
      const auto path = catalog::resolve(entry.name, models);
      out.push_back(
          {{"name", entry.name},
           {"here", path.has_value()},
           {"path", path ? nlohmann::ordered_json(path->string()) : nlohmann::ordered_json()},
           {"bytes", catalog::total_bytes(entry)},
           {"licence", entry.licence},
           {"role", entry.role},
           {"template", entry.chat_template},
           {"sha256", entry.sha256},
           {"summary", entry.summary}});
    }
    for (const auto& path : catalog::other_files(models)) {
      out.push_back({{"name", path.filename().string()},
                     {"here", true},
                     {"path", path.string()},
                     {"bytes", bytes_of(path)},
                     {"licence", nullptr},
                     {"role", nullptr},
                     {"template", nullptr},
                     {"sha256", nullptr},
                     {"summary", nullptr}});
    }
    context.console.data(out.dump(2) + "\n");
    return ExitCode::ok;
  }
  std::string out = "name                 here   size     role  licence\n";
  for (const auto& entry : catalog::entries()) {
    const bool here = catalog::resolve(entry.name, models).has_value();
    out += fmt::format(
        "{}{}{}{}{}\n", terminal::padded(entry.name, 21), terminal::padded(here ? "yes" : "-", 7),
        terminal::padded(terminal::size_text(catalog::total_bytes(entry)), 9),
        terminal::padded(entry.role == "embedding" ? "emb" : entry.role, 6), entry.licence);
  }
  for (const auto& path : catalog::other_files(models)) {
    out += fmt::format(
        "{} {}{}{}-\n", terminal::padded(path.filename().string(), 20), terminal::padded("yes", 7),
        terminal::padded(terminal::size_text(bytes_of(path)), 9), terminal::padded("-", 6));
  }
  context.console.data(out);
  context.console.note(Paint::quiet, fmt::format("models are kept in {}",
                                                 files::shorten_home(models, context.paths.home)));
  return ExitCode::ok;
}

Result<ExitCode> run_rm(Context& context) {
  const auto name = context.arguments.text("NAME");
  const auto* documents = catalog::find_documents(name);
  if (documents == nullptr) remove_packed(context, name);
  const auto freed =
      TRY(documents != nullptr ? catalog::remove(*documents, documents_folder(context))
                               : catalog::remove(name, context.settings.models()));
  context.console.note(fmt::format("removed {}, {} freed", name, terminal::size_text(freed)));
  return ExitCode::ok;
}

}  // namespace plmm::cli
