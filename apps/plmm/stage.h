// A home of its own for a demonstration or a measurement, gone when it is over.
#pragma once

#include <filesystem>
#include <string>

#include "apps/plmm/context.h"

namespace plmm::cli {

/// A new folder that only this user can read, removed with this object.
class Stage {
 public:
  static Result<Stage> open();
  Stage(Stage&& other) noexcept : folder_(std::move(other.folder_)) { other.folder_.clear(); }
  Stage& operator=(Stage&&) = delete;
  ~Stage();
  const std::filesystem::path& folder() const { return folder_; }

 private:
  explicit Stage(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::filesystem::path folder_;
};

/// The environment of a stage: data, configuration, cache and ledger are in `folder`; the models
/// and choice of one are those of `context`.
Environment environment_of(const Context& context, const std::filesystem::path& folder);

}  // namespace plmm::cli
