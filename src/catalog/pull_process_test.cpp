// Pulling in several processes: killed at many points, and two at once.
#include <sys/time.h>
#include <sys/wait.h>

#include <functional>

#include "catalog/pull_fixture.h"

namespace plmm::catalog {
namespace {

constexpr int kExitPulled = 0;
constexpr int kExitFailed = 1;

class PullProcessTest : public PullTest {
 protected:
  using Dies = std::function<bool(const Progress&)>;

  /// Pulls in a child process that kills itself as soon as `dies` says so, or wherever it is after
  /// `after_us` (0: never); returns how it ended, as waitpid gives it.
  int pull_in_child(const Dies& dies, suseconds_t after_us = 0) const {
    const pid_t pid = start_child(dies, after_us);
    int status = 0;
    EXPECT_EQ(::waitpid(pid, &status, 0), pid);
    return status;
  }

  pid_t start_child(const Dies& dies, suseconds_t after_us = 0) const {
    const pid_t pid = ::fork();
    if (pid != 0) return pid;
    // Nobody handles SIGALRM, so the kernel ends the process at that moment, as SIGKILL would.
    const itimerval timer{{}, {after_us / 1'000'000, after_us % 1'000'000}};
    ::setitimer(ITIMER_REAL, &timer, nullptr);
    PullOptions child = options();
    child.on_progress = [&](const Progress& progress) {
      if (dies(progress)) ::raise(SIGKILL);
    };
    ::_exit(pull(entry_, child) ? kExitPulled : kExitFailed);
  }
};

constexpr std::string_view kSlowClient =
    "for n in 1 2 3 4; do dd if=\"$wheel\" bs=75100 skip=$((n-1)) count=1 >>\"$TMPDIR/g.whl\"; "
    "sleep 0.02; done\nmv \"$TMPDIR/g.whl\" \"$dest\"/$base";
constexpr std::string_view kFastClient = "cp \"$wheel\" \"$dest\"/$base";

TEST_F(PullProcessTest, killed_at_any_call_it_continues_and_is_whole) {
  int n_killed = 0;
  for (int point = 0; point < 10; ++point) {
    write_client(kSlowClient);
    int n_calls = 0;
    const int status = pull_in_child([&](const Progress&) { return n_calls++ == point; });
    if (WIFSIGNALED(status)) ++n_killed;
    const Path file = models_ / "tiny.gguf";
    EXPECT_TRUE(!std::filesystem::exists(file) || slurp(file) == whole_) << "point " << point;
    write_client(kFastClient);
    expect_whole(pull(entry_, options()));
    std::filesystem::remove_all(models_);
  }
  EXPECT_GE(n_killed, 2);
}

TEST_F(PullProcessTest, killed_again_and_again_it_comes_to_an_end) {
  write_client(kSlowClient);
  const Path file = models_ / "tiny.gguf";
  int n_killed = 0;
  for (suseconds_t after_us = 1'000; !std::filesystem::exists(file); after_us += 13'000) {
    ASSERT_LT(after_us, 10'000'000);
    const int status = pull_in_child([](const Progress&) { return false; }, after_us);
    if (WIFSIGNALED(status)) ++n_killed;
  }
  EXPECT_GE(n_killed, 3);
  EXPECT_TRUE(slurp(file) == whole_);
  expect_whole(pull(entry_, options()));
}

TEST_F(PullProcessTest, a_kill_in_the_last_stage_leaves_nothing_to_fetch) {
  const int status =
      pull_in_child([](const Progress& progress) { return progress.stage == "verify"; });
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_FALSE(std::filesystem::exists(models_ / "tiny.gguf"));
  PullOptions offline = options();
  offline.offline = true;
  expect_whole(pull(entry_, offline));
}

TEST_F(PullProcessTest, a_kill_after_the_second_part_fetches_only_the_third) {
  const int status = pull_in_child([&](const Progress& progress) {
    return progress.stage == "download" && progress.done > 2 * kPartBytes + 1;
  });
  ASSERT_TRUE(WIFSIGNALED(status));
  std::filesystem::remove(root_ / "calls");
  expect_whole(pull(entry_, options()));
  EXPECT_LE(calls().size(), 1U);
}

TEST_F(PullProcessTest, the_client_dies_with_a_killed_pull) {
  write_client("echo $$ >'" + (root_ / "pid").string() + "'; exec sleep 60");
  pull_in_child([&](const Progress&) { return !slurp(root_ / "pid").empty(); });
  const pid_t client = std::stoi(slurp(root_ / "pid"));
  for (int i = 0; i < 200 && ::kill(client, 0) == 0; ++i) {
    // A process that nobody has reaped yet still takes signals; its state tells that it is dead.
    if (slurp("/proc/" + std::to_string(client) + "/stat").find(") Z") != std::string::npos) return;
    ::usleep(10'000);
  }
  EXPECT_EQ(::kill(client, 0), -1);
}

TEST_F(PullProcessTest, the_second_of_two_waits_and_gets_the_same_file) {
  write_client("sleep 0.1; cp \"$wheel\" \"$dest\"/$base");
  const pid_t first = start_child([](const Progress&) { return false; });
  while (calls().empty()) ::usleep(1'000);
  bool waited = false;
  PullOptions second = options();
  second.on_progress = [&](const Progress& progress) {
    waited = waited || progress.stage == "wait";
  };
  const auto result = pull(entry_, second);
  int status = 0;
  ASSERT_EQ(::waitpid(first, &status, 0), first);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(waited);
  expect_whole(result);
  EXPECT_EQ(calls().size(), 3U);
}

TEST_F(PullProcessTest, the_second_of_two_goes_on_when_the_first_is_killed) {
  write_client("[ $package = tiny-part1 ] && [ ! -e '" + (root_ / "go").string() +
               "' ] && sleep 60; cp \"$wheel\" \"$dest\"/$base");
  const pid_t first = start_child([](const Progress&) { return false; });
  while (calls().size() < 2) ::usleep(1'000);
  PullOptions second = options();
  bool killed = false;
  second.on_progress = [&](const Progress& progress) {
    if (killed || progress.stage != "wait") return;
    write(root_ / "go", "");
    ::kill(first, SIGKILL);
    killed = true;
  };
  expect_whole(pull(entry_, second));
  EXPECT_TRUE(killed);
  EXPECT_EQ(::waitpid(first, nullptr, 0), first);
}

TEST_F(PullProcessTest, a_cancel_while_waiting_returns) {
  std::filesystem::create_directory(models_);
  const auto lock = Lock::try_acquire(models_, "tiny");
  ASSERT_TRUE(lock);
  Cancel cancel;
  PullOptions second = options();
  second.cancel = &cancel;
  second.on_progress = [&](const Progress&) { cancel.request(); };
  EXPECT_EQ(pull(entry_, second).error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace plmm::catalog
