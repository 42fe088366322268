// Fuzz entry of stored prefixes: whole files, and the heads that only their key's owner can seal.
#include <cstring>

#include "crypto/aead.h"
#include "fuzz/fuzz.h"
#include "infer/prefix_snapshots.h"

namespace plmm::infer {
namespace {

const crypto::SecretBytes& key() {
  static const crypto::SecretBytes kKey(crypto::kAeadKeyBytes);  // zeros
  return kKey;
}

/// A head, and a file with `n_states` boxes of zeros behind it, which pass for states by length.
int examine(std::span<const std::byte> bytes) {
  const auto file = open_snapshot_head(bytes, key());
  if (!file) fuzz::note(file.error().what);
  const auto head = parse_snapshot_head(bytes);
  if (!head) {
    fuzz::note(head.error().what);
    return file ? 0 : -1;
  }
  const std::string again = encode(*head);
  if (again.size() != bytes.size() || std::memcmp(again.data(), bytes.data(), again.size()) != 0)
    __builtin_trap();  // one head, one form
  return 0;
}

}  // namespace
}  // namespace plmm::infer

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return plmm::infer::examine(std::as_bytes(std::span(data, size)));
}

std::vector<std::string> plmm::fuzz::seeds() {
  plmm::infer::SnapshotHead head;
  head.block_bytes = 16;
  head.tokens.assign(32, 7);
  const std::string plain = plmm::infer::encode(head);
  const auto box =
      plmm::crypto::seal(plmm::infer::key(), std::as_bytes(std::span(plain)),
                         {std::as_bytes(std::span(std::string_view("plmm prefix head 1\n")))});
  std::string file = "plmmkv1\n";
  const auto length = static_cast<std::uint32_t>(box.size());
  file.append(reinterpret_cast<const char*>(&length), sizeof length);
  file.append(reinterpret_cast<const char*>(box.data()), box.size());
  file.append(2 * (16 + plmm::crypto::kSealOverheadBytes), '\0');
  return {plain, file, file.substr(0, 40)};
}
