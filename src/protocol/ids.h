// Ids of 128 bits: made by chance, of a public key, and as 32 hex digits.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/sign.h"
#include "ledger/types.h"

namespace plmm::protocol {

/// An id that nobody has made before. Never zero.
ledger::Id128 make_id();

/// The holder that an expert's, a user's or a contributor's key stands for in the ledger: the first
/// 16 bytes of its SHA-256, read big-endian.
ledger::HolderId holder_of(const crypto::PublicKey& key);

/// 32 lower-case hex digits, the high half first.
std::string to_hex(const ledger::Id128& id);
/// corrupt_data unless `hex` is 32 hex digits.
Result<ledger::Id128> id_from_hex(std::string_view hex);

}  // namespace plmm::protocol
