// What left this device: to whom, when, which bytes, and what it cost.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/personal.h"
#include "base/result.h"
#include "ledger/types.h"
#include "personal/vault.h"
#include "protocol/contribution.h"
#include "protocol/messages.h"

namespace plmm::personal {

enum class OutboxKind : std::uint8_t { question = 0, contribution = 1 };

/// How far it got; of a contribution, answered and unpaid do not occur, and paid means judged. The
/// numbers stand in the vault.
enum class Sending : std::uint8_t {
  on_its_way = 1,  // also when this program was stopped meanwhile
  answered = 2,    // the receipt holds, the payment is not certain yet
  paid = 3,        // or answered by an expert that takes nothing
  failed = 4,      // nothing was paid
  unpaid = 5,      // answered, but the ledger refused the payment
};

struct OutboxEntry {
  std::int64_t id = 0;
  std::int64_t time_ms = 0;
  std::string expert;
  Personal<std::string> bytes;     // exactly as they left: a message of protocol/json.h
  protocol::RequestId request;     // zero for a contribution, as all amounts are
  ledger::TransferId reservation;  // zero where nothing was reserved
  ledger::Microcredits price_max{};
  ledger::Microcredits price{};
  Sending state = Sending::on_its_way;
  std::optional<protocol::Receipt> receipt;
  OutboxKind kind = OutboxKind::question;
  std::optional<protocol::Verdict> verdict;  // of a contribution
};

/// The oldest entries that are settled go when there are more.
inline constexpr std::size_t kOutboxEntriesMax = 10'000;

/// The vault outlives it.
class Outbox {
 public:
  explicit Outbox(Vault& vault) : vault_(&vault) {}

  /// The oldest first.
  Result<std::vector<OutboxEntry>> list();
  /// The entry's id; entry.id does not count.
  Result<std::int64_t> add(const OutboxEntry& entry);
  Result<> update(const OutboxEntry& entry);
  /// Removes settled entries of before `time_ms`, from the files too; how many.
  Result<std::size_t> forget_before(std::int64_t time_ms);

 private:
  Vault* vault_;
};

}  // namespace plmm::personal
