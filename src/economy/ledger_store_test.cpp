// Tests of the durable ledger: what it writes, what it finds when opened, and what it refuses.
#include "economy/ledger_store.h"

#include "economy/ledger_fixture.h"

namespace plmm::economy {
namespace {

using ledger::Answer;
using ledger::Effect;

class LedgerStoreTest : public EconomyTest {
 protected:
  /// Runs SQL on the file behind the ledger's back, then expects that opening refuses it.
  void expect_found(std::string_view sql, std::string_view text) {
    {
      LedgerStore store = funded();
      ASSERT_TRUE(store.apply(command(reserve(2, 100, kNow + 50))));
      ASSERT_TRUE(store.apply(command(reserve(3, 100))));
      ASSERT_TRUE(store.apply(command(post(4, 2, 60))));
    }
    ASSERT_TRUE(LedgerStore::open(file()));
    {
      auto database = store::Database::open(file()).value();
      const auto done = database.execute(sql);
      ASSERT_TRUE(done) << done.error().what;
    }
    const auto store = LedgerStore::open(file());
    ASSERT_FALSE(store) << sql;
    EXPECT_EQ(store.error().code, ErrorCode::corrupt_data) << store.error().what;
    EXPECT_NE(store.error().what.find(text), std::string::npos) << store.error().what;
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
  }
};

TEST_F(LedgerStoreTest, is_the_same_after_opening_again) {
  Head head;
  ledger::Ledger::Records records;
  {
    LedgerStore store = funded();
    ASSERT_TRUE(store.apply(command(reserve(2, 300, kNow + 50))));
    ASSERT_TRUE(store.apply(command(reserve(3, 200, kNow + 60))));
    ASSERT_TRUE(store.apply(command(post(4, 2, 250), kNow + 10)));
    ASSERT_TRUE(store.apply(command(reserve(5, 9'999))));  // refused, and recorded
    head = store.head();
    records = store.ledger().records();
  }
  LedgerStore store = opened();
  EXPECT_EQ(store.head().sequence, 8U);
  EXPECT_EQ(store.head().chain, head.chain);
  EXPECT_EQ(store.ledger().records(), records);
  const Balance alice = store.balance(kAlice).value();
  EXPECT_EQ(alice.available.value, 550);
  EXPECT_EQ(alice.reserved.value, 200);
  EXPECT_EQ(store.balance(kExpert).value().incoming.value, 200);
  const Applied again = store.apply(command(reserve(5, 9'999))).value();
  EXPECT_EQ(again.outcome.effect, Effect::repeated);
  EXPECT_EQ(again.outcome.answers[0], Answer::exceeds_credits);
  expect_sound(store);
}

TEST_F(LedgerStoreTest, a_repeated_command_has_its_place_in_the_chain_and_writes_nothing) {
  LedgerStore store = funded();
  const Applied first = store.apply(command(reserve(2, 300))).value();
  ASSERT_TRUE(store.apply(command(post(3, 2, 10))));
  const Head head = store.head();
  const Applied again = store.apply(command(reserve(2, 300), kNow + 9)).value();
  EXPECT_EQ(again.outcome.effect, Effect::repeated);
  EXPECT_EQ(again.chain, first.chain);
  EXPECT_NE(again.chain, Digest{});
  const Applied other = store.apply(command(reserve(2, 301))).value();
  EXPECT_EQ(other.outcome.answers[0], Answer::id_used_with_other_body);
  EXPECT_EQ(store.head().sequence, head.sequence);
  EXPECT_EQ(store.chain_at(head.sequence).value(), head.chain);
}

TEST_F(LedgerStoreTest, a_chain_that_reserves_and_posts_leaves_no_reservation) {
  {
    LedgerStore store = funded();
    const Command chain{Chain{{reserve(2, 100), post(3, 2, 100)}}, kNow};
    EXPECT_TRUE(store.apply(chain).value().outcome.ok());
    const Command refused{Chain{{reserve(4, 100), post(5, 4, 101)}}, kNow};
    EXPECT_FALSE(store.apply(refused).value().outcome.ok());
  }
  EXPECT_EQ(opened().balance(kAlice).value().available.value, 900);
}

TEST_F(LedgerStoreTest, expires_and_remembers_it) {
  {
    LedgerStore store = funded();
    ASSERT_TRUE(store.apply(command(reserve(2, 100, kNow + 50))));
    const std::uint64_t before = store.head().sequence;
    EXPECT_TRUE(store.apply({Expire{}, kNow + 49}).value().expired.empty());
    EXPECT_EQ(store.head().sequence, before);
    EXPECT_EQ(store.apply({Expire{}, kNow + 50}).value().expired, std::vector{transfer_id(2)});
  }
  LedgerStore store = opened();
  EXPECT_EQ(store.balance(kAlice).value().available.value, 1'000);
  EXPECT_EQ(store.apply(command(post(3, 2, 1))).value().outcome.answers[0],
            Answer::already_expired);
}

TEST_F(LedgerStoreTest, statements_have_running_balances_and_pages) {
  LedgerStore store = funded();
  ASSERT_TRUE(store.apply(command(reserve(2, 300))));
  ASSERT_TRUE(store.apply(command(post(3, 2, 250), kNow + 1)));
  ASSERT_TRUE(store.apply(command(direct(4, kExpert, kAlice, 50), kNow + 2)));
  const StatementPage first = store.statement(kAlice, 0, 2).value();
  ASSERT_EQ(first.lines.size(), 2U);
  EXPECT_EQ(first.next, 2U);
  EXPECT_EQ(first.lines[0].amount.value, 1'000);
  EXPECT_EQ(first.lines[0].other, kIssuance);
  EXPECT_EQ(first.lines[1].amount.value, -250);
  EXPECT_EQ(first.lines[1].balance.value, 750);
  EXPECT_EQ(first.lines[1].id, transfer_id(3));
  EXPECT_EQ(first.lines[1].other, kExpert);
  EXPECT_EQ(first.lines[1].time_ms, kNow + 1);
  const StatementPage second = store.statement(kAlice, first.next, 9).value();
  ASSERT_EQ(second.lines.size(), 1U);
  EXPECT_EQ(second.next, 0U);
  EXPECT_EQ(second.lines[0].balance.value, 800);
  EXPECT_TRUE(store.statement(kAlice, 99, 9).value().lines.empty());
  EXPECT_EQ(store.statement({}, 0, 9).error().code, ErrorCode::not_found);
  EXPECT_EQ(store.balance({}).error().code, ErrorCode::not_found);
  EXPECT_EQ(store.total(kExpert, ledger::Purpose::answer).value().received.value, 250);
  EXPECT_EQ(store.total(kExpert, ledger::Purpose::answer).value().paid.value, 50);
}

TEST_F(LedgerStoreTest, a_batch_is_one_transaction) {
  LedgerStore store = funded();
  std::vector<Command> commands;
  for (std::uint64_t id = 2; id < 102; ++id)
    commands.push_back(command(direct(id, kAlice, kExpert, 10)));
  commands.push_back(command(direct(102, kAlice, kExpert, 1)));  // nothing is left
  const auto applied = store.apply(commands).value();
  EXPECT_TRUE(applied[99].outcome.ok());
  EXPECT_EQ(applied[100].outcome.answers[0], Answer::exceeds_credits);
  EXPECT_EQ(opened().balance(kExpert).value().available.value, 1'000);
}

TEST_F(LedgerStoreTest, two_of_them_on_one_file_see_each_other) {
  LedgerStore first = funded();
  LedgerStore second = opened();
  EXPECT_TRUE(first.apply(command(direct(2, kAlice, kExpert, 600))).value().outcome.ok());
  EXPECT_EQ(second.apply(command(direct(3, kAlice, kExpert, 600))).value().outcome.answers[0],
            Answer::exceeds_credits);
  EXPECT_EQ(second.balance(kExpert).value().available.value, 600);
  EXPECT_TRUE(first.apply(command(direct(4, kAlice, kExpert, 400))).value().outcome.ok());
  EXPECT_EQ(opened().head().chain, first.head().chain);
}

TEST_F(LedgerStoreTest, after_a_failed_write_memory_is_as_the_file) {
  LedgerStore store = funded();
  {
    auto other = store::Database::open(file()).value();  // makes the next insert fail
    ASSERT_TRUE(
        other.execute("CREATE TRIGGER no BEFORE INSERT ON transfers WHEN new.amount = 13 "
                      "BEGIN SELECT raise(ABORT, 'no'); END"));
  }
  const std::vector<Command> commands{command(direct(2, kAlice, kExpert, 5)),
                                      command(direct(3, kAlice, kExpert, 13))};
  ASSERT_FALSE(store.apply(commands));
  EXPECT_EQ(store.balance(kExpert).value().available.value, 0);
  EXPECT_TRUE(store.apply(command(direct(4, kAlice, kExpert, 7))).value().outcome.ok());
  EXPECT_EQ(store.head().sequence, 5U);
  EXPECT_EQ(opened().balance(kExpert).value().available.value, 7);
}

TEST_F(LedgerStoreTest, finds_every_row_that_was_changed_behind_its_back) {
  expect_found("UPDATE journal SET time_ms = time_ms + 1 WHERE sequence = 3", "row 3");
  expect_found("UPDATE journal SET chain = zeroblob(32) WHERE sequence = 2", "row 2");
  expect_found("UPDATE journal SET chain = x'00' WHERE sequence = 2", "chain");
  expect_found("UPDATE journal SET command = x'03' WHERE sequence = 5", "row 5");
  expect_found("DELETE FROM journal WHERE sequence = 4", "row 4");
  expect_found("DELETE FROM journal WHERE sequence = 7", "");
  expect_found("UPDATE transfers SET amount = 61 WHERE number = 4", "transfer");
  expect_found("DELETE FROM transfers WHERE number = 2", "transfer");
  expect_found(
      "INSERT INTO transfers SELECT 9, sequence, id, kind, purpose, debit_kind, "
      "debit_holder, credit_kind, credit_holder, amount, reservation, expires_ms, "
      "reference, answer FROM transfers WHERE number = 1",
      "knows nothing");
  expect_found("UPDATE accounts SET credits_posted = credits_posted + 1 WHERE kind = 2", "balance");
  expect_found("DELETE FROM accounts WHERE kind = 2", "balance");
  expect_found("UPDATE reservations SET amount = 1", "reservation");
  expect_found("DELETE FROM reservations", "reservation");
}

TEST_F(LedgerStoreTest, a_command_that_the_chain_fits_but_that_is_none_is_found) {
  funded();
  {
    auto database = store::Database::open(file()).value();
    auto tables = LedgerTables::open(database).value();
    JournalRow row{5, kNow, {std::byte{9}}, {}};
    row.chain = link(tables.chain_at(4).value(), row);
    ASSERT_TRUE(tables.append(row));
  }
  const auto no_command = LedgerStore::open(file());
  ASSERT_FALSE(no_command);
  EXPECT_NE(no_command.error().what.find("is no command"), std::string::npos);
  {
    auto database = store::Database::open(file()).value();
    ASSERT_TRUE(database.execute("DELETE FROM journal WHERE sequence = 5"));
    auto tables = LedgerTables::open(database).value();
    JournalRow row{5, kNow, encode(Chain{{direct(1, kIssuance, kAlice, 2)}}), {}};
    row.chain = link(tables.chain_at(4).value(), row);
    ASSERT_TRUE(tables.append(row));
  }
  const auto no_sequel = LedgerStore::open(file());
  ASSERT_FALSE(no_sequel);
  EXPECT_NE(no_sequel.error().what.find("does not follow"), std::string::npos);
}

TEST_F(LedgerStoreTest, refuses_the_file_of_a_newer_program) {
  funded();
  ASSERT_TRUE(store::Database::open(file()).value().execute("PRAGMA user_version = 2"));
  EXPECT_EQ(LedgerStore::open(file()).error().code, ErrorCode::unsupported);
}

TEST(LedgerChain, has_these_golden_values) {
  EXPECT_EQ(crypto::to_hex(genesis()),
            "cc7f3dc9d3f4e9e09351658143f85d93cb5497d3d856deb1f284416ba706674e");
  const JournalRow row{1, 1'000, encode(Expire{}), {}};
  EXPECT_EQ(crypto::to_hex(link(genesis(), row)),
            "7bbaa914cc771db01cc5efd124024294b1e7657da78cdd7aeba21eeab4d04677");
}

}  // namespace
}  // namespace plmm::economy
