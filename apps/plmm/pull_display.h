// A pull as a person sees it: what comes and under which licence, how far it is, how it ended.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

#include "apps/plmm/context.h"
#include "apps/plmm/terminal/progress.h"
#include "catalog/catalog.h"

namespace plmm::cli {

/// Draws the progress of one pull on a terminal; elsewhere it is silent.
class PullDisplay {
 public:
  explicit PullDisplay(Console& console) : console_(console) {}
  PullDisplay(const PullDisplay&) = delete;
  PullDisplay& operator=(const PullDisplay&) = delete;
  ~PullDisplay() { clear(); }

  void update(const catalog::Progress& progress);
  void clear();
  /// "           491 MB, checksum ok, in 13 s", from when the display was made.
  std::string done_line(const std::filesystem::path& file, std::string_view checksum) const;

 private:
  std::string line(const catalog::Progress& progress) const;
  double seconds() const;

  Console& console_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::string stage_;
  terminal::RateMeter meter_;
  double drawn_s_ = -1;
  bool visible_ = false;
};

/// Bytes of a file; 0 for one that goes while we look.
std::uint64_t bytes_of(const std::filesystem::path& file);

/// Where documents of the catalogue are kept.
std::filesystem::path documents_folder(const Context& context);

/// With --from and --offline where the verb has them, and Ctrl-C.
catalog::PullOptions pull_options(const Context& context, const std::filesystem::path& folder,
                                  PullDisplay& display);

/// Says what comes ("model", "documents"), brings it, and says how it went. The errors of
/// catalog::pull.
Result<std::filesystem::path> pull_shown(Context& context, const catalog::ModelEntry& entry,
                                         std::string_view what, const std::filesystem::path& folder,
                                         PullDisplay& display);

}  // namespace plmm::cli
