// The real ledger over a real loopback socket: who may do what, and nothing twice.
#include "api/ledger_service.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "api/remote_ledger.h"
#include "base/temporary_folder.h"
#include "economy/cashier.h"
#include "economy/local_ledger.h"
#include "net/server_fixture.h"
#include "protocol/ids.h"
#include "protocol/json.h"
#include "protocol/ledger_example.h"

namespace plmm::api {
namespace {

using ledger::Answer;
using protocol::holder_of;

crypto::KeyPair key_of(std::uint8_t byte) {
  std::array<std::byte, crypto::KeyPair::kSeedBytes> seed;
  seed.fill(std::byte{byte});
  return crypto::KeyPair::from_seed(seed);
}

constexpr std::int64_t kCredits = 100 * ledger::kMicrocreditsPerCredit;

class LedgerServiceTest : public testing::Test {
 protected:
  void SetUp() override {
    shared_.emplace(economy::LedgerStore::open(folder_ / "ledger.db").value());
    cashier_.emplace(*shared_, economy::CashierSettings{.operator_id = {{0, 1}}});
    port_.emplace(*cashier_, [this] { return now_.load(); });
    service_.emplace(LedgerOperator{
        .port = *port_,
        .open_expert = [this](ledger::HolderId id) { return cashier_->open_expert(id, id, now_); },
        .any_reservation = [this](ledger::TransferId id) { return cashier_->any_reservation(id); },
        .clock = [this] { return now_.load(); }});
    server_.emplace([this](const net::Request& request, net::Reply& reply) {
      service_->answer(request, reply);
    });
  }
  void TearDown() override { server_.reset(); }

  RemoteLedger remote(const crypto::KeyPair& key) {
    return RemoteLedger(server_->url(), key, [this] { return now_.load(); });
  }
  protocol::Reservation wanted(std::uint64_t request, std::int64_t price) const {
    return {.payer = holder_of(user_.public_key()),
            .expert = holder_of(expert_.public_key()),
            .request = {{0, request}},
            .price_max = {price},
            .expires_ms = now_ + 900'000};
  }
  /// What the ledger says to these bytes.
  std::string says(std::string body) const {
    const auto answer =
        net::HttpClient().fetch(net::json_post(server_->url() + "/v1/ledger", body), Cancel());
    const auto error = protocol::parse_error(answer->body);
    return error ? error->what : answer->body;
  }

