// The ledger against a naive model of it, on random commands with repetitions, lies and chains.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/rng.h"
#include "ledger/invariants.h"
#include "ledger/ledger.h"

namespace plmm::ledger {
namespace {

constexpr std::uint64_t kAccounts = 12;  // one of them has no limit, two are never created
constexpr std::uint64_t kIssuer = 0;
constexpr std::uint64_t kCreated = 10;

AccountId account_id(std::uint64_t number) {
  return {number == kIssuer ? AccountKind::issuance : AccountKind::user_wallet, {{1, number + 1}}};
}

/// Thinks in purses rather than in double entry: what each one holds and what is set aside of it.
class Model {
 public:
  struct Hold {
    AccountId from;
    AccountId to;
    std::int64_t amount;
    std::int64_t expires_ms;
  };

  std::vector<Answer> apply(const std::vector<Transfer>& chain, std::int64_t now_ms) {
    std::size_t n_known = 0;
    for (const Transfer& t : chain) n_known += known_.count(t.id);
    if (n_known != 0) {
      const auto same = known_.find(chain[0].id);
      if (same != known_.end() && same->second.first == chain) return same->second.second;
      std::vector<Answer> out(chain.size(), Answer::linked_failed);
      for (std::size_t i = 0; i < chain.size(); ++i) {
        if (known_.count(chain[i].id) == 0) continue;
        out[i] = Answer::id_used_with_other_body;
        break;
      }
      return out;
    }
    now_ms_ = std::max(now_ms_, now_ms);
    const auto purses = purses_;
    const auto holds = holds_;
    const auto ends = ends_;
    std::vector<Answer> out(chain.size(), Answer::ok);
    for (std::size_t i = 0; i < chain.size(); ++i) {
      const Answer answer = one(chain[i]);
      if (answer == Answer::ok) continue;
      purses_ = purses;
      holds_ = holds;
      ends_ = ends;
      std::fill(out.begin(), out.end(), Answer::linked_failed);
      out[i] = answer;
      break;
    }
    for (const Transfer& t : chain) known_[t.id] = {chain, out};
    return out;
  }

  std::set<TransferId> expire(std::int64_t now_ms) {
    const std::int64_t now = std::max(now_ms_, now_ms);
    std::set<TransferId> out;
    for (const auto& [id, hold] : holds_) {
      if (hold.expires_ms != 0 && hold.expires_ms <= now) out.insert(id);
    }
    for (const TransferId id : out) {
      holds_.erase(id);
      ends_[id] = Answer::already_expired;
    }
    if (!out.empty()) now_ms_ = now;
    return out;
  }

  void create(std::uint64_t number) { purses_[account_id(number)] = 0; }
  std::int64_t purse(AccountId id) const { return purses_.at(id); }
  std::int64_t set_aside(AccountId id) const {
    std::int64_t sum = 0;
    for (const auto& [hold_id, hold] : holds_) sum += hold.from == id ? hold.amount : 0;
    return sum;
  }
  std::int64_t total() const {
    std::int64_t sum = 0;
    for (const auto& [id, purse] : purses_) sum += purse;
    return sum;
  }

 private:
  Answer one(const Transfer& t) {
    if (t.kind == TransferKind::post || t.kind == TransferKind::void_) return end(t);
    if (purses_.count(t.debit) == 0) return Answer::debit_account_not_found;
    if (purses_.count(t.credit) == 0) return Answer::credit_account_not_found;
    if (t.expires_ms != 0 && t.expires_ms <= now_ms_) return Answer::expires_in_the_past;
    const bool limited = t.debit.kind != AccountKind::issuance;
    if (limited && purses_[t.debit] - set_aside(t.debit) < t.amount.value) {
      return Answer::exceeds_credits;
    }
    if (t.kind == TransferKind::pending) {
      holds_[t.id] = {t.debit, t.credit, t.amount.value, t.expires_ms};
    } else {
      purses_[t.debit] -= t.amount.value;
      purses_[t.credit] += t.amount.value;
    }
    return Answer::ok;
  }

  Answer end(const Transfer& t) {
    const auto ended = ends_.find(t.reservation);
    if (ended != ends_.end()) return ended->second;
    const auto found = holds_.find(t.reservation);
    if (found == holds_.end()) return Answer::reservation_not_found;
    const Hold hold = found->second;
    if (t.kind == TransferKind::post) {
      if (hold.expires_ms != 0 && hold.expires_ms <= now_ms_) return Answer::already_expired;
      if (t.amount.value > hold.amount) return Answer::exceeds_reservation;
      purses_[hold.from] -= t.amount.value;
      purses_[hold.to] += t.amount.value;
    }
    holds_.erase(found);
    ends_[t.reservation] =
        t.kind == TransferKind::post ? Answer::already_posted : Answer::already_voided;
    return Answer::ok;
  }

  std::map<AccountId, std::int64_t> purses_;
  std::map<TransferId, Hold> holds_;
  std::map<TransferId, Answer> ends_;  // what a second end is told
  std::map<TransferId, std::pair<std::vector<Transfer>, std::vector<Answer>>> known_;
  std::int64_t now_ms_ = 0;
};

/// Random chains that often refer to what has been before.
class Source {
 public:
  explicit Source(std::uint64_t seed) : rng_(seed) {}

