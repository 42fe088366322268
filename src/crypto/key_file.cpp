// A key file appears whole or not at all, and never replaces another.
#include "crypto/key_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "base/file.h"
#include "crypto/hash.h"
#include "crypto/random.h"

namespace plmm::crypto {
namespace {

namespace fs = std::filesystem;

Result<> check_private(const fs::path& path) {
  std::error_code error;
  const fs::perms permissions = fs::status(path, error).permissions();
  if (error) return fail(ErrorCode::io, path.string() + ": " + error.message());
  if ((permissions & (fs::perms::group_all | fs::perms::others_all)) != fs::perms::none) {
    return fail(ErrorCode::invalid_argument, path.string() +
                                                 ": other users may read or change this key. Run: "
                                                 "chmod 600 '" +
                                                 path.string() + "'");
  }
  return {};
}

Result<SecretBytes> load(const fs::path& path) {
  const auto file = TRY(MappedFile::open(path));
  TRY(check_private(path));
  if (file.bytes().size() != kDeviceKeyBytes) {
    return fail(ErrorCode::corrupt_data,
                path.string() + ": a key has " + std::to_string(kDeviceKeyBytes) +
                    " bytes, this file has " + std::to_string(file.bytes().size()) +
                    ". Put the file back from a backup: nothing else opens what it has sealed.");
  }
  return SecretBytes::copy_of(file.bytes());
}

/// Makes the folder's entries last through a power cut.
Result<> flush_folder(const fs::path& folder) {
  const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return std::unexpected(errno_error(folder));
  const int status = ::fsync(fd);
  Error error = errno_error(folder);
  ::close(fd);
  if (status != 0) return std::unexpected(std::move(error));
  return {};
}

/// Gives the file its name unless the name is taken: then the file there stays.
Result<> publish(const fs::path& temporary, const fs::path& path) {
  if (::link(temporary.c_str(), path.c_str()) == 0 || errno == EEXIST) return {};
  // Some file systems and Android have no hard links.
  if (::rename(temporary.c_str(), path.c_str()) == 0) return {};
  return std::unexpected(errno_error(path));
}

Result<> create(const fs::path& path) {
  const SecretBytes key = SecretBytes::generate(kDeviceKeyBytes);
  std::array<std::byte, 8> number;
  random_bytes(number);
  const fs::path temporary = path.string() + ".new-" + to_hex(number);
  TRY(write_file_atomically(
      temporary, {reinterpret_cast<const char*>(key.bytes().data()), key.bytes().size()}));
  const Result<> published = publish(temporary, path);
  ::unlink(temporary.c_str());
  TRY(published);
  return flush_folder(path.parent_path());
}

}  // namespace

Result<SecretBytes> load_or_create_key(const fs::path& path) {
  auto key = load(path);
  if (key || key.error().code != ErrorCode::not_found) return key;
  TRY(create(path));
  return load(path);
}

}  // namespace plmm::crypto
