// Thins out progress calls and measures how long nothing has moved.
#include "catalog/report.h"

#include <thread>

namespace plmm::catalog {
namespace {
constexpr std::chrono::milliseconds kTellInterval{50};
}  // namespace

Result<> Reporter::tell(std::string_view stage, std::uint64_t done, std::uint64_t total) {
  if (options_.cancel != nullptr && options_.cancel->requested()) {
    return fail(ErrorCode::cancelled,
                "stopped; what is finished is kept and the next pull goes on from there");
  }
  if (!options_.on_progress) return {};
  const auto now = Clock::now();
  const bool new_stage = stage != stage_;
  const bool last = done == total && done != done_;
  if (new_stage || done != done_) grew_at_ = now;
  stage_ = stage;
  done_ = done;
  if (!new_stage && !last && now - told_at_ < kTellInterval) return {};
  told_at_ = now;
  const auto idle = std::chrono::duration_cast<std::chrono::milliseconds>(now - grew_at_);
  options_.on_progress({stage, done, total, static_cast<std::uint64_t>(idle.count())});
  return {};
}

Result<> Reporter::wait(std::string_view stage, std::uint64_t done, std::uint64_t total) {
  std::this_thread::sleep_for(kPollInterval);
  return tell(stage, done, total);
}

}  // namespace plmm::catalog
