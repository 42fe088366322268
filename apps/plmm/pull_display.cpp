// Draws pulls; see pull_display.h.
#include "apps/plmm/pull_display.h"

#include <fmt/format.h>

#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/signals.h"

namespace plmm::cli {

double PullDisplay::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

void PullDisplay::update(const catalog::Progress& progress) {
  if (!console_.can_redraw()) return;
  const double now = seconds();
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

void PullDisplay::clear() {
  if (visible_) console_.draw("\r\x1b[K");
  visible_ = false;
}

std::string PullDisplay::line(const catalog::Progress& progress) const {
  constexpr std::uint64_t kStall_ms = 5000;
  if (progress.stage == "wait") return "waiting: another pull of this model is running";
  if (progress.idle_ms >= kStall_ms) {
    return terminal::progress_text(progress.done, progress.total, 0) +
           fmt::format("  nothing for {} s", progress.idle_ms / 1000);
  }
  const auto text = terminal::progress_text(progress.done, progress.total, meter_.per_s());
  return progress.stage == "verify"
             ? "checking " + terminal::progress_text(progress.done, progress.total, 0)
             : text;
}

std::string PullDisplay::done_line(const std::filesystem::path& file,
                                   std::string_view checksum) const {
  return fmt::format("           {}, {}, in {}", terminal::size_text(bytes_of(file)), checksum,
                     terminal::duration_text(seconds()));
}

std::uint64_t bytes_of(const std::filesystem::path& file) {
  std::error_code gone;
  const auto bytes = std::filesystem::file_size(file, gone);
  return gone ? 0 : bytes;
}

std::filesystem::path documents_folder(const Context& context) {
  return context.paths.data / "documents";
}

catalog::PullOptions pull_options(const Context& context, const std::filesystem::path& folder,
                                  PullDisplay& display) {
  catalog::PullOptions out;
  out.models = folder;
  out.from = files::expand_home(context.arguments.text("--from"), context.paths.home);
  out.offline = context.arguments.has("--offline");
  out.cancel = &terminal::interrupt();
  out.on_progress = [&display](const catalog::Progress& progress) { display.update(progress); };
  return out;
}

Result<std::filesystem::path> pull_shown(Context& context, const catalog::ModelEntry& entry,
                                         std::string_view what, const std::filesystem::path& folder,
                                         PullDisplay& display) {
  const bool here = catalog::is_here(entry, folder);
  context.console.note(fmt::format("{:<10} {}  {}  {}{}", what, entry.name,
                                   terminal::size_text(catalog::total_bytes(entry)), entry.licence,
                                   here ? "  already here" : ""));
  auto path = catalog::pull(entry, pull_options(context, folder, display));
  display.clear();
  if (path && !here) context.console.note(display.done_line(*path, "checksum ok"));
  return path;
}

}  // namespace plmm::cli
