// Somebody who has the vault's files and not its keys, a program that is killed, a disk that is
// full. Small by default; PLMM_TEST_FULL=1 goes through every byte, pair, copy and length.
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/rng.h"
#include "personal/vault.h"
#include "personal/vault_fixture.h"

namespace plmm::personal {
namespace {

namespace fs = std::filesystem;

using Contents = std::map<std::int64_t, std::string>;

bool is_full() { return std::getenv("PLMM_TEST_FULL") != nullptr; }

class VaultAttackTest : public VaultFixture {
 protected:
  /// `n` records in each of two areas, closed again.
  void fill(int n) const {
    auto vault = opened();
    ASSERT_TRUE(vault.change([&](Edit& edit) -> Result<> {
      for (int i = 0; i < n; ++i) {
        TRY(edit.add(Area::profile, Personal("fact " + std::to_string(i))));
        TRY(edit.add(Area::memory, Personal("turn " + std::to_string(i) + std::string(300, '.'))));
      }
      return {};
    }));
  }
  static Contents contents(Vault& vault, Area area) {
    Contents out;
    const auto records = vault.read(area).value();
    for (const Record& record : records)
      out[record.id] = record.content.reveal(Purpose::show_owner);
    return out;
  }
  std::string bytes(const fs::path& path) const { return read_file(path, 1 << 26).value(); }
  /// In place, as somebody does who does not care about crashes; nothing where it has them already.
  static void put(const fs::path& path, const std::string& bytes) {
    if (const auto now = read_file(path, 1 << 26); now && *now == bytes) return;
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }

  static void flip(const fs::path& path, std::size_t at, char bits) {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekg(static_cast<std::streamoff>(at));
    const auto byte = static_cast<char>(file.get() ^ bits);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(byte);
  }