  std::vector<Transfer> chain() {
    if (!history_.empty() && rng_.below(10) == 0) return repeated();
    std::vector<Transfer> out;
    const std::uint64_t size = rng_.below(4) == 0 ? 1 + rng_.below(4) : 1;
    while (out.size() < size) out.push_back(transfer());
    history_.push_back(out);
    return out;
  }
  std::int64_t tick() {
    now_ms_ += static_cast<std::int64_t>(rng_.below(4)) - 1;  // sometimes backwards
    return now_ms_;
  }
  std::uint64_t below(std::uint64_t n) { return rng_.below(n); }

 private:
  std::vector<Transfer> repeated() {
    std::vector<Transfer> out = history_[rng_.below(history_.size())];
    if (rng_.below(3) == 0) ++out[rng_.below(out.size())].reference.low;
    if (rng_.below(6) == 0) out[rng_.below(out.size())] = transfer();
    if (rng_.below(6) == 0) out.resize(1);
    return out;
  }
  Transfer transfer() {
    Transfer t{.id = {{2, ++n_ids_}}};
    if (rng_.below(3) == 0 && !reservations_.empty()) {
      const std::uint64_t recent = std::min<std::uint64_t>(reservations_.size(), 12);
      t.reservation = reservations_[reservations_.size() - 1 - rng_.below(recent)];
      t.kind = rng_.below(3) == 0 ? TransferKind::void_ : TransferKind::post;
      if (t.kind == TransferKind::post) t.amount.value = 1 + static_cast<int>(rng_.below(60));
      return t;
    }
    const std::uint64_t from = account();
    t.debit = account_id(from);
    t.credit = account_id(account());
    if (t.debit == t.credit) t.credit = account_id((from + 1) % kCreated);
    t.amount.value = 1 + static_cast<std::int64_t>(rng_.below(100));
    if (rng_.below(2) == 0) return t;
    t.kind = TransferKind::pending;
    if (rng_.below(2) == 0) t.expires_ms = std::max<std::int64_t>(now_ms_ + 10, 1);
    reservations_.push_back(t.id);
    return t;
  }

  /// An account, now and then one that was never created.
  std::uint64_t account() { return rng_.below(rng_.below(20) == 0 ? kAccounts : kCreated); }

  Rng rng_;
  std::int64_t now_ms_ = 0;
  std::uint64_t n_ids_ = 0;
  std::vector<TransferId> reservations_;
  std::vector<std::vector<Transfer>> history_;
};

void expect_same_state(const Ledger& ledger, const Model& model) {
  const auto sound = check_invariants(ledger);
  ASSERT_TRUE(sound) << sound.error().what;
  ASSERT_EQ(model.total(), 0);
  for (const auto& [id, account] : ledger.accounts()) {
    ASSERT_EQ(account.credits_posted.value - account.debits_posted.value, model.purse(id));
    ASSERT_EQ(account.debits_pending.value, model.set_aside(id));
  }
}

/// Runs `n` commands against both; counts the answers.
void run(std::uint64_t seed, int n, Ledger& ledger, std::map<Answer, int>& counts) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  Source source(seed);
  Model model;
  for (std::uint64_t number = 0; number < kCreated; ++number) {
    ledger.create_account(account_id(number),
                          number == kIssuer ? Limit::none : Limit::debits_must_not_exceed_credits,
                          0);
    model.create(number);
  }
  for (int i = 0; i < n; ++i) {
    SCOPED_TRACE("command " + std::to_string(i));
    const std::int64_t now_ms = source.tick();
    if (source.below(50) == 0) {
      const std::vector<TransferId> ids = ledger.expire(now_ms);
      ASSERT_EQ(std::set<TransferId>(ids.begin(), ids.end()), model.expire(now_ms));
      continue;
    }
    const std::vector<Transfer> chain = source.chain();
    const std::vector<Answer> answers = ledger.apply(chain, now_ms).answers;
    ASSERT_EQ(answers, model.apply(chain, now_ms));
    for (const Answer answer : answers) ++counts[answer];
    if (i % 1'000 == 0) expect_same_state(ledger, model);
  }
  expect_same_state(ledger, model);
}

TEST(LedgerModel, agrees_with_a_naive_model_on_100000_commands) {
  std::map<Answer, int> counts;
  for (std::uint64_t seed = 1; seed <= 20 && !testing::Test::HasFailure(); ++seed) {
    Ledger ledger;
    run(seed, 5'000, ledger, counts);
  }
  for (const Answer answer :
       {Answer::ok, Answer::id_used_with_other_body, Answer::debit_account_not_found,
        Answer::credit_account_not_found, Answer::exceeds_credits, Answer::reservation_not_found,
        Answer::exceeds_reservation, Answer::already_posted, Answer::already_voided,
        Answer::already_expired, Answer::linked_failed}) {
    EXPECT_GE(counts[answer], 50) << name_of(answer);
  }
}

TEST(LedgerModel, a_seed_replays_bit_for_bit) {
  std::map<Answer, int> counts;
  Ledger first;
  Ledger second;
  run(99, 3'000, first, counts);
  run(99, 3'000, second, counts);
  EXPECT_EQ(first.accounts(), second.accounts());
  EXPECT_EQ(first.records(), second.records());
  EXPECT_EQ(first.sequence(), second.sequence());
}

}  // namespace
}  // namespace plmm::ledger
