// Tests of the group commit: many threads, each command once, answers to the right callers.
#include "economy/shared_ledger.h"

#include <thread>

#include "economy/ledger_fixture.h"

namespace plmm::economy {
namespace {

class SharedLedgerTest : public EconomyTest {};

TEST_F(SharedLedgerTest, each_thread_gets_the_answer_to_its_own_command) {
  constexpr std::uint64_t kThreads = 8;
  constexpr std::uint64_t kEach = 25;
  SharedLedger ledger(funded());
  std::vector<std::thread> threads;
  std::atomic<int> n_ok = 0;
  std::atomic<int> n_wrong = 0;
  for (std::uint64_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::uint64_t i = 0; i < kEach; ++i) {
        const std::uint64_t id = 10 + thread * kEach + i;
        const auto applied = ledger.apply(command(direct(id, kAlice, kExpert, 6)));
        if (!applied) {
          ++n_wrong;
          continue;
        }
        if (applied->outcome.ok()) ++n_ok;
        const bool same = ledger.read([&](LedgerStore& store) {
          const ledger::Record* record = store.ledger().record(transfer_id(id));
          return record != nullptr && record->sequence == applied->outcome.sequence;
        });
        if (!same) ++n_wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(n_wrong, 0);
  EXPECT_EQ(n_ok, 1'000 / 6);  // then Alice has nothing left
  EXPECT_EQ(opened().balance(kExpert).value().available.value, 1'000 / 6 * 6);
}

TEST_F(SharedLedgerTest, an_error_of_the_store_reaches_the_caller) {
  SharedLedger ledger(funded());
  ASSERT_TRUE(store::Database::open(file()).value().execute("DROP TABLE transfers"));
  EXPECT_FALSE(ledger.apply(command(direct(2, kAlice, kExpert, 1))));
}

}  // namespace
}  // namespace plmm::economy