  enum class Seen : std::uint8_t {
    refused,   // it did not open, and said why
    noticed,   // it opened and can only be read, or says that something is damaged
    harmless,  // everything is there, as it was
  };
  /// Opens it. Whatever was done to it, no record is ever another than it was, and what is in an
  /// area that is whole is there.
  Seen look(const std::map<Area, Contents>& before) const {
    auto vault = Vault::open(place_);
    if (!vault) return Seen::refused;
    const auto checks = vault->check();
    if (!checks) return Seen::refused;
    bool all_whole = true;
    for (const AreaCheck& check : *checks) {
      const auto records = vault->read(check.area);
      EXPECT_EQ(records.has_value(), check.is_whole);
      all_whole = all_whole && check.is_whole;
      if (!records) continue;
      Contents now;
      for (const Record& record : *records)
        now[record.id] = record.content.reveal(Purpose::show_owner);
      const auto found = before.find(check.area);
      const bool same = found == before.end() ? now.empty() : now == found->second;
      EXPECT_TRUE(same || vault->standing() != Standing::current);
    }
    return all_whole && vault->standing() == Standing::current ? Seen::harmless : Seen::noticed;
  }
  std::map<Area, Contents> all() const {
    auto vault = opened();
    std::map<Area, Contents> out;
    for (const Area area : kAreas) out[area] = contents(vault, area);
    return out;
  }
};

TEST_F(VaultAttackTest, a_flipped_byte_is_noticed_or_was_in_unused_space) {
  fill(is_full() ? 1000 : 4);
  const std::string whole = bytes(place_.database);
  const auto before = all();
  Rng rng(20261127);
  std::array<std::size_t, 3> n_seen{};
  // A prime step reaches every kind of place.
  const std::size_t step = is_full() ? 1 : 61;
  for (std::size_t at = is_full() ? 0 : rng.below(step); at < whole.size(); at += step) {
    flip(place_.database, at, static_cast<char>(1 << rng.below(8)));
    ++n_seen[static_cast<std::size_t>(look(before))];
    ASSERT_FALSE(HasFailure()) << "byte " << at;
    put(place_.database, whole);
  }
  EXPECT_GT(n_seen[0], 5U);
  EXPECT_GT(n_seen[1], 10U);
}

TEST_F(VaultAttackTest, every_two_records_that_are_swapped_are_noticed) {
  const int n = is_full() ? 30 : 3;
  fill(n);
  const auto before = all();
  const std::string whole = bytes(place_.database);
  for (int a = 1; a <= 2 * n; ++a) {
    for (int b = a + 1; b <= 2 * n; ++b) {
      for (const char* columns : {"sealed", "sealed, version", "area, version, sealed"}) {
        {
          auto database = store::Database::open(place_.database).value();
          const std::string from = std::to_string(a);
          const std::string to = std::to_string(b);
          const std::string list = columns;
          ASSERT_TRUE(
              database.execute("CREATE TEMP TABLE one AS SELECT * FROM record WHERE id = " + from +
                               "; CREATE TEMP TABLE two AS SELECT * FROM record WHERE id = " + to +
                               "; UPDATE record SET (" + list + ") = (SELECT " + list +
                               " FROM two) WHERE id = " + from + "; UPDATE record SET (" + list +
                               ") = (SELECT " + list + " FROM one) WHERE id = " + to));
        }
        EXPECT_EQ(look(before), Seen::noticed) << a << " and " << b << ": " << columns;
        put(place_.database, whole);
      }
    }
  }
}

TEST_F(VaultAttackTest, every_older_copy_is_noticed_with_or_without_its_counter) {
  struct Copy {
    std::string database;
    std::map<Area, Contents> contents;
  };
  std::vector<Copy> copies;
  const int n = is_full() ? 100 : 6;
  for (int i = 0; i < n; ++i) {
    {
      auto vault = opened();
      ASSERT_TRUE(vault.change([&](Edit& edit) -> Result<> {
        TRY(edit.add(Area::profile, Personal("fact " + std::to_string(i))));
        return i % 3 == 2 ? edit.remove(Area::profile, i) : Result<>();
      }));
      ASSERT_TRUE(i % 5 != 4 || vault.rekey(nullptr));
    }
    copies.push_back({bytes(place_.database), all()});
  }
  for (std::size_t i = 0; i + 1 < copies.size(); ++i) {
    put(place_.database, copies[i].database);
    fs::remove(place_.database.string() + "-wal");
    EXPECT_EQ(look(copies[i].contents), Seen::noticed) << i;
    EXPECT_EQ(all(), copies[i].contents);  // it can still be read
  }
  put(place_.database, copies.back().database);
  EXPECT_EQ(look(copies.back().contents), Seen::harmless);
}

TEST_F(VaultAttackTest, every_truncation_is_noticed) {
  fill(4);
  const auto before = all();
  const std::string whole = bytes(place_.database);
  const std::size_t step = is_full() ? 1 : 509;
  for (std::size_t n = 0; n < whole.size(); n += step) {
    put(place_.database, whole.substr(0, n));
    EXPECT_NE(look(before), Seen::harmless) << n;
    ASSERT_FALSE(HasFailure()) << n;
  }
}

TEST_F(VaultAttackTest, what_is_not_damaged_can_be_read_and_gone_on_with) {
  fill(5);
  const auto before = all();
  {
    auto database = store::Database::open(place_.database).value();
    ASSERT_TRUE(database.execute("UPDATE record SET sealed = zeroblob(64) WHERE id = 3"));
  }
  {
    auto vault = opened();
    EXPECT_EQ(contents(vault, Area::memory), before.at(Area::memory));
    EXPECT_EQ(vault.read(Area::profile).error().code, ErrorCode::corrupt_data);
    EXPECT_EQ(vault.read_one(Area::profile, 1)->content.reveal(Purpose::compare), "fact 0");
    EXPECT_EQ(vault.read_one(Area::profile, 3).error().code, ErrorCode::corrupt_data);
    EXPECT_EQ(vault.read_one(Area::profile, 2).error().code, ErrorCode::not_found);
    EXPECT_EQ(vault.check()->front().n_unreadable, 1U);
    // Writing beside it does not make it whole.
    ASSERT_TRUE(vault.change([](Edit& edit) -> Result<> {
      TRY(edit.add(Area::profile, Personal<std::string>("after")));
      return {};
    }));
    EXPECT_FALSE(vault.read(Area::profile));
    EXPECT_FALSE(vault.rekey(nullptr));
  }
  auto accepted = opened({.old_copy = OldCopy::accept});
  EXPECT_EQ(accepted.n_lost(), 1U);
  EXPECT_EQ(contents(accepted, Area::profile).size(), 5U);
  EXPECT_EQ(all().at(Area::memory), before.at(Area::memory));
}

TEST_F(VaultAttackTest, a_damaged_state_is_said_and_can_be_gone_on_without) {
  fill(3);
  const auto before = all();
  {
    auto database = store::Database::open(place_.database).value();
    ASSERT_TRUE(database.execute("UPDATE state SET sealed = zeroblob(300)"));
  }
  EXPECT_EQ(Vault::open(place_).error().code, ErrorCode::corrupt_data);
  EXPECT_EQ(opened({.old_copy = OldCopy::accept}).n_lost(), 0U);
  EXPECT_EQ(all(), before);
  // Without its key nothing in it can be told from damage, so nothing is given up.
  {
    auto database = store::Database::open(place_.database).value();
    ASSERT_TRUE(database.execute("DELETE FROM key"));
  }
  const std::string whole = bytes(place_.database);
  EXPECT_EQ(Vault::open(place_, {.old_copy = OldCopy::accept}).error().code,
            ErrorCode::corrupt_data);
  EXPECT_EQ(bytes(place_.database), whole);
}

/// Gives the other program some microseconds.
void pass_time(std::uint64_t microseconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(microseconds);
  while (std::chrono::steady_clock::now() < end) ::sched_yield();
}

/// Adds records, "+" for each one that is on disk; with a new key now and then, "*".
[[noreturn]] void write_until_killed(const VaultPlace& place, int pipe, bool rekeys) {
  auto vault = Vault::open(place);
  for (int i = 0; vault; ++i) {
    const bool rekeyed = rekeys && i % 3 == 2;
    const auto done = rekeyed ? vault->rekey(nullptr) : vault->change([](Edit& edit) -> Result<> {
      TRY(edit.add(Area::profile, Personal<std::string>("x")));
      return {};
    });
    if (!done || ::write(pipe, rekeyed ? "*" : "+", 1) != 1) break;
  }
  ::_exit(1);
}

TEST_F(VaultAttackTest, killed_at_any_moment_opens_with_all_that_was_acknowledged) {
  Rng rng(7);
  std::size_t n_there = 0;
  const int n_rounds = is_full() ? 1000 : 8;
  for (int round = 0; round < n_rounds; ++round) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) write_until_killed(place_, pipe[1], round % 2 == 1);
    ::close(pipe[1]);
    // The moment is where the program is after some steps, and some more time.
    const auto n_wanted = 1 + rng.below(12);
    std::size_t n_acknowledged = 0;
    char step = 0;
    for (std::size_t i = 0; i < n_wanted && ::read(pipe[0], &step, 1) == 1; ++i)
      n_acknowledged += step == '+' ? 1 : 0;
    pass_time(rng.below(5'000));
    ::kill(child, SIGKILL);
    while (::read(pipe[0], &step, 1) == 1) n_acknowledged += step == '+' ? 1 : 0;
    ::waitpid(child, nullptr, 0);
    ::close(pipe[0]);
    auto vault = opened();
    EXPECT_EQ(vault.standing(), Standing::current);
    const auto n_now = contents(vault, Area::profile).size();
    EXPECT_GE(n_now, n_there + n_acknowledged);
    EXPECT_LE(n_now, n_there + n_acknowledged + 1);  // one may be saved and not yet acknowledged
    EXPECT_TRUE(std::ranges::all_of(vault.check().value(), &AreaCheck::is_whole));
    n_there = n_now;
    ASSERT_FALSE(HasFailure()) << "round " << round;
  }
}

TEST_F(VaultAttackTest, of_format_1_killed_while_it_is_brought_to_todays_loses_nothing) {
  Rng rng(8);
  for (int round = 0; round < (is_full() ? 300 : 4); ++round) {
    fs::remove_all(place_.database.parent_path());
    fs::remove_all(place_.key.parent_path());
    fs::create_directories(place_.database.parent_path());
    fs::create_directories(place_.key.parent_path());
    fs::copy_file("testdata/vault1/vault.db", place_.database);
    fs::copy_file("testdata/vault1/device.key", place_.key);
    fs::copy_file("testdata/vault1/vault.counter", place_.counter);
    fs::permissions(place_.key, fs::perms::owner_read | fs::perms::owner_write);
    const pid_t child = ::fork();
    if (child == 0) {
      static_cast<void>(Vault::open(place_));
      ::_exit(0);
    }
    pass_time(rng.below(30'000));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    auto vault = opened();
    EXPECT_EQ(vault.standing(), Standing::current);
    EXPECT_EQ(contents(vault, Area::profile).size(), 4U);
    EXPECT_EQ(contents(vault, Area::memory).size(), 1U);
    ASSERT_FALSE(HasFailure()) << "round " << round;
  }
}

TEST_F(VaultAttackTest, a_full_disk_undoes_the_change_and_is_said) {
  fill(4);
  const auto before = all();
  const pid_t child = ::fork();
  if (child == 0) {
    // No file may grow beyond this: the log of one large record does not fit.
    const rlimit small{256 * 1024, 256 * 1024};
    ::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &small);
    auto vault = Vault::open(place_);
    if (!vault) ::_exit(1);
    const auto done = vault->change([](Edit& edit) -> Result<> {
      TRY(edit.add(Area::profile, Personal(std::string(1 << 20, 'x'))));
      return {};
    });
    if (done || done.error().code != ErrorCode::io) ::_exit(2);
    // Old contents are still there, for this program too.
    ::_exit(vault->read(Area::profile)->size() == 4 ? 0 : 3);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0) << WEXITSTATUS(status);
  EXPECT_EQ(all(), before);
}

}  // namespace
}  // namespace plmm::personal
