// Taking a teacher's releases into an expert, and undoing the newest.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "expert/library.h"
#include "protocol/release.h"

namespace plmm::expert {

/// FOLDER/teacher: the key of the only teacher whose releases this expert takes, as hex digits;
/// written with the first one. FOLDER/releases/NUMBER.json: each release that was taken.
inline constexpr const char* kTeacherFile = "teacher";
inline constexpr const char* kReleasesFolder = "releases";

/// What a library calls a document of a release: "foldoc (release 4)". So no document of the
/// owner's is ever replaced, and a citation shows who it is from.
std::string release_document(const std::string& document, std::uint32_t number);

/// Adds passages to a staged copy as those of release `number`, in the place of what an earlier
/// call with this number added.
Result<> add_passages(Library& staged, std::span<const protocol::ReleasePassage> passages,
                      std::uint32_t number);

/// Checks and takes a release: all or nothing. corrupt_data when its signature does not fit;
/// invalid_argument when it is for another expert, of another teacher than the one before, or does
/// not follow the release that is here; the errors of StagedLibrary.
Result<Library> install_release(const std::filesystem::path& folder, const TextEmbedder& embedder,
                                const protocol::Release& release);

/// A release that was taken.
struct TakenRelease {
  std::uint32_t number = 0;
  std::int64_t made_ms = 0;
  std::string model;
  std::size_t n_passages = 0;
  protocol::BeforeAfter kept_apart;
  protocol::ExamFigures exam;
  std::vector<std::string> documents;  // as the library calls them; sorted
  bool is_in_library = false;          // not: it was rolled back
};
/// The oldest first. corrupt_data names the file that is damaged.
Result<std::vector<TakenRelease>> taken_releases(Library& library);

struct RolledBack {
  std::uint32_t undone = 0;   // the release whose passages are gone
  std::uint32_t release = 0;  // the number of the library as it is now
};
/// Takes the passages of the newest release that is in the library out again; what others have
/// added since stays. The library gets a new number, for one number never means two libraries.
/// not_found when there is no such release; the errors of StagedLibrary.
Result<RolledBack> roll_back(const std::filesystem::path& folder, const TextEmbedder& embedder);

}  // namespace plmm::expert
