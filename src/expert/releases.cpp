// The library itself says which releases are in it: their documents carry the number.
#include "expert/releases.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "crypto/hash.h"
#include "expert/staging.h"
#include "text/unicode.h"

namespace plmm::expert {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kTeacherBytesMax = 256;
constexpr std::size_t kReleaseFilesMax = 10'000;

fs::path file_of(const fs::path& folder, std::uint32_t number) {
  return folder / kReleasesFolder / (std::to_string(number) + ".json");
}

std::unexpected<Error> refused(std::string what) {
  return fail(ErrorCode::invalid_argument, std::move(what));
}

/// The teacher of the first release is the teacher of all.
Result<> check_teacher(const fs::path& folder, const crypto::PublicKey& key) {
  const auto file = folder / kTeacherFile;
  std::error_code absent;
  if (!fs::exists(file, absent)) return {};
  auto known = TRY(read_file(file, kTeacherBytesMax));
  while (known.ends_with('\n')) known.pop_back();
  if (known == crypto::to_hex(key.bytes)) return {};
  return refused(
      "the release is signed by another teacher than the one that this expert has. If "
      "you trust the new one, remove " +
      file.string() + " and run this again");
}

Result<> check_fits(const protocol::Release& release, const protocol::ExpertCard& card) {
  if (release.expert != card.name || release.expert_key != card.public_key) {
    return refused("the release is for another expert than " + card.name);
  }
  if (release.parent != card.release) {
    return refused("release " + std::to_string(release.number) + " goes on top of release " +
                   std::to_string(release.parent) + ", and " + card.name + " is at release " +
                   std::to_string(card.release) + ". Make it anew: plmm teacher upgrade " +
                   card.name);
  }
  return {};
}

Result<> remember(const fs::path& folder, const protocol::Release& release) {
  const auto json = TRY(protocol::to_json(release));
  TRY(make_private_folder(folder / kReleasesFolder));
  TRY(write_file_atomically(file_of(folder, release.number), json + "\n"));
  return write_file_atomically(folder / kTeacherFile,
                               crypto::to_hex(release.teacher_key.bytes) + "\n");
}

/// Names of the documents that a release has in the library, sorted.
std::vector<std::string> documents_of(std::span<const protocol::ReleasePassage> passages,
                                      std::uint32_t number) {
  std::set<std::string> out;
  for (const auto& passage : passages) out.insert(release_document(passage.document, number));
  return {out.begin(), out.end()};
}

/// The numbers of the files of releases, sorted.
Result<std::vector<std::uint32_t>> numbers_in(const fs::path& folder) {
  std::vector<std::uint32_t> out;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(folder / kReleasesFolder, absent)) {
    const auto name = entry.path().filename().string();
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc() || std::string_view(end) != ".json") continue;
    if (out.size() == kReleaseFilesMax) {
      return fail(ErrorCode::limit_exceeded, (folder / kReleasesFolder).string() + ": more than " +
                                                 std::to_string(kReleaseFilesMax) + " releases");
    }
    out.push_back(number);
  }
  std::ranges::sort(out);
  return out;
}

TakenRelease taken(const protocol::Release& release, const std::vector<std::string>& present) {
  TakenRelease out;
  out.number = release.number;
  out.made_ms = release.made_ms;
  out.model = release.model;
  out.n_passages = release.passages.size();
  out.kept_apart = protocol::figures(release, protocol::QuestionUse::kept_apart);
  out.exam = release.exam;
  out.documents = documents_of(release.passages, release.number);
  out.is_in_library = std::ranges::any_of(
      out.documents, [&](const auto& name) { return std::ranges::binary_search(present, name); });
  return out;
}

}  // namespace

std::string release_document(const std::string& document, std::uint32_t number) {
  const auto mark = " (release " + std::to_string(number) + ")";
  return std::string(text::first_bytes(document, protocol::kTitleBytesMax - mark.size())) + mark;
}

Result<> add_passages(Library& staged, std::span<const protocol::ReleasePassage> passages,
                      std::uint32_t number) {
  const auto mark = release_document({}, number);
  for (const auto& document : TRY(staged.documents())) {
    if (document.ends_with(mark)) TRY(staged.remove(document));
  }
  std::map<std::string, std::vector<NewPassage>> by_document;
  for (const auto& passage : passages) {
    by_document[release_document(passage.document, number)].push_back(
        {passage.title, passage.text});
  }
  for (const auto& [document, own] : by_document) TRY(staged.add(document, own));
  return {};
}

Result<Library> install_release(const fs::path& folder, const TextEmbedder& embedder,
                                const protocol::Release& release) {
  TRY(protocol::check(release));
  if (!protocol::verify_release(release)) {
    return fail(ErrorCode::corrupt_data,
                "the release's signature does not fit: it was changed on its way. Nothing of it "
                "was taken");
  }
  auto staged = TRY(StagedLibrary::stage(folder, embedder));
  TRY(check_fits(release, staged.library().card()));
  TRY(check_teacher(folder, release.teacher_key));
  TRY(add_passages(staged.library(), release.passages, release.number));
  TRY(remember(folder, release));
  return std::move(staged).promote(release.number);
}

Result<std::vector<TakenRelease>> taken_releases(Library& library) {
  const auto present = TRY(library.documents());
  std::vector<TakenRelease> out;
  for (const auto number : TRY(numbers_in(library.folder()))) {
    const auto file = file_of(library.folder(), number);
    const auto json = TRY(read_file(file, protocol::kReleaseBytesMax + 1));
    const auto release = protocol::parse_release(json);
    if (!release) return fail(release.error().code, file.string() + ": " + release.error().what);
    if (release->number != number) {
      return fail(ErrorCode::corrupt_data, file.string() + ": holds another release");
    }
    out.push_back(taken(*release, present));
  }
  return out;
}

Result<RolledBack> roll_back(const fs::path& folder, const TextEmbedder& embedder) {
  auto staged = TRY(StagedLibrary::stage(folder, embedder));
  const auto releases = TRY(taken_releases(staged.library()));
  const auto newest = std::find_if(releases.rbegin(), releases.rend(),
                                   [](const TakenRelease& one) { return one.is_in_library; });
  if (newest == releases.rend()) {
    return fail(ErrorCode::not_found,
                "there is nothing to undo: the library holds no teacher's release");
  }
  for (const auto& document : newest->documents) TRY(staged.library().remove(document));
  const auto release = staged.next_release();
  TRY(std::move(staged).promote(release));
  return RolledBack{newest->number, release};
}

}  // namespace plmm::expert
