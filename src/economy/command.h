// The commands that change a ledger, and their bytes in the journal (docs/formats/ledger.md).
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <variant>
#include <vector>

#include "base/result.h"
#include "ledger/types.h"

namespace plmm::economy {

struct OpenAccount {
  ledger::AccountId id;
  ledger::Limit limit = ledger::Limit::debits_must_not_exceed_credits;
  bool operator==(const OpenAccount&) const = default;
};
struct Chain {
  std::vector<ledger::Transfer> transfers;  // 1 to kChainSizeMax: all of them or none
  bool operator==(const Chain&) const = default;
};
struct Expire {
  bool operator==(const Expire&) const = default;
};
using CommandBody = std::variant<OpenAccount, Chain, Expire>;

struct Command {
  CommandBody body;
  std::int64_t now_ms = 0;  // by the caller's clock
};

/// Needs: a chain of 1 to kChainSizeMax transfers.
std::vector<std::byte> encode(const CommandBody& body);

/// corrupt_data for anything that encode() does not write.
Result<CommandBody> decode(std::span<const std::byte> bytes);

/// The 16 bytes of an id, the highest first, as they stand in tables and journal.
std::array<std::byte, 16> to_bytes(const ledger::Id128& id);
/// Needs: 16 bytes.
ledger::Id128 id_from_bytes(std::span<const std::byte> bytes);

}  // namespace plmm::economy
