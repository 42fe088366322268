// The words of the ledger: ids, amounts, accounts, transfers and the answers to them.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plmm::ledger {

/// 128 bits, made by the client before it sends anything. All zeros means "none".
struct Id128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  bool is_zero() const { return high == 0 && low == 0; }
  auto operator<=>(const Id128&) const = default;
};

struct TransferId {
  Id128 value;
  auto operator<=>(const TransferId&) const = default;
};

/// Who owns accounts: a user, an expert, a developer, an operator.
struct HolderId {
  Id128 value;
  auto operator<=>(const HolderId&) const = default;
};

// The numbers stand in journals: none is ever given to another kind.
enum class AccountKind : std::uint8_t {
  issuance = 1,  // where play money comes from: its debits are what is in circulation
  user_wallet = 2,
  expert_revenue = 3,
  expert_reward_pool = 4,  // what contributors are paid from
  developer = 5,
  operator_fee = 6,
  teacher_revenue = 7,
  blind_credits = 8,  // paid for, given out as blind tokens, not yet spent
};
constexpr std::uint8_t kAccountKindMax = 8;

/// A holder has at most one account of each kind.
struct AccountId {
  AccountKind kind = AccountKind::issuance;
  HolderId holder;
  auto operator<=>(const AccountId&) const = default;
};

/// An integer amount; 1 credit is 1,000,000 micro-credits. There is no currency but credits.
struct Microcredits {
  std::int64_t value = 0;
  auto operator<=>(const Microcredits&) const = default;
};
constexpr std::int64_t kMicrocreditsPerCredit = 1'000'000;

/// "0.0031 credits": four decimals, and up to six where the last two are not zero.
std::string to_text(Microcredits amount);

/// a + b, or nothing when it does not fit.
constexpr std::optional<Microcredits> checked_add(Microcredits a, Microcredits b) {
  Microcredits out;
  if (__builtin_add_overflow(a.value, b.value, &out.value)) return std::nullopt;
  return out;
}

enum class Limit : std::uint8_t { none = 0, debits_must_not_exceed_credits = 1 };

/// The four sums only grow, except that pending ones shrink as reservations end.
struct Account {
  AccountId id{};
  Limit limit = Limit::debits_must_not_exceed_credits;
  Microcredits debits_pending{};
  Microcredits debits_posted{};
  Microcredits credits_pending{};
  Microcredits credits_posted{};
  auto operator<=>(const Account&) const = default;
};

enum class TransferKind : std::uint8_t {
  direct = 1,
  pending = 2,  // reserves the amount until post, void or expiry
  post = 3,     // pays at most what was reserved and lets go of the rest
  void_ = 4,    // lets go of all of it
};

/// What the money is for; for statements, the ledger does not look at it.
enum class Purpose : std::uint8_t {
  play_money = 1,
  answer = 2,
  reward = 3,        // reward pool → contributor
  fund_rewards = 4,  // expert revenue or developer → reward pool
  payout = 5,        // expert revenue → developer
  upgrade = 6,       // expert revenue → teacher
  fee = 7,
  blind_credits = 8,
};
constexpr std::uint8_t kPurposeMax = 8;

/// Fields that a kind does not use are zero.
struct Transfer {
  TransferId id{};
  TransferKind kind = TransferKind::direct;
  Purpose purpose = Purpose::answer;
  AccountId debit{};            // direct, pending: who pays
  AccountId credit{};           // direct, pending: who receives
  Microcredits amount{};        // direct, pending, post: > 0
  TransferId reservation{};     // post, void
  std::int64_t expires_ms = 0;  // pending: from this time on it cannot be posted; 0: never
  Id128 reference{};            // any: what the caller wants to find again (a request, a lesson)
  auto operator<=>(const Transfer&) const = default;
};

enum class Answer : std::uint8_t {
  ok = 0,
  // Refused by its form: for the same body always, so nothing is recorded.
  id_is_zero = 1,
  accounts_are_the_same = 2,
  amount_not_positive = 3,
  field_not_used = 4,  // a field that this kind does not use is not zero
  reservation_is_zero = 5,
  expiry_is_negative = 6,
  id_repeated_in_chain = 7,
  chain_is_empty = 8,
  chain_too_long = 9,
  // The id stands for something else; nothing is recorded.
  id_used_with_other_body = 20,
  // Refused by the state: recorded, so that the same id gets the same answer for ever.
  debit_account_not_found = 40,
  credit_account_not_found = 41,
  exceeds_credits = 42,
  amount_overflows = 43,
  reservation_not_found = 44,  // no such transfer, or it is no reservation that was accepted
  exceeds_reservation = 45,
  already_posted = 46,
  already_voided = 47,
  already_expired = 48,
  expires_in_the_past = 49,
  linked_failed = 50,  // another transfer of the chain was refused
};
constexpr std::size_t kChainSizeMax = 16;

/// "exceeds_credits", for APIs and tests.
std::string_view name_of(Answer answer);

}  // namespace plmm::ledger
