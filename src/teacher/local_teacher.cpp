// Releases as files.
#include "teacher/local_teacher.h"

#include <string>
#include <system_error>

#include "base/file.h"
#include "crypto/key_file.h"

namespace plmm::teacher {
namespace {

namespace fs = std::filesystem;

std::string file_name(std::uint32_t number) {
  return "release-" + std::to_string(number) + ".json";
}

bool has_releases(const fs::path& folder) {
  std::error_code absent;
  fs::recursive_directory_iterator at(folder, absent);
  for (; !absent && at != fs::recursive_directory_iterator(); at.increment(absent)) {
    const auto name = at->path().filename().string();
    if (name.starts_with("release-") && name.ends_with(".json")) return true;
  }
  return false;
}

}  // namespace

Result<crypto::KeyPair> LocalTeacher::key() const {
  std::error_code absent;
  const auto file = folder_ / "key";
  if (!fs::exists(file, absent) && has_releases(folder_)) {
    return fail(ErrorCode::corrupt_data,
                file.string() +
                    ": the teacher's key is gone; experts that have its releases take "
                    "no others. Bring it back from a copy");
  }
  TRY(make_private_folder(folder_));
  const auto secret = TRY(crypto::load_or_create_key(file));
  static_assert(crypto::kDeviceKeyBytes == crypto::KeyPair::kSeedBytes);
  return crypto::KeyPair::from_seed(secret.bytes().first<crypto::KeyPair::kSeedBytes>());
}

Result<fs::path> LocalTeacher::folder_of(std::string_view expert) const {
  if (!protocol::is_name(expert) || expert == "key") {
    return fail(ErrorCode::invalid_argument,
                "an expert's name is lower-case letters, digits and -, such as it or finance-2");
  }
  auto out = folder_ / expert;
  TRY(make_private_folder(out));
  return out;
}

Result<> LocalTeacher::keep(const protocol::Release& release) const {
  const auto folder = TRY(folder_of(release.expert));
  const auto json = TRY(protocol::to_json(release));
  return write_file_atomically(folder / file_name(release.number), json + "\n");
}

Result<protocol::Release> LocalTeacher::release_after(std::string_view expert,
                                                      std::uint32_t number) {
  std::error_code absent;
  const auto nothing = [] {
    return fail(ErrorCode::not_found, "the teacher has no newer release of this expert");
  };
  if (!protocol::is_name(expert) || number == UINT32_MAX) return nothing();
  const auto file = folder_ / expert / file_name(number + 1);
  if (!fs::exists(file, absent)) return nothing();
  const auto json = TRY(read_file(file, protocol::kReleaseBytesMax + 1));
  auto release = protocol::parse_release(json);
  if (!release) return fail(release.error().code, file.string() + ": " + release.error().what);
  if (release->expert != expert || release->parent != number) {
    return fail(ErrorCode::corrupt_data,
                file.string() + ": holds another release than its name says");
  }
  return release;
}

}  // namespace plmm::teacher
