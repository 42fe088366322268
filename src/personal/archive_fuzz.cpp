// Fuzz entry of a vault's archive: whole files, and what somebody who has its key could seal.
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/aead.h"
#include "fuzz/fuzz.h"
#include "personal/vault_archive.h"

namespace plmm::personal {
namespace {

constexpr std::string_view kMagic = "plmm vault archive 1\n";

/// Of a key of zeros, whatever stands in the file: the costs of a passphrase have a test of their
/// own, and would only make this slow.
class NoWrapper final : public crypto::KeyWrapper {
 public:
  Result<std::vector<std::byte>> wrap(std::span<const std::byte> plain,
                                      crypto::AssociatedData) const override {
    return std::vector(plain.begin(), plain.end());
  }
  Result<crypto::SecretBytes> unwrap(std::span<const std::byte>,
                                     crypto::AssociatedData) const override {
    return crypto::SecretBytes(crypto::kAeadKeyBytes);
  }
};

std::string box_of(std::string_view box) {
  const auto size = static_cast<std::uint32_t>(box.size());
  return std::string(reinterpret_cast<const char*>(&size), sizeof size) + std::string(box);
}

std::string frame(std::uint64_t number, std::string_view padded) {
  std::string where(kMagic);
  append_u64(where, number);
  const auto box =
      crypto::seal(crypto::SecretBytes(crypto::kAeadKeyBytes), bytes_of(padded), {bytes_of(where)});
  return box_of({reinterpret_cast<const char*>(box.data()), box.size()});
}

int read_all(std::span<const std::byte> bytes) {
  auto reader = ArchiveReader::open(bytes, NoWrapper());
  if (!reader) {
    fuzz::note(reader.error().what);
    return -1;
  }
  for (;;) {
    const auto entry = reader->next();
    if (!entry) fuzz::note(entry.error().what);
    if (!entry || !*entry) return entry ? 0 : -1;
  }
}

/// `plain` as the first frame of a good archive.
int read_sealed(std::string_view plain) {
  const std::string file = std::string(kMagic) + box_of("key") + frame(0, plain);
  return read_all(bytes_of(file));
}

}  // namespace
}  // namespace plmm::personal

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const int sealed = plmm::personal::read_sealed(text);
  const int whole = plmm::personal::read_all(plmm::personal::bytes_of(text));
  return sealed == 0 || whole == 0 ? 0 : -1;
}

std::vector<std::string> plmm::fuzz::seeds() {
  using plmm::personal::append_u64, plmm::personal::box_of, plmm::personal::frame;
  using plmm::personal::kMagic, plmm::personal::pad;
  std::string record(1, '\x01');
  append_u64(record, 7);
  std::string end(1, '\0');
  append_u64(end, 0);
  const std::string head = std::string(kMagic) + box_of("key");
  const std::string good = head + frame(0, pad(record + "content")) + frame(1, pad(end));
  return {good, head + frame(0, pad(end)), head, pad(record + "content"), pad(end), record};
}