  crypto::KeyPair user_ = key_of(1);
  crypto::KeyPair expert_ = key_of(2);
  crypto::KeyPair stranger_ = key_of(3);
  std::atomic<std::int64_t> now_ = 1'800'000'000'000;
  TemporaryFolder temporary_ = TemporaryFolder::create().value();
  std::filesystem::path folder_ = temporary_.path();
  std::optional<economy::SharedLedger> shared_;
  std::optional<economy::Cashier> cashier_;
  std::optional<economy::LocalLedger> port_;
  std::optional<LedgerService> service_;
  std::optional<net::RunningServer> server_;
};

TEST_F(LedgerServiceTest, a_question_is_reserved_posted_and_seen_in_both_accounts) {
  auto user = remote(user_);
  auto expert = remote(expert_);
  EXPECT_EQ(user.open_wallet(holder_of(user_.public_key()))->available.value, kCredits);
  ASSERT_TRUE(expert.open_expert());
  const auto reserved = user.reserve(wanted(1, 5'000));
  ASSERT_TRUE(reserved) << reserved.error().what;
  ASSERT_TRUE(reserved->ok()) << name_of(reserved->answer);
  EXPECT_EQ(*user.reserve(wanted(1, 5'000)), *reserved);
  EXPECT_EQ(expert.reservation(reserved->transfer)->price_max.value, 5'000);
  ASSERT_TRUE(expert.post(reserved->transfer, {1'234})->ok());
  EXPECT_TRUE(user.post(reserved->transfer, {1'234})->ok());  // the same again changes nothing
  const auto wallet = economy::wallet_of(holder_of(user_.public_key()));
  EXPECT_EQ(user.balance(wallet)->available.value, kCredits - 1'234);
  const auto page = user.statement(wallet, 0, 10);
  ASSERT_TRUE(page) << page.error().what;
  EXPECT_EQ(*page, *port_->statement(wallet, 0, 10));
  EXPECT_EQ(page->lines.back().amount.value, -1'234);
}

TEST_F(LedgerServiceTest, an_empty_balance_is_an_answer) {
  auto user = remote(user_);
  auto expert = remote(expert_);
  ASSERT_TRUE(user.open_wallet(holder_of(user_.public_key())));
  ASSERT_TRUE(expert.open_expert());
  EXPECT_EQ(user.reserve(wanted(1, kCredits + 1))->answer, Answer::exceeds_credits);
}

TEST_F(LedgerServiceTest, two_wallets_with_one_key_are_one_wallet_and_spend_it_once) {
  auto first = remote(user_);
  auto second = remote(user_);
  auto expert = remote(expert_);
  ASSERT_TRUE(expert.open_expert());
  for (auto* wallet : {&first, &second})
    EXPECT_EQ(wallet->open_wallet(holder_of(user_.public_key()))->available.value, kCredits);
  std::atomic<int> n_reserved = 0;
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t i = 1; i <= 8; ++i) {
      threads.emplace_back([&, i] {
        auto& wallet = i % 2 == 0 ? first : second;
        if (wallet.reserve(wanted(i, kCredits / 3))->ok()) ++n_reserved;
      });
    }
  }
  EXPECT_EQ(n_reserved, 3);
}

TEST_F(LedgerServiceTest, nobody_moves_or_sees_the_money_of_another) {
  auto user = remote(user_);
  auto expert = remote(expert_);
  auto stranger = remote(stranger_);
  ASSERT_TRUE(user.open_wallet(holder_of(user_.public_key())));
  ASSERT_TRUE(expert.open_expert());
  const auto id = user.reserve(wanted(1, 5'000))->transfer;
  const auto wallet = economy::wallet_of(holder_of(user_.public_key()));
  EXPECT_EQ(stranger.reserve(wanted(2, 5'000)).error().what,
            "only the owner of a wallet can put its money aside");
  EXPECT_EQ(stranger.balance(wallet).error().what, "only its holder can see an account");
  EXPECT_EQ(stranger.statement(wallet, 0, 10).error().what, "only its holder can see an account");
  EXPECT_EQ(stranger
                .reward({.expert = holder_of(expert_.public_key()),
                         .contributor = holder_of(stranger_.public_key()),
                         .contribution = {1, 1},
                         .amount = {1}})
                .error()
                .what,
            "only an expert can pay from its reward pool");
  for (const auto& error : {stranger.post(id, {1}).error(), stranger.void_(id).error(),
                            stranger.reservation(id).error()}) {
    EXPECT_EQ(error.code, ErrorCode::not_found);
    EXPECT_EQ(error.what, "there is no reservation of yours with that id");
  }
  EXPECT_EQ(stranger.open_wallet(holder_of(user_.public_key())).error().what,
            "a wallet is opened by its own key");
  EXPECT_EQ(user.balance(wallet)->reserved.value, 5'000);
}

TEST_F(LedgerServiceTest, a_payer_takes_nothing_back_before_its_time_and_pays_no_less) {
  auto user = remote(user_);
  auto expert = remote(expert_);
  ASSERT_TRUE(user.open_wallet(holder_of(user_.public_key())));
  ASSERT_TRUE(expert.open_expert());
  const auto first = user.reserve(wanted(1, 5'000))->transfer;
  EXPECT_EQ(user.void_(first).error().what,
            "only the expert can let go of it before its time is over");
  EXPECT_EQ(user.post(first, {1}).error().what,
            "only the expert can take less than what was put aside");
  EXPECT_TRUE(user.post(first, {5'000})->ok());
  const auto second = user.reserve(wanted(2, 5'000))->transfer;
  EXPECT_TRUE(expert.void_(second)->ok());
  EXPECT_TRUE(user.void_(second)->ok());  // it has ended: the same answer again
  const auto third = user.reserve(wanted(3, 5'000))->transfer;
  now_ += 900'000;
  EXPECT_EQ(user.void_(third)->answer, Answer::already_expired);
  EXPECT_EQ(expert.post(third, {5'000})->answer, Answer::already_expired);
  const auto wallet = economy::wallet_of(holder_of(user_.public_key()));
  EXPECT_EQ(user.balance(wallet)->available.value, kCredits - 5'000);
}

TEST_F(LedgerServiceTest, refuses_replays_wrong_signatures_and_old_commands) {
  auto command = protocol::example_command();
  command.action = protocol::LedgerAction::open_wallet;
  sign_command(command, user_);
  const auto json = *protocol::to_json(command);
  EXPECT_TRUE(says(json).starts_with("{\"available\":100000000"));
  EXPECT_EQ(says(json), "this command was said before");
  now_ += 121'000;
  EXPECT_EQ(says(json),
            "the clocks of this device and the ledger differ by 121 s; at most 120 s are "
            "accepted. Next: set the clock");
  auto forged = command;
  forged.key = stranger_.public_key();
  EXPECT_EQ(says(*protocol::to_json(forged)), "the command has a wrong signature");
  EXPECT_EQ(says("{\"kind\":\"ledger_command\",\"version\":2}"),
            "ledger_command: the other side speaks version 2 of the protocol, this plmm speaks "
            "version 1. Update the older of the two.");
}

TEST_F(LedgerServiceTest, says_when_the_ledger_does_not_answer) {
  auto user = remote(user_);
  server_->stop();
  const auto answer = user.open_wallet(holder_of(user_.public_key()));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::offline);
  EXPECT_EQ(answer.error().what, "the ledger does not answer (connection refused)");
}

TEST(ReplayGuard, forgets_what_could_not_be_accepted_any_more_and_has_a_bound) {
  ReplayGuard guard;
  EXPECT_TRUE(guard.admit({0, 1}, 1'000'000, 1'000'000));
  EXPECT_FALSE(guard.admit({0, 1}, 1'000'001, 1'000'001));
  EXPECT_FALSE(guard.admit({0, 2}, 1'000'000, 1'000'000 + kCommandAgeMsMax + 1));
  EXPECT_FALSE(guard.admit({0, 2}, 1'000'000 + kCommandAgeMsMax + 1, 1'000'000));
  for (std::uint64_t i = 2; i <= kRememberedMax; ++i)
    ASSERT_TRUE(guard.admit({0, i}, 1'000'000, 1'000'000));
  EXPECT_EQ(guard.admit({1, 0}, 1'000'000, 1'000'000).error().code, ErrorCode::offline);
  const std::int64_t later = 1'000'000 + kCommandAgeMsMax + 1;
  EXPECT_TRUE(guard.admit({1, 0}, later, later));
}

}  // namespace
}  // namespace plmm::api
