// The durable ledger under kill -9: nothing acknowledged is lost, nothing happens twice.
// PLMM_KILLS sets how often (30 without it).
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <set>
#include <string_view>

#include "base/rng.h"
#include "economy/ledger_fixture.h"

namespace plmm::economy {
namespace {

constexpr std::uint64_t kSeed = 20'230'914;
constexpr std::uint64_t kLifeMaxUs = 30'000;  // a few transactions
constexpr std::uint64_t kReserved = 10;
constexpr std::uint64_t kPaid = 7;

int n_kills() {
  int out = 30;
  if (const char* text = std::getenv("PLMM_KILLS")) {
    const std::string_view view(text);
    std::from_chars(view.data(), view.data() + view.size(), out);
  }
  return out;
}

/// Of each number n: reservation 2n, then its post 2n + 1; sometimes both in one chain.
std::vector<Command> commands_of(std::uint64_t n) {
  const ledger::Transfer hold = reserve(2 * n, kReserved);
  const ledger::Transfer pay = post(2 * n + 1, 2 * n, kPaid);
  if (n % 3 == 0) return {{Chain{{hold, pay}}, kNow}};
  return {command(hold), command(pay)};
}

/// Applies numbers from `first` on for ever, one or several in a transaction, and writes each
/// number to `out` once it is acknowledged. Never returns.
[[noreturn]] void child(const std::filesystem::path& file, std::uint64_t first, Rng rng, int out) {
  auto store = LedgerStore::open(file);
  if (!store) ::_exit(2);
  for (std::uint64_t n = first;;) {
    std::vector<Command> batch;
    const std::uint64_t end = n + 1 + (rng.below(2) == 0 ? 0 : rng.below(20));
    for (std::uint64_t number = n; number < end; ++number) {
      for (Command& each : commands_of(number)) batch.push_back(std::move(each));
    }
    const auto applied = store->apply(batch);
    if (!applied) ::_exit(3);
    for (const Applied& each : *applied) {
      if (!each.outcome.ok()) ::_exit(4);
    }
    for (; n < end; ++n) {
      if (::write(out, &n, sizeof n) != sizeof n) ::_exit(5);
    }
  }
}

/// Waits for bytes from `fd`; false when it is time.
bool wait_until(std::chrono::steady_clock::time_point end, int fd) {
  const std::chrono::nanoseconds left = end - std::chrono::steady_clock::now();
  if (left.count() <= 0) return false;
  const timespec timeout{left.count() / 1'000'000'000, left.count() % 1'000'000'000};
  pollfd readable{fd, POLLIN, 0};
  return ::ppoll(&readable, 1, &timeout, nullptr) > 0;
}

class KillTest : public EconomyTest {
 protected:
  /// One child from its start to its death; adds what it acknowledged.
  void run_and_kill(std::uint64_t first, Rng& rng, std::set<std::uint64_t>& acknowledged) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const Rng of_child(rng.next());
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::close(ends[0]);
      child(file(), first, of_child, ends[1]);
    }
    ::close(ends[1]);
    const std::chrono::microseconds life(rng.below(kLifeMaxUs));
    std::uint64_t number = 0;
    // The clock starts at the first answer: opening takes longer with each child.
    bool is_alive = ::read(ends[0], &number, sizeof number) == sizeof number;
    const auto death = std::chrono::steady_clock::now() + life;
    while (is_alive) {
      acknowledged.insert(number);
      is_alive =
          wait_until(death, ends[0]) && ::read(ends[0], &number, sizeof number) == sizeof number;
    }
    ::kill(pid, SIGKILL);
    // What it had said before it died.
    while (::read(ends[0], &number, sizeof number) == sizeof number) acknowledged.insert(number);
    ::close(ends[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
  }

  /// Opens as after a crash: everything verified, everything acknowledged there, each once.
  void verify(const std::set<std::uint64_t>& acknowledged) {
    LedgerStore store = opened();
    expect_sound(store);
    for (const std::uint64_t number : acknowledged) {
      const ledger::Record* post = store.ledger().record(transfer_id(2 * number + 1));
      ASSERT_TRUE(post != nullptr && post->answer == ledger::Answer::ok) << number;
    }
    std::int64_t n_posted = 0;
    std::int64_t n_open = 0;
    for (const auto& [id, record] : store.ledger().records()) {
      if (record.transfer.kind == ledger::TransferKind::post) ++n_posted;
      if (record.state == ledger::ReservationState::open) ++n_open;
    }
    EXPECT_EQ(n_open, 0);  // both halves of a number share a transaction
    const std::int64_t paid = n_posted * static_cast<std::int64_t>(kPaid);
    EXPECT_EQ(store.balance(kExpert).value().available.value, paid);
    EXPECT_EQ(store.balance(kAlice).value().available.value, kMoney - paid);
    EXPECT_EQ(store.balance(kIssuance).value().available.value, -kMoney);
  }

  static constexpr std::int64_t kMoney = 1'000'000'000;
};

TEST_F(KillTest, no_acknowledged_transfer_is_lost_and_none_is_doubled) {
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  {
    LedgerStore store = funded();
    ASSERT_TRUE(store.apply(command(direct(3, kIssuance, kAlice, kMoney - 1'000))));
  }
  Rng rng(kSeed);
  std::set<std::uint64_t> acknowledged;
  for (int i = 0; i < n_kills() && !HasFailure(); ++i) {
    SCOPED_TRACE("kill " + std::to_string(i));
    // A client repeats what it has no answer to, and some of what it has.
    const std::uint64_t newest = acknowledged.empty() ? 10 : *acknowledged.rbegin();
    run_and_kill(newest > 20 ? newest - rng.below(10) : 10, rng, acknowledged);
    verify(acknowledged);
  }
  EXPECT_GE(acknowledged.size(), 100U);
}

}  // namespace
}  // namespace plmm::economy
