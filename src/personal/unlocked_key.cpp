// One small file in the folder that the login session has in memory.
#include "personal/unlocked_key.h"

#include <linux/magic.h>
#include <sys/vfs.h>

#include <string>

#include "base/file.h"

namespace plmm::personal {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFileBytesMax = 4096;

std::string place_of(const VaultId& vault, std::uint64_t key_id) {
  std::string out = "plmm vault unlocked 1\n";
  out.append(reinterpret_cast<const char*>(vault.data()), vault.size());
  append_u64(out, key_id);
  return out;
}

Result<> check_in_memory(const fs::path& folder) {
  struct statfs info{};
  if (::statfs(folder.c_str(), &info) != 0) return std::unexpected(errno_error(folder));
  if (info.f_type == TMPFS_MAGIC || info.f_type == RAMFS_MAGIC) return {};
  return fail(ErrorCode::unsupported,
              folder.string() +
                  ": on a disk, where an unlocked key would outlive your login. Next: set "
                  "XDG_RUNTIME_DIR to a folder in memory, or name a file in "
                  "PLMM_VAULT_PASSPHRASE_FILE");
}

fs::path file_in(const fs::path& folder) { return folder / "vault.key"; }

}  // namespace

Result<> keep_unlocked(const fs::path& folder, const VaultKeys& keys,
                       const crypto::KeyWrapper& device) {
  if (folder.empty()) {
    return fail(ErrorCode::unsupported,
                "this login has no folder in memory (XDG_RUNTIME_DIR is not set), so no key can be "
                "kept between programs. Next: name a file in PLMM_VAULT_PASSPHRASE_FILE, or type "
                "the passphrase when a program asks");
  }
  TRY(make_private_folder(folder));
  TRY(check_in_memory(folder));
  const std::string where = place_of(keys.vault(), keys.id());
  const auto wrapped = TRY(device.wrap(keys.secrets().bytes(), {bytes_of(where)}));
  return write_file_atomically(file_in(folder),
                               {reinterpret_cast<const char*>(wrapped.data()), wrapped.size()});
}

std::optional<VaultKeys> find_unlocked(const fs::path& folder, const VaultId& vault,
                                       std::uint64_t key_id, const crypto::KeyWrapper& device) {
  if (folder.empty()) return std::nullopt;
  const auto file = read_file(file_in(folder), kFileBytesMax);
  if (!file) return std::nullopt;
  const std::string where = place_of(vault, key_id);
  auto secrets = device.unwrap(bytes_of(*file), {bytes_of(where)});
  if (!secrets || secrets->size() != VaultKeys::kSecretBytes) return std::nullopt;
  return VaultKeys(std::move(*secrets), key_id, vault);
}

Result<bool> forget_unlocked(const fs::path& folder) {
  if (folder.empty()) return false;
  std::error_code failed;
  const bool was_there = fs::remove(file_in(folder), failed);
  if (failed) return fail(ErrorCode::io, file_in(folder).string() + ": " + failed.message());
  return was_there;
}

}  // namespace plmm::personal
