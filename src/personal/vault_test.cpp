// The vault at rest: what anybody else changes, swaps or brings back is noticed, and no crash locks
// its owner out.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "personal/vault.h"
#include "personal/vault_fixture.h"

namespace plmm::personal {
namespace {

namespace fs = std::filesystem;

using Contents = std::map<std::int64_t, std::string>;

class VaultTest : public VaultFixture {
 protected:
  /// A vault with three records, closed again.
  void fill() const {
    auto vault = opened();
    for (const char* text : {"geology", "climbing at weekends", "a third thing"}) add(vault, text);
  }
  static std::int64_t add(Vault& vault, const std::string& text) {
    std::int64_t id = 0;
    const auto done = vault.change([&](Edit& edit) -> Result<> {
      id = TRY(edit.add(Area::profile, Personal(text)));
      return {};
    });
    EXPECT_TRUE(done) << done.error().what;
    return id;
  }
  static Contents contents(Vault& vault, Area area = Area::profile) {
    Contents out;
    const auto records = vault.read(area).value();
    for (const Record& record : records) {
      out[record.id] = record.content.reveal(Purpose::show_owner);
    }
    return out;
  }
  Contents contents() const {
    auto vault = opened();
    return contents(vault);
  }
  std::string bytes(const fs::path& path) const { return read_file(path, 1 << 24).value(); }
  /// Runs SQL of somebody who has the files but not the key.
  void tamper(const std::string& script) const {
    auto database = store::Database::open(place_.database).value();
    ASSERT_TRUE(database.execute(script));
  }
  /// What opening or checking it says; `cancelled` where all is well.
  Error error_of_open() const {
    auto vault = Vault::open(place_);
    if (!vault) return vault.error();
    const auto checks = vault->check();
    if (!checks) return checks.error();
    const bool whole = std::ranges::all_of(*checks, &AreaCheck::is_whole);
    return whole ? Error{ErrorCode::cancelled, "all is well"} : Error{ErrorCode::corrupt_data, ""};
  }
};

TEST_F(VaultTest, keeps_records_across_openings) {
  fill();
  EXPECT_EQ(contents(),
            (Contents{{1, "geology"}, {2, "climbing at weekends"}, {3, "a third thing"}}));
  EXPECT_EQ(fs::status(place_.key).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::status(place_.database).permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::status(place_.database.parent_path()).permissions(), fs::perms::owner_all);
}

TEST_F(VaultTest, replaces_and_removes_and_gives_no_id_twice) {
  fill();
  auto vault = opened();
  ASSERT_TRUE(vault.change([](Edit& edit) -> Result<> {
    TRY(edit.replace(Area::profile, 1, Personal<std::string>("physics")));
    return edit.remove(Area::profile, 3);
  }));
  EXPECT_EQ(add(vault, "new"), 4);
  EXPECT_EQ(contents(vault), (Contents{{1, "physics"}, {2, "climbing at weekends"}, {4, "new"}}));
  const auto missing = vault.change([](Edit& edit) { return edit.remove(Area::consent, 1); });
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
}

TEST_F(VaultTest, undoes_all_of_a_change_that_fails) {
  fill();
  auto vault = opened();
  const auto done = vault.change([](Edit& edit) -> Result<> {
    TRY(edit.remove(Area::profile, 1));
    return fail(ErrorCode::cancelled, "enough");
  });
  EXPECT_EQ(done.error().what, "enough");
  EXPECT_EQ(contents(vault).size(), 3U);
}

TEST_F(VaultTest, refuses_a_record_over_the_limit) {
  auto vault = opened();
  const auto done = vault.change([](Edit& edit) -> Result<> {
    TRY(edit.add(Area::outbox, Personal(std::string(kRecordBytesMax + 1, 'x'))));
    return {};
  });
  EXPECT_EQ(done.error().code, ErrorCode::limit_exceeded);
}

TEST_F(VaultTest, notices_each_flipped_byte_of_a_record) {
  fill();
  const std::string whole = bytes(place_.database);
  auto database = store::Database::open(place_.database).value();
  auto select = database.prepare("SELECT sealed FROM record WHERE id = 2").value();
  ASSERT_EQ(select.step().value(), store::Step::row);
  const std::string sealed(reinterpret_cast<const char*>(select.blob(0).data()),
                           select.blob(0).size());
  select.reset();
  auto vault = opened();
  auto update = database.prepare("UPDATE record SET sealed = ?1 WHERE id = 2").value();
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    std::string flipped = sealed;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    ASSERT_TRUE(update.run(bytes_of(flipped)));
    EXPECT_EQ(vault.read(Area::profile).error().code, ErrorCode::corrupt_data) << "byte " << at;
  }
  ASSERT_TRUE(update.run(bytes_of(sealed)));
  EXPECT_EQ(contents(vault).size(), 3U);
}

TEST_F(VaultTest, notices_rows_that_are_swapped_moved_lost_doubled_or_replayed) {
  fill();
  const std::string before = bytes(place_.database);
  const std::vector<std::string> scripts{
      "UPDATE record SET sealed = (SELECT sealed FROM record WHERE id = 2) WHERE id = 1",
      "UPDATE record SET id = 9 WHERE id = 1",
      "UPDATE record SET area = 2 WHERE id = 1",
      "UPDATE record SET version = 2 WHERE id = 1",
      "DELETE FROM record WHERE id = 3",
      "DELETE FROM record",
      "INSERT INTO record SELECT 9, area, version, sealed FROM record WHERE id = 1",
      "UPDATE state SET counter = counter + 1",
      "UPDATE state SET vault = x'00112233445566778899aabbccddeeff'",
      "UPDATE state SET vault = x'00'",
      "UPDATE record SET version = -1",
      "UPDATE state SET counter = -1"};
  for (const std::string& script : scripts) {
    tamper(script);
    EXPECT_EQ(error_of_open().code, ErrorCode::corrupt_data) << script;
    ASSERT_TRUE(write_file_atomically(place_.database, before));
  }
  // An older version of one row, its number included, is a true box of this vault.
  tamper("CREATE TABLE kept AS SELECT * FROM record WHERE id = 1");
  auto vault = opened();
  ASSERT_TRUE(vault.change(
      [](Edit& edit) { return edit.replace(Area::profile, 1, Personal<std::string>("physics")); }));
  tamper("DELETE FROM record WHERE id = 1; INSERT INTO record SELECT * FROM kept");
  EXPECT_EQ(vault.read(Area::profile).error().code, ErrorCode::corrupt_data);
  EXPECT_EQ(error_of_open().code, ErrorCode::corrupt_data);
}

TEST_F(VaultTest, notices_every_older_copy_and_lets_its_owner_go_on_with_it) {
  std::vector<std::string> copies;
  for (int i = 0; i < 4; ++i) {
    {
      auto vault = opened();
      add(vault, "fact " + std::to_string(i));
    }
    copies.push_back(bytes(place_.database));
  }
  for (std::size_t i = 0; i + 1 < copies.size(); ++i) {
    ASSERT_TRUE(write_file_atomically(place_.database, copies[i]));
    auto vault = opened();
    EXPECT_EQ(vault.standing(), Standing::older_copy);
    EXPECT_EQ(contents(vault).size(), i + 1);
    const auto refused = vault.change([](Edit&) -> Result<> { return {}; });
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(refused.error().what.find("plmm vault accept"), std::string::npos);
  }
  auto accepted = Vault::open(place_, {.old_copy = OldCopy::accept}).value();
  EXPECT_EQ(accepted.standing(), Standing::current);
  EXPECT_EQ(add(accepted, "after"), 4);
  // The copy that was the newest is now the older one.
  ASSERT_TRUE(write_file_atomically(place_.database, copies[3]));
  fs::remove(place_.database.string() + "-wal");
  EXPECT_EQ(opened().standing(), Standing::older_copy);
}

TEST_F(VaultTest, notices_another_history_of_the_same_age) {
  fill();
  const std::string database = bytes(place_.database);
  const std::string counter = bytes(place_.counter);
  {
    auto vault = opened();
    add(vault, "one history");
  }
  const std::string other = bytes(place_.database);
  ASSERT_TRUE(write_file_atomically(place_.database, database));
  ASSERT_TRUE(write_file_atomically(place_.counter, counter));
  {
    auto vault = opened();
    add(vault, "another history");
  }
  ASSERT_TRUE(write_file_atomically(place_.database, other));
  EXPECT_EQ(opened().standing(), Standing::older_copy);
}

TEST_F(VaultTest, a_stop_between_write_and_counter_locks_nobody_out) {
  for (const int n_lost : {1, 3}) {
    fill();
    const std::string counter = bytes(place_.counter);
    {
      auto vault = opened();
      for (int i = 0; i < n_lost; ++i) {
        add(vault, "written");
        ASSERT_TRUE(write_file_atomically(place_.counter, counter));
      }
    }
    auto vault = opened();
    EXPECT_EQ(vault.standing(), Standing::current);
    add(vault, "later");
    ASSERT_TRUE(Vault::erase(place_));
  }
  // Between making the vault and making its counter.
  static_cast<void>(opened());
  fs::remove(place_.counter);
  EXPECT_EQ(opened().standing(), Standing::current);
}

TEST_F(VaultTest, two_processes_write_and_none_is_lost) {
  constexpr int kEach = 25;
  std::array<pid_t, 2> children{};
  for (pid_t& child : children) {
    child = ::fork();
    if (child != 0) continue;
    auto vault = Vault::open(place_);
    int n_left = kEach;
    while (vault && n_left > 0 && vault->change([](Edit& edit) -> Result<> {
      TRY(edit.add(Area::profile, Personal<std::string>("x")));
      return {};
    })) {
      --n_left;
    }
    ::_exit(n_left);
  }
  for (const pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  auto vault = opened();
  EXPECT_EQ(vault.standing(), Standing::current);
  EXPECT_EQ(contents(vault).size(), 2U * kEach);
}

TEST_F(VaultTest, without_its_counter_can_be_read_and_accepted) {
  fill();
  const std::string counter = bytes(place_.counter);
  for (const std::string& damaged :
       {std::string(), counter.substr(1), counter + "x", std::string("plmm vault counter 1\n")}) {
    ASSERT_TRUE(write_file_atomically(place_.counter, damaged));
    EXPECT_EQ(opened().standing(), Standing::counter_lost);
  }
  fs::remove(place_.counter);
  auto vault = opened();
  EXPECT_EQ(vault.standing(), Standing::counter_lost);
  EXPECT_EQ(contents(vault).size(), 3U);
  EXPECT_NE(vault.check_writable().error().what.find("vault.counter"), std::string::npos);
  EXPECT_EQ(Vault::open(place_, {.old_copy = OldCopy::accept})->standing(), Standing::current);
  EXPECT_EQ(opened().standing(), Standing::current);
}

TEST_F(VaultTest, says_which_of_its_files_is_missing) {
  fill();
  const std::string key = bytes(place_.key);
  fs::remove(place_.key);
  EXPECT_NE(error_of_open().what.find("device.key: the key of the vault is missing"),
            std::string::npos);
  EXPECT_FALSE(fs::exists(place_.key));
  ASSERT_TRUE(write_file_atomically(place_.key, std::string(32, 'k')));
  EXPECT_NE(error_of_open().what.find("sealed with another key"), std::string::npos);
  ASSERT_TRUE(write_file_atomically(place_.key, key));
  const std::string database = bytes(place_.database);
  fs::remove(place_.database);
  EXPECT_NE(error_of_open().what.find("the vault is missing or empty"), std::string::npos);
  ASSERT_TRUE(write_file_atomically(place_.database, "no database at all, but a text"));
  EXPECT_EQ(error_of_open().code, ErrorCode::corrupt_data);
  ASSERT_TRUE(write_file_atomically(place_.database, database));
  EXPECT_EQ(contents().size(), 3U);
  ASSERT_TRUE(Vault::erase(place_));
  EXPECT_TRUE(contents().empty());
}

TEST_F(VaultTest, of_a_newer_program_is_refused_politely) {
  fill();
  tamper("PRAGMA user_version = 7");
  EXPECT_EQ(error_of_open().code, ErrorCode::unsupported);
  EXPECT_NE(error_of_open().what.find("format 7"), std::string::npos);
}

TEST_F(VaultTest, in_a_folder_that_may_not_be_written_says_so) {
  fill();
  fs::permissions(folder_, fs::perms::all);
  for (const fs::path& path : {place_.database.parent_path(), place_.key.parent_path()}) {
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_exec);
  }
  const bool is_root = ::geteuid() == 0;  // whom no permissions stop
  if (is_root) {
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
      ASSERT_EQ(::chown(entry.path().c_str(), 65534, 65534), 0);
    }
    ASSERT_EQ(::seteuid(65534), 0);
  }
  fs::permissions(place_.database, fs::perms::owner_read);
  const Error error = error_of_open();
  if (is_root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  EXPECT_EQ(error.code, ErrorCode::io) << error.what;
  EXPECT_NE(error.what.find("vault.db"), std::string::npos) << error.what;
}

TEST_F(VaultTest, overwrites_what_was_removed) {
  auto vault = opened();
  add(vault, "kept");
  const std::int64_t id = add(vault, "secret");
  std::string sealed;
  {
    auto database = store::Database::open(place_.database).value();
    auto select = database.prepare("SELECT sealed FROM record WHERE id = ?1").value();
    select.bind(id);
    ASSERT_EQ(select.step().value(), store::Step::row);
    sealed.assign(reinterpret_cast<const char*>(select.blob(0).data()), select.blob(0).size());
  }
  const auto on_disk = [&] {
    std::string all;
    for (const auto& entry : fs::directory_iterator(place_.database.parent_path())) {
      all += bytes(entry.path());
    }
    return all;
  };
  ASSERT_NE(on_disk().find(sealed), std::string::npos);
  ASSERT_TRUE(vault.change([&](Edit& edit) { return edit.remove(Area::profile, id); }));
  EXPECT_EQ(vault.clear_traces().value(), Traces::gone);
  EXPECT_EQ(on_disk().find(sealed), std::string::npos);
  EXPECT_EQ(on_disk().find(sealed.substr(24, 32)), std::string::npos);
}

}  // namespace
}  // namespace plmm::personal
