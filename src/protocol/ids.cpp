// Ids as bytes and as digits.
#include "protocol/ids.h"

#include <array>
#include <cstddef>
#include <span>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "protocol/byte_order.h"

namespace plmm::protocol {
namespace {

ledger::Id128 from_bytes(std::span<const std::byte> bytes) {
  ledger::Id128 id;
  for (std::size_t i = 0; i < 8; ++i) {
    id.high = id.high << 8 | std::to_integer<std::uint64_t>(bytes[i]);
    id.low = id.low << 8 | std::to_integer<std::uint64_t>(bytes[i + 8]);
  }
  return id;
}

}  // namespace

ledger::Id128 make_id() {
  std::array<std::byte, 16> bytes;
  ledger::Id128 id;
  do {
    crypto::random_bytes(bytes);
    id = from_bytes(bytes);
  } while (id.is_zero());
  return id;
}

ledger::HolderId holder_of(const crypto::PublicKey& key) {
  return {from_bytes(crypto::sha256(key.bytes))};
}

std::string to_hex(const ledger::Id128& id) {
  std::string bytes;
  append(bytes, id);
  return crypto::to_hex(std::as_bytes(std::span(bytes)));
}

Result<ledger::Id128> id_from_hex(std::string_view hex) {
  if (hex.size() != 32) return fail(ErrorCode::corrupt_data, "an id has 32 hex digits");
  return from_bytes(TRY(crypto::from_hex(hex)));
}

}  // namespace plmm::protocol
