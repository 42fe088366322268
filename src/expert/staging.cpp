// The copy gets the name of its release first; the card then says that it counts.
#include "expert/staging.h"

#include <string>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "protocol/json.h"

namespace plmm::expert {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStagedFolder = "staged";
constexpr const char* kStagedFile = "library.sqlite";

std::unexpected<Error> io_error(const fs::path& path, const std::error_code& error) {
  return fail(ErrorCode::io, path.string() + ": " + error.message());
}

/// A database with the files that SQLite keeps beside it. Whoever has it open goes on reading.
void remove_database(const fs::path& file) {
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::error_code error;
    fs::remove(file.string() + suffix, error);  // what stays goes with the next change
  }
}

/// What crashes have left: the copy, and files of releases that the card does not name.
Result<> clean(const fs::path& folder, std::uint32_t release) {
  std::error_code error;
  fs::remove_all(folder / kStagedFolder, error);
  if (error) return io_error(folder / kStagedFolder, error);
  const auto current = index_file(folder, release).filename().string();
  std::vector<fs::path> left;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with("library") && name.ends_with(".sqlite") && name != current) {
      left.push_back(entry.path());
    }
  }
  if (error) return io_error(folder, error);
  for (const auto& file : left) remove_database(file);
  return {};
}

}  // namespace

StagedLibrary::StagedLibrary(FolderLock lock, fs::path folder, Library library)
    : lock_(std::move(lock)), folder_(std::move(folder)), library_(std::move(library)) {}

StagedLibrary::~StagedLibrary() {
  if (folder_.empty()) return;
  library_.reset();
  std::error_code error;
  fs::remove_all(folder_ / kStagedFolder, error);
}

Result<StagedLibrary> StagedLibrary::stage(const fs::path& folder, TextEmbedder embedder) {
  std::error_code error;
  if (!fs::is_directory(folder, error))
    return std::unexpected(Library::open(folder, embedder).error());
  auto lock = TRY(FolderLock::attempt(folder));
  if (!lock) {
    return fail(ErrorCode::io,
                folder.string() +
                    ": another change of this expert is under way. Wait for its end, "
                    "then run this again");
  }
  auto current = TRY(Library::open(folder, embedder));
  TRY(clean(folder, current.card().release));
  const auto staged = folder / kStagedFolder;
  TRY(make_private_folder(staged));
  TRY(current.index_.copy_to(staged / kStagedFile));
  auto index = TRY(search::PassageIndex::open(staged / kStagedFile, embedder.space));
  Library copy(folder, current.card_, std::move(current.key_), std::move(embedder),
               std::move(index));
  return StagedLibrary(*std::move(lock), folder, std::move(copy));
}

Result<Library> StagedLibrary::promote(std::uint32_t release) && {
  auto card = library_->card_;
  if (release <= card.release) {
    return fail(ErrorCode::invalid_argument, "release " + std::to_string(release) +
                                                 " is not above release " +
                                                 std::to_string(card.release) + ", which is there");
  }
  auto embedder = library_->embedder_;
  const auto old_file = index_file(folder_, card.release);
  card.release = release;
  const auto json = TRY(protocol::to_json(card));
  library_.reset();  // closing it writes SQLite's log back into the file
  const auto staged = folder_ / kStagedFolder / kStagedFile;
  std::error_code error;
  if (fs::exists(staged.string() + "-wal", error)) {
    return fail(ErrorCode::io, staged.string() +
                                   ": the log could not be written back; the library "
                                   "stays as it was");
  }
  TRY(flush_file(staged));
  const auto file = index_file(folder_, release);
  fs::rename(staged, file, error);
  if (error) return io_error(file, error);
  TRY(lock_.flush());
  TRY(write_file_atomically(folder_ / "card.json", json + "\n"));
  TRY(lock_.flush());
  remove_database(old_file);
  return Library::open(folder_, std::move(embedder));
}

}  // namespace plmm::expert
