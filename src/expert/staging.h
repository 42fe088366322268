// A change of an expert's library: made on a copy, tried, and then put in place or thrown away.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/folder_lock.h"
#include "base/result.h"
#include "expert/library.h"

namespace plmm::expert {

/// A copy of the newest release in FOLDER/staged/. While it lives, nobody else changes this expert:
/// a second one of any process is refused, so that no change is lost. Answers go on meanwhile. What
/// a crash leaves behind is never opened as a library and goes with the next stage().
class StagedLibrary {
 public:
  /// io when another change is under way, or there is no space for the copy; else as Library::open.
  static Result<StagedLibrary> stage(const std::filesystem::path& folder, TextEmbedder embedder);
  StagedLibrary(StagedLibrary&&) noexcept = default;
  StagedLibrary& operator=(StagedLibrary&&) = delete;
  /// Throws the copy away.
  ~StagedLibrary();

  /// The copy, to be changed and asked; its card is that of the release before.
  Library& library() { return *library_; }
  std::uint32_t next_release() const { return library_->card().release + 1; }

  /// Makes the copy the expert's library as `release`, which must be above that of the card
  /// (invalid_argument): a number stands for one content for ever. The card is written last and in
  /// one go; before it the old release counts, after it the new one. Other processes that have the
  /// expert open see it by Library::refresh().
  Result<Library> promote(std::uint32_t release) &&;

 private:
  StagedLibrary(FolderLock lock, std::filesystem::path folder, Library library);

  FolderLock lock_;
  std::filesystem::path folder_;
  std::optional<Library> library_;  // nothing: moved from or put in place
};

}  // namespace plmm::expert
