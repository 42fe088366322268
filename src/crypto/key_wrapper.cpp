// Wrapped keys are boxes of crypto/aead.h.
#include "crypto/key_wrapper.h"

#include <cstring>
#include <string_view>

#include "base/bytes.h"
#include "crypto/hash.h"
#include "crypto/random.h"

namespace plmm::crypto {
namespace {

constexpr std::string_view kDeviceUse = "plmm key wrapper 1";
constexpr std::size_t kHeadBytes = 8 + std::tuple_size_v<Salt>;

Result<SecretBytes> open_key(const SecretBytes& key, std::span<const std::byte> box,
                             AssociatedData bound_to) {
  if (box.size() <= kSealOverheadBytes)
    return fail(ErrorCode::corrupt_data, "a wrapped key is cut short");
  SecretBytes out(box.size() - kSealOverheadBytes);
  TRY(open_into(key, box, bound_to, out.writable()));
  return out;
}

/// The costs are bound too, though a changed one would make another key anyway.
std::vector<std::byte> bound_with(std::span<const std::byte> head, AssociatedData bound_to) {
  std::vector<std::byte> out(head.begin(), head.end());
  out.insert(out.end(), bound_to.bytes.begin(), bound_to.bytes.end());
  return out;
}

}  // namespace

DeviceWrapper::DeviceWrapper(const SecretBytes& device_key) : key_(kAeadKeyBytes) {
  Digest digest = keyed_hash(device_key, std::as_bytes(std::span(kDeviceUse)));
  key_ = SecretBytes::copy_of(digest);
  wipe(digest);
}

Result<std::vector<std::byte>> DeviceWrapper::wrap(std::span<const std::byte> plain,
                                                   AssociatedData bound_to) const {
  return seal(key_, plain, bound_to);
}

Result<SecretBytes> DeviceWrapper::unwrap(std::span<const std::byte> wrapped,
                                          AssociatedData bound_to) const {
  return open_key(key_, wrapped, bound_to);
}

Result<std::vector<std::byte>> PassphraseWrapper::wrap(std::span<const std::byte> plain,
                                                       AssociatedData bound_to) const {
  Salt salt;
  random_bytes(salt);
  const auto key = TRY(stretch(passphrase_, salt, cost_));
  std::vector<std::byte> out(kHeadBytes);
  std::memcpy(out.data(), &cost_.memory_kib, sizeof cost_.memory_kib);
  std::memcpy(out.data() + 4, &cost_.passes, sizeof cost_.passes);
  std::memcpy(out.data() + 8, salt.data(), salt.size());
  const auto box = seal(key, plain, {bound_with(out, bound_to)});
  out.insert(out.end(), box.begin(), box.end());
  return out;
}

Result<SecretBytes> PassphraseWrapper::unwrap(std::span<const std::byte> wrapped,
                                              AssociatedData bound_to) const {
  ByteReader reader(wrapped);
  PassphraseCost cost;
  Salt salt;
  cost.memory_kib = TRY(reader.read<std::uint32_t>("memory of a passphrase"));
  cost.passes = TRY(reader.read<std::uint32_t>("passes of a passphrase"));
  salt = TRY(reader.read<Salt>("salt of a passphrase"));
  const auto key = TRY(stretch(passphrase_, salt, cost));
  const auto head = wrapped.first(kHeadBytes);
  auto out = open_key(key, wrapped.subspan(kHeadBytes), {bound_with(head, bound_to)});
  if (!out) return fail(ErrorCode::invalid_argument, "wrong passphrase");
  return out;
}

}  // namespace plmm::crypto
