// How keys are made from secrets, and what each box is bound to; docs/formats/vault.md.
#include "personal/vault_keys.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/random.h"

namespace plmm::personal {
namespace {

constexpr std::size_t kHalf = VaultKeys::kSecretBytes / 2;

crypto::SecretBytes derive_key(std::span<const std::byte> root, std::string_view use,
                               const VaultId& vault) {
  std::string label(use);
  label.append(reinterpret_cast<const char*>(vault.data()), vault.size());
  crypto::Digest digest = crypto::keyed_hash(crypto::SecretBytes::copy_of(root), bytes_of(label));
  auto out = crypto::SecretBytes::copy_of(digest);
  crypto::wipe(digest);
  return out;
}

crypto::SecretBytes joined(std::span<const std::byte> root, std::span<const std::byte> counter) {
  CHECK(root.size() == kHalf && counter.size() == kHalf);
  crypto::SecretBytes out(VaultKeys::kSecretBytes);
  std::ranges::copy(root, out.writable().begin());
  std::ranges::copy(counter, out.writable().subspan(kHalf).begin());
  return out;
}

void append_id(std::string& out, const VaultId& vault) {
  out.append(reinterpret_cast<const char*>(vault.data()), vault.size());
}

std::string place_of_key(const VaultId& vault, std::uint64_t id, Layers layers) {
  std::string out = "plmm vault key 1\n";
  append_id(out, vault);
  append_u64(out, id);
  out.push_back(static_cast<char>(layers));
  return out;
}

}  // namespace

crypto::SecretBytes VaultKeys::generate(const VaultKeys* before) {
  auto out = crypto::SecretBytes::generate(kSecretBytes);
  if (before != nullptr)
    std::ranges::copy(before->counter_.bytes(), out.writable().subspan(kHalf).begin());
  return out;
}

VaultKeys VaultKeys::of_device(const crypto::SecretBytes& device_key, const VaultId& vault) {
  const auto counter = derive_key(device_key.bytes(), "plmm vault counter 1", {});
  return {joined(device_key.bytes(), counter.bytes()), 0, vault};
}

VaultKeys::VaultKeys(crypto::SecretBytes secrets, std::uint64_t id, const VaultId& vault)
    : secrets_(std::move(secrets)),
      id_(id),
      vault_(vault),
      seal_(derive("plmm vault seal 1")),
      sum_(derive("plmm vault sum 1")),
      counter_(crypto::SecretBytes::copy_of(secrets_.bytes().subspan(kHalf))) {}

crypto::SecretBytes VaultKeys::derive(std::string_view use) const {
  return derive_key(secrets_.bytes().first(kHalf), use, vault_);
}

std::string VaultKeys::place_of(const RecordPlace& place) const {
  std::string out = id_ == 0 ? "plmm vault record 1\n" : "plmm vault record 2\n";
  append_id(out, vault_);
  out.push_back(static_cast<char>(place.area));
  append_u64(out, static_cast<std::uint64_t>(place.id));
  append_u64(out, place.version);
  if (id_ != 0) append_u64(out, id_);
  return out;
}

std::string VaultKeys::place_of_state(std::uint64_t counter) const {
  std::string out = id_ == 0 ? "plmm vault state 1\n" : "plmm vault state 2\n";
  append_id(out, vault_);
  append_u64(out, counter);
  if (id_ != 0) append_u64(out, id_);
  return out;
}

std::vector<std::byte> VaultKeys::seal(const RecordPlace& place, std::string_view content) const {
  std::string padded = pad(content);
  auto sealed = crypto::seal(seal_, bytes_of(padded), {bytes_of(place_of(place))});
  crypto::wipe(std::as_writable_bytes(std::span(padded)));
  return sealed;
}

Result<std::string> VaultKeys::open(const RecordPlace& place,
                                    std::span<const std::byte> sealed) const {
  const std::string where = place_of(place);
  auto padded = TRY(crypto::open(seal_, sealed, {bytes_of(where)}));
  auto content = unpad(padded);
  crypto::wipe(padded);
  return content;
}

crypto::Digest VaultKeys::digest(const RecordPlace& place,
                                 std::span<const std::byte> sealed) const {
  crypto::KeyedHash hash(sum_);
  hash.update(bytes_of(place_of(place)));  // its length never varies under one key
  hash.update(sealed);
  return std::move(hash).finish();
}

std::vector<std::byte> VaultKeys::seal(const VaultState& state) const {
  return crypto::seal(seal_, bytes_of(encode(state)), {bytes_of(place_of_state(state.counter))});
}

Result<VaultState> VaultKeys::open_state(std::uint64_t counter,
                                         std::span<const std::byte> sealed) const {
  const std::string where = place_of_state(counter);
  return decode(TRY(crypto::open(seal_, sealed, {bytes_of(where)})), counter);
}

Counter VaultKeys::counter_of(const VaultState& state) const {
  return {vault_, state.counter,
          crypto::keyed_hash(sum_, bytes_of(place_of_state(state.counter) + encode(state)))};
}

Result<std::optional<WrappedKey>> read_wrapped_key(store::Database& database) {
  auto select = TRY(database.prepare("SELECT id, layers, wrapped FROM key"));
  if (TRY(select.step()) == store::Step::done) return std::nullopt;
  WrappedKey out;
  out.id = static_cast<std::uint64_t>(select.int64(0));
  const auto layers = select.int64(1);
  out.layers = static_cast<Layers>(layers);
  if (layers != 1 && layers != 3) {
    return fail(ErrorCode::unsupported,
                database.label() +
                    ": its key is kept in a way that this program does not know. "
                    "Next: use the newer plmm that wrote it");
  }
  const auto wrapped = select.blob(2);
  out.wrapped.assign(wrapped.begin(), wrapped.end());
  if (out.id != 0 && TRY(select.step()) == store::Step::done) return out;
  return fail(ErrorCode::corrupt_data, database.label() + ": the vault's key is damaged");
}

Result<> write_wrapped_key(store::Database& database, const WrappedKey& key) {
  TRY(database.execute("DELETE FROM key"));
  auto insert = TRY(database.prepare("INSERT INTO key VALUES (?1, ?2, ?3)"));
  return insert.run(key.id, static_cast<int>(key.layers), std::span(key.wrapped));
}

Result<WrappedKey> wrap_keys(const VaultKeys& keys, const crypto::KeyWrapper& device,
                             const crypto::KeyWrapper* passphrase) {
  WrappedKey out{
      keys.id(), passphrase != nullptr ? Layers::device_and_passphrase : Layers::device, {}};
  const std::string where = place_of_key(keys.vault(), out.id, out.layers);
  const crypto::AssociatedData bound{bytes_of(where)};
  std::span<const std::byte> plain = keys.secrets().bytes();
  std::vector<std::byte> inner;
  if (passphrase != nullptr) {
    inner = TRY(passphrase->wrap(plain, bound));
    plain = inner;
  }
  out.wrapped = TRY(device.wrap(plain, bound));
  return out;
}

Result<VaultKeys> unwrap_keys(const WrappedKey& key, const VaultId& vault,
                              const crypto::KeyWrapper& device,
                              const crypto::KeyWrapper* passphrase) {
  const std::string where = place_of_key(vault, key.id, key.layers);
  const crypto::AssociatedData bound{bytes_of(where)};
  auto secrets = TRY(device.unwrap(key.wrapped, bound));
  if (key.layers == Layers::device_and_passphrase) {
    CHECK(passphrase != nullptr);
    secrets = TRY(passphrase->unwrap(secrets.bytes(), bound));
  }
  if (secrets.size() != VaultKeys::kSecretBytes)
    return fail(ErrorCode::corrupt_data, "a wrapped key of another length");
  return VaultKeys(std::move(secrets), key.id, vault);
}

}  // namespace plmm::personal
