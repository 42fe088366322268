// plmm pull, ls and rm: the models on this machine.
#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "apps/plmm/context.h"
#include "apps/plmm/format.h"
#include "apps/plmm/progress.h"
#include "apps/plmm/signals.h"
#include "apps/plmm/suggest.h"
#include "catalog/catalog.h"

namespace plmm::cli {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Result<const catalog::ModelEntry*> find_entry(std::string_view name) {
  if (const auto* entry = catalog::find(name)) return entry;
  std::vector<std::string_view> known;
  for (const auto& entry : catalog::entries()) known.push_back(entry.name);
  const auto near = nearest(name, known);
  const auto hint = near.empty() ? std::string() : fmt::format(" Did you mean '{}'?", near);
  return fail(ErrorCode::not_found,
              fmt::format("the catalogue has no model '{}'.{} Run: plmm ls", name, hint));
}

/// 0 for a file that goes while we look.
std::uint64_t bytes_of(const std::filesystem::path& file) {
  std::error_code gone;
  const auto bytes = std::filesystem::file_size(file, gone);
  return gone ? 0 : bytes;
}

/// Draws the progress of one pull on a terminal; elsewhere it is silent.
class PullDisplay {
 public:
  explicit PullDisplay(Console& console) : console_(console) {}
  PullDisplay(const PullDisplay&) = delete;
  PullDisplay& operator=(const PullDisplay&) = delete;
  ~PullDisplay() { clear(); }

  void update(const catalog::Progress& progress) {
    if (!console_.can_redraw()) return;
    const double now = seconds_since(start_);
    if (progress.stage != stage_) {
      meter_ = {};
      stage_ = progress.stage;
    }
    meter_.add(now, progress.done);
    // Ten times a second is smooth; a change of stage or the end shows at once.
    if (now - drawn_s_ < 0.1 && progress.done < progress.total) return;
    drawn_s_ = now;
    console_.draw("\r           " + line(progress) + "\x1b[K");
    visible_ = true;
  }

  void clear() {
    if (visible_) console_.draw("\r\x1b[K");
    visible_ = false;
  }

 private:
  std::string line(const catalog::Progress& progress) const {
    constexpr std::uint64_t kStall_ms = 5000;
    if (progress.stage == "wait") return "waiting: another pull of this model is running";
    if (progress.idle_ms >= kStall_ms) {
      return progress_text(progress.done, progress.total, 0) +
             fmt::format("  nothing for {} s", progress.idle_ms / 1000);
    }
    const auto text = progress_text(progress.done, progress.total, meter_.bytes_per_s());
    return progress.stage == "verify"
               ? "checking " + progress_text(progress.done, progress.total, 0)
               : text;
  }

  Console& console_;
  Clock::time_point start_ = Clock::now();
  std::string stage_;
  RateMeter meter_;
  double drawn_s_ = -1;
  bool visible_ = false;
};

std::string model_line(const catalog::ModelEntry& entry) {
  return fmt::format("model      {}  {}  {}", entry.name, size_text(catalog::total_bytes(entry)),
                     entry.licence);
}

catalog::PullOptions pull_options(const Context& context, PullDisplay& display) {
  catalog::PullOptions out;
  out.models = context.settings.models();
  out.from = expand_home(context.arguments.text("--from"), context.paths.home);
  out.offline = context.arguments.has("--offline");
  out.cancel = &interrupt();
  out.on_progress = [&display](const catalog::Progress& progress) { display.update(progress); };
  return out;
}

Result<std::filesystem::path> pull_named(Context& context, const std::string& name,
                                         PullDisplay& display) {
  const auto* entry = TRY(find_entry(name));
  if (context.arguments.has("--sha256")) {
    return fail(ErrorCode::invalid_argument,
                "--sha256 is for URLs; models of the catalogue have their checksum there");
  }
  const bool here = catalog::resolve(entry->name, context.settings.models()).has_value();
  context.console.note(model_line(*entry) + (here ? "  already here" : ""));
  return catalog::pull(*entry, pull_options(context, display));
}

}  // namespace

Result<ExitCode> run_pull(Context& context) {
  const auto name = context.arguments.text("NAME|URL");
  const bool is_url = name.find("://") != std::string::npos;
  const auto start = Clock::now();
  PullDisplay display(context.console);
  if (is_url) context.console.note(fmt::format("model      {}", name));
  const bool here = !is_url && catalog::find(name) != nullptr &&
                    catalog::resolve(name, context.settings.models()).has_value();
  const auto path = is_url ? catalog::pull_url(name, context.arguments.text("--sha256"),
                                               pull_options(context, display))
                           : pull_named(context, name, display);
  display.clear();
  if (!path && path.error().code == ErrorCode::cancelled) {
    context.console.note(fmt::format("stopped. Run again to continue: plmm pull {}", name));
    return ExitCode::interrupted;
  }
  const auto file = TRY(path);
  if (!here) {
    context.console.note(fmt::format(
        "           {}, {}, in {}", size_text(bytes_of(file)),
        is_url && !context.arguments.has("--sha256") ? "no checksum was given" : "checksum ok",
        duration_text(seconds_since(start))));
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
    out += fmt::format("{}{}{}{}{}\n", padded(entry.name, 21), padded(here ? "yes" : "-", 7),
                       padded(size_text(catalog::total_bytes(entry)), 9),
                       padded(entry.role == "embedding" ? "emb" : entry.role, 6), entry.licence);
  }
  for (const auto& path : catalog::other_files(models)) {
    out += fmt::format("{} {}{}{}-\n", padded(path.filename().string(), 20), padded("yes", 7),
                       padded(size_text(bytes_of(path)), 9), padded("-", 6));
  }
  context.console.data(out);
  context.console.note(
      Paint::quiet, fmt::format("models are kept in {}", shorten_home(models, context.paths.home)));
  return ExitCode::ok;
}

Result<ExitCode> run_rm(Context& context) {
  const auto name = context.arguments.text("NAME");
  const auto freed = TRY(catalog::remove(name, context.settings.models()));
  context.console.note(fmt::format("removed {}, {} freed", name, size_text(freed)));
  return ExitCode::ok;
}

}  // namespace plmm::cli
