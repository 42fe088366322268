// An expert and a ledger that do what a test tells them, for the way of one question.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "personal/asking.h"
#include "personal/profile.h"
#include "personal/vault_fixture.h"
#include "protocol/example.h"
#include "protocol/ids.h"
#include "protocol/receipt.h"

namespace plmm::personal {

/// Answers in pieces and signs a true receipt; `spoil` changes the end before or after signing.
class ScriptExpert : public protocol::ExpertPort {
 public:
  protocol::ExpertCard card_value = protocol::example_card();
  std::vector<std::string> pieces{"A mutex lets ", "one thread in."};
  std::optional<Error> fails_after_pieces;
  std::function<void(protocol::AnswerEnd&)> spoil;         // then signed
  std::function<void(protocol::AnswerEnd&)> spoil_signed;  // after signing
  std::uint64_t first_number = 0;
  std::vector<protocol::Ask> asked;

  Result<protocol::ExpertCard> card() override { return card_value; }
  Result<protocol::AnswerEnd> ask(const protocol::Ask& ask, const protocol::OnChunk& on_chunk,
                                  const Cancel&) override {
    asked.push_back(ask);
    std::string answer;
    std::uint64_t number = first_number;
    for (const std::string& piece : pieces) {
      on_chunk({.number = number++, .text = piece});
      answer += piece;
    }
    if (fails_after_pieces) return std::unexpected(*fails_after_pieces);
    protocol::AnswerEnd end;
    protocol::Receipt& receipt = end.receipt;
    receipt.request = ask.request;
    receipt.expert = card_value.name;
    receipt.release = card_value.release;
    receipt.question_sha256 = protocol::digest_of(ask.question);
    receipt.answer_sha256 = protocol::digest_of(answer);
    receipt.tokens = {.n_in = 100, .n_out = 10};
    receipt.price = protocol::billed(card_value.prices, receipt.tokens, ask.price_max).value();
    if (spoil) spoil(end);
    protocol::sign_receipt(receipt, protocol::example_key());
    if (spoil_signed) spoil_signed(end);
    return end;
  }

  std::vector<protocol::Contribution> contributed;
  std::optional<Error> refuses;                           // to judge
  std::function<void(protocol::Verdict&)> spoil_verdict;  // after signing

  Result<protocol::Verdict> contribute(const protocol::Contribution& contribution,
                                       const Cancel&) override {
    contributed.push_back(contribution);
    if (refuses) return std::unexpected(*refuses);
    protocol::Verdict verdict = protocol::example_verdict();
    verdict.contribution = contribution.id;
    verdict.contribution_sha256 = protocol::digest_of(contribution);
    protocol::sign_verdict(verdict, protocol::example_key());
    if (spoil_verdict) spoil_verdict(verdict);
    return verdict;
  }
};

/// One wallet with reservations.
class ScriptLedger : public protocol::LedgerPort {
 public:
  std::int64_t available = 1'000'000;
  std::int64_t earned = 0;
  std::map<ledger::TransferId, std::int64_t> reserved;
  int n_silent = 0;  // so many commands get no answer
  bool is_silent_on_post = false;

  Result<protocol::Balance> open_wallet(ledger::HolderId) override { return balance_now(); }
  Result<protocol::LedgerReply> reserve(const protocol::Reservation& wanted) override {
    if (n_silent > 0) return silent();
    if (wanted.price_max.value > available) {
      return protocol::LedgerReply{.answer = ledger::Answer::exceeds_credits, .transfer = {}};
    }
    const ledger::TransferId id{{wanted.request.value.low, wanted.request.value.high}};
    available -= wanted.price_max.value;
    reserved[id] = wanted.price_max.value;
    return protocol::LedgerReply{.transfer = id};
  }
  Result<protocol::LedgerReply> post(ledger::TransferId id, ledger::Microcredits exact) override {
    if (n_silent > 0 || is_silent_on_post) return silent();
    return end(id, exact.value);
  }
  Result<protocol::LedgerReply> void_(ledger::TransferId id) override {
    if (n_silent > 0) return silent();
    return end(id, 0);
  }
  Result<protocol::LedgerReply> reward(const protocol::Reward&) override {
    return fail(ErrorCode::unsupported, "a personal model rewards nobody");
  }
  Result<protocol::Reservation> reservation(ledger::TransferId) override {
    return fail(ErrorCode::not_found, "not asked for in these tests");
  }
  Result<protocol::Balance> balance(ledger::AccountId) override { return balance_now(); }
  Result<protocol::StatementPage> statement(ledger::AccountId, std::uint64_t,
                                            std::size_t) override {
    return protocol::StatementPage{};
  }

 private:
  std::unexpected<Error> silent() {
    --n_silent;
    return fail(ErrorCode::offline, "connection refused");
  }
  protocol::Balance balance_now() const {
    return {.available = {available}, .reserved = {}, .incoming = {}};
  }
  Result<protocol::LedgerReply> end(ledger::TransferId id, std::int64_t exact) {
    const auto found = reserved.find(id);
    if (found == reserved.end()) {
      return protocol::LedgerReply{.answer = ledger::Answer::reservation_not_found, .transfer = {}};
    }
    earned += exact;
    available += found->second - exact;
    reserved.erase(found);
    return protocol::LedgerReply{};
  }
};

class AskingFixture : public VaultFixture {
 protected:
  static constexpr std::int64_t kNow = 1'800'000'000'000;

  void SetUp() override {
    VaultFixture::SetUp();
    vault_.emplace(opened());
  }
  Asking asking() {
    return Asking({*vault_, redactor_, expert_, ledger_, [this] { return now_ms_; },
                   ledger::HolderId{{7, 8}}});
  }
  Result<Preview> prepare(Asking& asking, const std::string& question) {
    return asking.prepare(Personal(question), 64);
  }
  Result<ExpertAnswer> send(Asking& asking, Approval approval = Approval::person) {
    shown_.clear();
    return asking.send(approval, [this](std::string_view text) { shown_ += text; }, cancel_);
  }
  void tell(Slot slot, const std::string& value) {
    ASSERT_TRUE(Profile(*vault_, [] { return kNow; }).add(slot, Personal(value)));
  }
  std::vector<OutboxEntry> outbox() { return Outbox(*vault_).list().value(); }

  std::optional<Vault> vault_;
  privacy::Redactor redactor_{{}};
  ScriptExpert expert_;
  ScriptLedger ledger_;
  Cancel cancel_;
  std::int64_t now_ms_ = kNow;
  std::string shown_;
};

}  // namespace plmm::personal
