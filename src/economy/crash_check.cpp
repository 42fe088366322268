// Children that pay until they are killed, and the books after each; see crash_check.h.
#include "economy/crash_check.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "economy/ledger_store.h"
#include "ledger/invariants.h"

namespace plmm::economy {
namespace {

constexpr std::uint64_t kLifeMaxUs = 30'000;  // a few transactions
constexpr std::int64_t kNow = 1'000'000;
constexpr std::int64_t kMoney = 1'000'000'000;
constexpr std::int64_t kReserved = 10;
constexpr std::int64_t kPaid = 7;
constexpr std::uint64_t kFirstNumber = 10;  // below it: the funding

const AccountId kIssuance{ledger::AccountKind::issuance, {{0, 1}}};
const AccountId kPayer{ledger::AccountKind::user_wallet, {{0, 2}}};
const AccountId kPayee{ledger::AccountKind::expert_revenue, {{0, 3}}};

TransferId transfer_id(std::uint64_t number) { return {{5, number}}; }

/// Of each number n: reservation 2n, then its post 2n + 1; sometimes both in one chain.
std::vector<Command> commands_of(std::uint64_t n) {
  const ledger::Transfer hold{.id = transfer_id(2 * n),
                              .kind = ledger::TransferKind::pending,
                              .debit = kPayer,
                              .credit = kPayee,
                              .amount = {kReserved}};
  const ledger::Transfer pay{.id = transfer_id(2 * n + 1),
                             .kind = ledger::TransferKind::post,
                             .amount = {kPaid},
                             .reservation = hold.id};
  if (n % 3 == 0) return {{Chain{{hold, pay}}, kNow}};
  return {{Chain{{hold}}, kNow}, {Chain{{pay}}, kNow}};
}

Result<> fund(const std::filesystem::path& file) {
  auto store = TRY(LedgerStore::open(file));
  const ledger::Transfer money{
      .id = transfer_id(1), .debit = kIssuance, .credit = kPayer, .amount = {kMoney}};
  const std::vector<Command> commands{{OpenAccount{kIssuance, ledger::Limit::none}, kNow},
                                      {OpenAccount{kPayer}, kNow},
                                      {OpenAccount{kPayee}, kNow},
                                      {Chain{{money}}, kNow}};
  TRY(store.apply(commands));
  return {};
}

/// Applies numbers from `first` on for ever, one or several in a transaction, and writes each
/// number to `out` once it is acknowledged. Never returns.
[[noreturn]] void pay_for_ever(const std::filesystem::path& file, std::uint64_t first, Rng rng,
                               int out) {
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

/// One child from its start to its death; adds what it acknowledged.
Result<> run_and_kill(const std::filesystem::path& file, std::uint64_t first, Rng& rng,
                      std::set<std::uint64_t>& acknowledged) {
  int ends[2];
  if (::pipe(ends) != 0) return fail(ErrorCode::io, "no pipe to a child process can be had");
  const Rng of_child(rng.next());
  const std::chrono::microseconds life(rng.below(kLifeMaxUs));
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::close(ends[0]);
    pay_for_ever(file, first, of_child, ends[1]);
  }
  ::close(ends[1]);
  if (pid < 0) {
    ::close(ends[0]);
    return fail(ErrorCode::io, "no child process can be started");
  }
  std::uint64_t number = 0;
  const auto told = [&] { return ::read(ends[0], &number, sizeof number) == sizeof number; };
  // The clock starts at the first answer: opening takes longer with each child.
  bool is_alive = told();
  const auto death = std::chrono::steady_clock::now() + life;
  while (is_alive) {
    acknowledged.insert(number);
    is_alive = wait_until(death, ends[0]) && told();
  }
  ::kill(pid, SIGKILL);
  while (told()) acknowledged.insert(number);  // what it had said before it died
  ::close(ends[0]);
  int status = 0;
  if (::waitpid(pid, &status, 0) == pid && WIFSIGNALED(status)) return {};
  return fail(ErrorCode::io, "the ledger's child ended by itself, with exit status " +
                                 std::to_string(WEXITSTATUS(status)));
}

/// Opens as after a crash and adds what is wrong.
Result<> verify(const std::filesystem::path& file, const std::set<std::uint64_t>& acknowledged,
                CrashReport& report) {
  auto store = TRY(LedgerStore::open(file));
  for (const std::uint64_t number : acknowledged) {
    const ledger::Record* post = store.ledger().record(transfer_id(2 * number + 1));
    if (post == nullptr || post->answer != ledger::Answer::ok) ++report.n_lost;
  }
  std::int64_t n_posted = 0;
  for (const auto& [id, record] : store.ledger().records()) {
    if (record.transfer.kind == ledger::TransferKind::post) ++n_posted;
    if (record.state == ledger::ReservationState::open) ++report.n_half_done;
  }
  const std::int64_t received = TRY(store.balance(kPayee)).available.value;
  const std::int64_t left = TRY(store.balance(kPayer)).available.value;
  const std::int64_t issued = TRY(store.balance(kIssuance)).available.value;
  const std::int64_t too_much = received - n_posted * kPaid;
  if (too_much > 0) report.n_doubled += static_cast<std::uint64_t>(too_much / kPaid + 1);
  const bool adds_up = received + left == kMoney && issued == -kMoney && too_much == 0;
  if (!adds_up || !ledger::check_invariants(store.ledger())) ++report.n_unbalanced;
  return {};
}

}  // namespace

Result<CrashReport> kill_ledgers(const std::filesystem::path& file, int n_kills, std::uint64_t seed,
                                 const Cancel& cancel) {
  TRY(fund(file));
  CrashReport out;
  Rng rng(seed);
  std::set<std::uint64_t> acknowledged;
  for (; out.n_kills < n_kills; ++out.n_kills) {
    if (cancel.requested()) return fail(ErrorCode::cancelled, "stopped");
    // A client repeats what it has no answer to, and some of what it has.
    const std::uint64_t newest = acknowledged.empty() ? kFirstNumber : *acknowledged.rbegin();
    const std::uint64_t first =
        newest > 2 * kFirstNumber ? newest - rng.below(kFirstNumber) : kFirstNumber;
    TRY(run_and_kill(file, first, rng, acknowledged));
    TRY(verify(file, acknowledged, out));
  }
  out.n_acknowledged = acknowledged.size();
  return out;
}

}  // namespace plmm::economy
