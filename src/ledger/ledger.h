// Double entry as a pure state machine: commands in, answers out, nothing else in or out.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ledger/types.h"

namespace plmm::ledger {

enum class ReservationState : std::uint8_t {
  none = 0,
  open = 1,
  posted = 2,
  voided = 3,
  expired = 4
};

/// A transfer that has its final answer. Addresses are stable for the life of the ledger.
struct Record {
  Transfer transfer;
  Answer answer = Answer::linked_failed;
  ReservationState state = ReservationState::none;  // of accepted reservations
  TransferId chain_head;                            // the first transfer of its chain
  std::uint32_t chain_index = 0;
  std::uint32_t chain_size = 1;
  std::uint64_t sequence = 0;  // of the command that brought it
  std::int64_t time_ms = 0;
  // Where the money moves: of a post, the accounts of its reservation.
  AccountId debit;
  AccountId credit;
  bool operator==(const Record&) const = default;
};

enum class Effect : std::uint8_t {
  recorded,  // the state changed: the command has the next sequence number
  repeated,  // the same command had been recorded; its answers again
  refused,   // nothing changed
};

struct Outcome {
  Effect effect = Effect::refused;
  std::uint64_t sequence = 0;   // of the command when it was recorded; 0 when refused
  std::vector<Answer> answers;  // one per transfer
  bool ok() const { return effect != Effect::refused && answers.front() == Answer::ok; }
};

/// The same commands at the same times give the same state and answers, bit for bit.
/// Times are integers of the caller, in milliseconds; one that runs backwards counts as the last.
/// One thread at a time. Memory: about 350 bytes per transfer, which are kept for ever, because
/// the same id must get the same answer for ever.
class Ledger {
 public:
  /// ok; id_is_zero; id_used_with_other_body when it is there with another limit.
  Outcome create_account(AccountId id, Limit limit, std::int64_t now_ms);

  /// Applies all transfers in order, or none: then the guilty one has its reason and the others
  /// linked_failed. A chain of one is a plain transfer.
  Outcome apply(std::span<const Transfer> chain, std::int64_t now_ms);

  /// Ends every reservation whose time has come, in the order of their times; says which.
  std::vector<TransferId> expire(std::int64_t now_ms);

  const Account* account(AccountId id) const;
  const Record* record(TransferId id) const;
  std::uint64_t sequence() const { return sequence_; }  // commands recorded so far
  std::int64_t time_ms() const { return time_ms_; }

  /// Mixes ids so that neighbouring ones spread. Ids of strangers should be hashed by the caller.
  struct Hash {
    std::size_t operator()(const Id128& id) const {
      return static_cast<std::size_t>((id.low ^ (id.high * 0x9E3779B97F4A7C15ULL)) *
                                      0xBF58476D1CE4E5B9ULL);
    }
    std::size_t operator()(const TransferId& id) const { return (*this)(id.value); }
    std::size_t operator()(const AccountId& id) const {
      return (*this)(
          Id128{id.holder.value.high + static_cast<std::uint64_t>(id.kind), id.holder.value.low});
    }
  };
  using Accounts = std::unordered_map<AccountId, Account, Hash>;
  using Records = std::unordered_map<TransferId, Record, Hash>;
  const Accounts& accounts() const { return accounts_; }
  const Records& records() const { return records_; }

 private:
  /// Old values of what a chain has changed so far, the oldest first.
  struct Undo {
    std::vector<std::pair<Account*, Account>> accounts;
    std::vector<std::pair<Record*, ReservationState>> reservations;
  };

  bool is_known(std::span<const Transfer> chain) const;
  Outcome repeat(std::span<const Transfer> chain) const;
  std::vector<Record*> add_records(std::span<const Transfer> chain);
  Answer transfer(Record& record, Undo& undo);
  Answer move_or_reserve(Record& record, Undo& undo);
  Answer settle(Record& record, Undo& undo);
  void update_expiries(std::span<Record* const> chain);
  void advance(std::int64_t now_ms);
  Account* find(AccountId id);

  Accounts accounts_;
  Records records_;
  std::set<std::pair<std::int64_t, TransferId>> expiries_;  // of open reservations
  std::uint64_t sequence_ = 0;
  std::int64_t time_ms_ = 0;
};

}  // namespace plmm::ledger
