// Who can open a vault: the device, a passphrase, a vault of format 1, a new root key, and what of
// the keys stays in memory.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "personal/profile.h"
#include "personal/vault.h"
#include "personal/vault_fixture.h"

namespace plmm::personal {
namespace {

namespace fs = std::filesystem;

constexpr crypto::PassphraseCost kQuick{.memory_kib = 8, .passes = 1};
constexpr std::string_view kPassphrase = "correct horse battery";

crypto::SecretBytes secret(std::string_view text) {
  return crypto::SecretBytes::copy_of(bytes_of(text));
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class VaultLockTest : public VaultFixture {
 protected:
  void SetUp() override {
    VaultFixture::SetUp();
    // A folder in memory, as a login session has one; this system may have none.
    std::string name = "/dev/shm/vault-XXXXXX";
    if (::mkdtemp(name.data()) != nullptr) memory_ = name;
    place_.unlocked = memory_;
  }
  void TearDown() override {
    if (!memory_.empty()) fs::remove_all(memory_);
    VaultFixture::TearDown();
  }
  static void add(Vault& vault, const std::string& text) {
    ASSERT_TRUE(vault.change([&](Edit& edit) -> Result<> {
      TRY(edit.add(Area::profile, Personal(text)));
      return {};
    }));
  }
  static std::vector<std::string> contents(Vault& vault, Area area = Area::profile) {
    std::vector<std::string> out;
    const auto records = vault.read(area).value();
    for (const Record& record : records) out.push_back(record.content.reveal(Purpose::show_owner));
    return out;
  }
  static bool is_whole(Vault& vault) {
    return std::ranges::all_of(vault.check().value(), &AreaCheck::is_whole);
  }
  /// Two records under a passphrase.
  void lock_up() const {
    auto vault = opened();
    add(vault, "geology");
    add(vault, "climbing");
    const crypto::PassphraseWrapper passphrase(secret(kPassphrase), kQuick);
    ASSERT_TRUE(vault.rekey(&passphrase));
  }
  /// Answers with each of the texts in turn, then gives up.
  static AskPassphrase answers(std::vector<std::string> texts) {
    return [texts = std::move(texts)](int n_wrong) -> Result<crypto::SecretBytes> {
      const auto n = static_cast<std::size_t>(n_wrong);
      if (n >= texts.size()) return fail(ErrorCode::invalid_argument, "wrong passphrase");
      return secret(texts[n]);
    };
  }
  void copy_format_1() const {
    fs::create_directories(place_.database.parent_path());
    fs::create_directories(place_.key.parent_path());
    const fs::path from = "testdata/vault1";
    fs::copy_file(from / "vault.db", place_.database);
    fs::copy_file(from / "device.key", place_.key);
    fs::copy_file(from / "vault.counter", place_.counter);
    fs::permissions(place_.key, fs::perms::owner_read | fs::perms::owner_write);
  }
  static std::vector<std::string> profile_of(Vault& vault) {
    std::vector<std::string> out;
    const auto facts = Profile(vault, 0).facts().value();
    for (const Fact& fact : facts) out.push_back(fact.value.reveal(Purpose::show_owner));
    std::ranges::sort(out);
    return out;
  }

  fs::path memory_;
};

const std::vector<std::string> kFormat1{"Mira", "climbing", "old maps", "teacher of geology"};

TEST_F(VaultLockTest, under_a_passphrase_opens_for_it_and_for_nothing_else) {
  lock_up();
  EXPECT_EQ(Vault::lock_of(place_).value(), Lock::locked);
  const auto locked = Vault::open(place_);
  EXPECT_EQ(locked.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(locked.error().what.find("plmm vault unlock"), std::string::npos);
  EXPECT_EQ(Vault::open(place_, {.ask = answers({"wrong horse", "wronger"})}).error().what,
            "wrong passphrase");
  auto vault = opened({.ask = answers({"wrong horse", std::string(kPassphrase)})});
  EXPECT_EQ(contents(vault), (std::vector<std::string>{"geology", "climbing"}));
  add(vault, "more");
}

TEST_F(VaultLockTest, under_a_passphrase_needs_the_device_too) {
  lock_up();
  ASSERT_TRUE(write_file_atomically(place_.key, std::string(32, 'k')));
  const auto other = Vault::open(place_, {.ask = answers({std::string(kPassphrase)})});
  EXPECT_EQ(other.error().code, ErrorCode::corrupt_data);
}

TEST_F(VaultLockTest, stays_unlocked_in_memory_until_it_is_locked) {
  if (memory_.empty()) GTEST_SKIP() << "no /dev/shm";
  lock_up();
  const Opening opening{.ask = answers({std::string(kPassphrase)})};
  ASSERT_TRUE(opened(opening).keep_unlocked());
  EXPECT_EQ(Vault::lock_of(place_).value(), Lock::unlocked);
  EXPECT_EQ(fs::status(memory_ / "vault.key").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
  auto vault = opened();
  EXPECT_EQ(contents(vault).size(), 2U);
  const std::string kept = read_file(memory_ / "vault.key", 4096).value();
  EXPECT_TRUE(Vault::lock(place_).value());
  EXPECT_FALSE(Vault::lock(place_).value());
  EXPECT_FALSE(Vault::open(place_));
  // One that was copied before is of no use under a new key.
  const crypto::PassphraseWrapper passphrase(secret(kPassphrase), kQuick);
  ASSERT_TRUE(vault.rekey(&passphrase));
  ASSERT_TRUE(write_file_atomically(memory_ / "vault.key", kept));
  EXPECT_EQ(Vault::lock_of(place_).value(), Lock::locked);
}

TEST_F(VaultLockTest, keeps_no_unlocked_key_on_a_disk_nor_without_a_passphrase) {
  EXPECT_EQ(opened().keep_unlocked().error().code, ErrorCode::invalid_argument);
  lock_up();
  place_.unlocked = fs::current_path() / "build";
  fs::create_directories(place_.unlocked);
  const Opening opening{.ask = answers({std::string(kPassphrase)})};
  const auto kept = opened(opening).keep_unlocked();
  if (!kept) {
    EXPECT_EQ(kept.error().code, ErrorCode::unsupported);  // the checkout may stand in memory
  }
  ASSERT_TRUE(Vault::lock(place_));
  place_.unlocked = "";
  EXPECT_EQ(opened(opening).keep_unlocked().error().code, ErrorCode::unsupported);
}

TEST_F(VaultLockTest, gets_a_new_key_and_loses_nothing) {
  {
    auto vault = opened();
    add(vault, "geology");
  }
  const std::string before = read_file(place_.database, 1 << 24).value();
  {
    auto vault = opened();
    auto other = opened();
    ASSERT_TRUE(vault.rekey(nullptr));
    EXPECT_EQ(contents(vault), (std::vector<std::string>{"geology"}));
    EXPECT_TRUE(is_whole(vault));
    add(vault, "more");
    EXPECT_EQ(opened().standing(), Standing::current);
    EXPECT_NE(other.read(Area::profile).error().what.find("a new key"), std::string::npos);
    EXPECT_FALSE(other.change([](Edit&) -> Result<> { return {}; }));
  }
  // A copy from before is an old one, under its old key.
  ASSERT_TRUE(write_file_atomically(place_.database, before));
  auto vault = opened();
  EXPECT_EQ(vault.standing(), Standing::older_copy);
  EXPECT_EQ(contents(vault), (std::vector<std::string>{"geology"}));
}

TEST_F(VaultLockTest, whose_device_opened_it_before_the_passphrase_opens_no_more) {
  std::string device_only;
  {
    auto vault = opened();
    auto database = store::Database::open(place_.database).value();
    device_only = text_of(read_wrapped_key(database).value()->wrapped);
  }
  ASSERT_NE(on_disk().find(device_only), std::string::npos);
  lock_up();
  EXPECT_EQ(on_disk().find(device_only), std::string::npos);
  auto database = store::Database::open(place_.database).value();
  auto select = database.prepare("SELECT id, layers FROM key").value();
  ASSERT_EQ(select.step().value(), store::Step::row);
  EXPECT_EQ(select.int64(0), 2);
  EXPECT_EQ(select.int64(1), 3);
  EXPECT_EQ(select.step().value(), store::Step::done);
}

TEST_F(VaultLockTest, of_format_1_becomes_one_of_today_without_a_question) {
  copy_format_1();
  auto vault = opened();
  EXPECT_EQ(vault.standing(), Standing::current);
  EXPECT_EQ(profile_of(vault), kFormat1);
  EXPECT_EQ(contents(vault, Area::memory).size(), 1U);
  EXPECT_EQ(contents(vault, Area::explanation).size(), 1U);
  EXPECT_TRUE(is_whole(vault));
  auto database = store::Database::open(place_.database).value();
  auto select = database.prepare("SELECT id FROM key").value();
  ASSERT_EQ(select.step().value(), store::Step::row);
  EXPECT_EQ(select.int64(0), 1);
  add(vault, "more");
  EXPECT_EQ(opened().standing(), Standing::current);
}

TEST_F(VaultLockTest, of_format_1_that_is_an_older_copy_stays_as_it_is) {
  copy_format_1();
  const std::string before = read_file(place_.database, 1 << 24).value();
  {
    auto vault = opened();
    add(vault, "more");
  }
  ASSERT_TRUE(write_file_atomically(place_.database, before));
  fs::remove(place_.database.string() + "-wal");
  {
    auto vault = opened();
    EXPECT_EQ(vault.standing(), Standing::older_copy);
    EXPECT_EQ(profile_of(vault), kFormat1);
  }
  auto accepted = opened({.old_copy = OldCopy::accept});
  EXPECT_EQ(accepted.standing(), Standing::current);
  EXPECT_EQ(profile_of(accepted), kFormat1);
  EXPECT_TRUE(is_whole(accepted));
}

/// A keystore that is no file.
class Keystore final : public crypto::KeyWrapper {
 public:
  Result<std::vector<std::byte>> wrap(std::span<const std::byte> plain,
                                      crypto::AssociatedData bound_to) const override {
    return inner_.wrap(plain, bound_to);
  }
  Result<crypto::SecretBytes> unwrap(std::span<const std::byte> wrapped,
                                     crypto::AssociatedData bound_to) const override {
    return inner_.unwrap(wrapped, bound_to);
  }

 private:
  crypto::DeviceWrapper inner_{secret(std::string(32, 'p'))};
};

TEST_F(VaultLockTest, can_be_kept_by_a_keystore_without_a_key_file) {
  const Opening opening{.device = std::make_shared<Keystore>()};
  {
    auto vault = opened(opening);
    add(vault, "geology");
    ASSERT_TRUE(vault.rekey(nullptr));
  }
  EXPECT_FALSE(fs::exists(place_.key));
  auto vault = opened(opening);
  EXPECT_EQ(contents(vault), (std::vector<std::string>{"geology"}));
}

TEST_F(VaultLockTest, is_erased_with_its_wrapped_key) {
  lock_up();
  ASSERT_TRUE(Vault::erase(place_));
  EXPECT_EQ(Vault::lock_of(place_).value(), Lock::device);
  auto vault = opened();
  EXPECT_TRUE(contents(vault).empty());
}

/// These bytes with a mask on each, so that looking for them does not mean having them.
constexpr char kMask = 0x55;
std::vector<char> masked(std::span<const std::byte> bytes) {
  std::vector<char> out;
  for (const std::byte byte : bytes)
    out.push_back(static_cast<char>(static_cast<char>(byte) ^ kMask));
  return out;
}

/// Whether what this process can write of its own memory has the bytes.
bool memory_has(const std::vector<char>& masked_bytes) {
  std::ifstream maps("/proc/self/maps");
  // Not by a stream, whose buffer would keep what it has read.
  const int memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  for (std::string line; std::getline(maps, line);) {
    // "55d0c0a00000-55d0c0a21000 rw-p …"
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    const auto dash = line.find('-');
    const auto space = line.find(' ');
    std::from_chars(line.data(), line.data() + dash, begin, 16);
    std::from_chars(line.data() + dash + 1, line.data() + space, end, 16);
    if (line.compare(space + 1, 2, "rw") != 0) continue;
    std::vector<char> bytes(end - begin);
    const auto n = ::pread(memory, bytes.data(), bytes.size(), static_cast<off_t>(begin));
    bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    for (char& byte : bytes) byte = static_cast<char>(byte ^ kMask);
    const bool found = !std::ranges::search(bytes, masked_bytes).empty();
    // The mask on the masked bytes has made what is looked for.
    crypto::wipe(std::as_writable_bytes(std::span(bytes)));
    if (found) {
      ::close(memory);
      return true;
    }
  }
  ::close(memory);
  return false;
}

/// 0, or the number of what is wrong.
int memory_after_use(const VaultPlace& place) {
  std::optional<Vault> vault;
  vault.emplace(Vault::open(place, {.ask = [](int) -> Result<crypto::SecretBytes> {
                              return secret(kPassphrase);
                            }})
                    .value());
  static_cast<void>(vault->read(Area::profile));
  if (::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0) return 1;
  ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);  // to look at itself
  const auto words = masked(bytes_of(kPassphrase));
  std::vector<char> root;
  {
    auto database = store::Database::open(place.database).value();
    const auto wrapped = read_wrapped_key(database).value();
    const crypto::DeviceWrapper device(
        crypto::SecretBytes::copy_of(MappedFile::open(place.key)->bytes()));
    const crypto::PassphraseWrapper passphrase(secret(kPassphrase), kQuick);
    auto select = database.prepare("SELECT vault FROM state").value();
    if (select.step().value() != store::Step::row) return 2;
    VaultId id;
    std::ranges::copy(select.blob(0), id.begin());
    const auto keys = unwrap_keys(*wrapped, id, device, &passphrase).value();
    root = masked(keys.secrets().bytes().first(32));
  }
  if (!memory_has(root)) return 3;  // an open vault has it, or this test sees nothing
  vault.reset();
  if (memory_has(root)) return 4;
  return memory_has(words) ? 5 : 0;
}

TEST_F(VaultLockTest, leaves_no_key_and_no_passphrase_in_memory_and_no_core) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer maps terabytes of its own and keeps what was freed";
#endif
  lock_up();
  const pid_t child = ::fork();
  if (child == 0) ::_exit(memory_after_use(place_));
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0) << WEXITSTATUS(status);
}

}  // namespace
}  // namespace plmm::personal
