// An archive brings everything to another device, or nothing; whatever was done to it is noticed.
#include "personal/vault_archive.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "personal/vault_fixture.h"

namespace plmm::personal {
namespace {

namespace fs = std::filesystem;

using Contents = std::map<std::pair<int, std::int64_t>, std::string>;

crypto::PassphraseWrapper passphrase(std::string_view text) {
  return crypto::PassphraseWrapper(crypto::SecretBytes::copy_of(bytes_of(text)),
                                   {.memory_kib = 8, .passes = 1});
}
const auto kRight = [] { return passphrase("correct horse"); };

class VaultArchiveTest : public VaultFixture {
 protected:
  void SetUp() override {
    VaultFixture::SetUp();
    file_ = folder_ / "mine.vault";
    there_ = vault_in(folder_ / "other device");
  }
  static void add(Vault& vault, Area area, const std::string& text) {
    ASSERT_TRUE(vault.change([&](Edit& edit) -> Result<> {
      TRY(edit.add(area, Personal(text)));
      return {};
    }));
  }
  void fill() const {
    auto vault = opened();
    add(vault, Area::profile, "geology");
    add(vault, Area::memory, std::string(500, 'm'));
    add(vault, Area::profile, "gone");
    add(vault, Area::consent, "");
    ASSERT_TRUE(vault.change([](Edit& edit) { return edit.remove(Area::profile, 3); }));
  }
  static Contents contents(Vault& vault) {
    Contents out;
    for (const Area area : kAreas) {
      const auto records = vault.read(area).value();
      for (const Record& record : records)
        out[{static_cast<int>(area), record.id}] = record.content.reveal(Purpose::show_owner);
    }
    return out;
  }
  std::string exported() const {
    auto vault = opened();
    const auto counts = export_vault(vault, file_, kRight()).value();
    EXPECT_EQ(counts, (ArchiveCounts{1, 1, 0, 0, 1}));
    return read_file(file_, 1 << 20).value();
  }
  /// The error of importing these bytes into another device's empty vault, which must stay empty.
  Error refused(const std::string& bytes) const {
    EXPECT_TRUE(write_file_atomically(file_, bytes));
    auto vault = Vault::open(there_).value();
    const auto counts = import_vault(vault, file_, kRight(), Import::into_empty);
    EXPECT_TRUE(contents(vault).empty());
    return counts ? Error{ErrorCode::cancelled, "it was taken"} : counts.error();
  }

  fs::path file_;
  VaultPlace there_;
};

TEST_F(VaultArchiveTest, brings_everything_to_another_device) {
  fill();
  exported();
  EXPECT_EQ(fs::status(file_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  auto here = opened();
  auto there = Vault::open(there_).value();
  EXPECT_EQ(import_vault(there, file_, kRight(), Import::into_empty).value(),
            (ArchiveCounts{1, 1, 0, 0, 1}));
  EXPECT_EQ(contents(there), contents(here));
  add(there, Area::profile, "new");
  EXPECT_TRUE(contents(there).contains({1, 5}));  // no id is given twice
  EXPECT_EQ(Vault::open(there_)->standing(), Standing::current);
}

TEST_F(VaultArchiveTest, takes_the_place_of_what_is_there_only_when_told) {
  fill();
  exported();
  auto there = Vault::open(there_).value();
  add(there, Area::outbox, "sent");
  const auto kept = contents(there);
  const auto refused = import_vault(there, file_, kRight(), Import::into_empty);
  EXPECT_NE(refused.error().what.find("--replace"), std::string::npos);
  EXPECT_EQ(contents(there), kept);
  ASSERT_TRUE(import_vault(there, file_, kRight(), Import::replace_all));
  auto here = opened();
  EXPECT_EQ(contents(there), contents(here));
}

TEST_F(VaultArchiveTest, opens_for_its_passphrase_only_and_overwrites_no_file) {
  fill();
  const std::string whole = exported();
  auto vault = opened();
  const auto wrong = import_vault(vault, file_, passphrase("wrong horse"), Import::replace_all);
  EXPECT_EQ(wrong.error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(contents(vault).size(), 3U);
  EXPECT_EQ(export_vault(vault, file_, kRight()).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(read_file(file_, 1 << 20).value(), whole);
  EXPECT_EQ(whole.find("geology"), std::string::npos);
}

TEST_F(VaultArchiveTest, notices_each_flipped_byte_and_each_truncation_before_it_changes_anything) {
  fill();
  const std::string whole = exported();
  const std::size_t step = std::getenv("PLMM_TEST_FULL") != nullptr ? 1 : 29;
  for (std::size_t at = 0; at < whole.size(); at += step) {
    std::string flipped = whole;
    // Of the costs only the lowest bits: a test has not got the memory of the highest.
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    EXPECT_NE(refused(flipped).code, ErrorCode::cancelled) << "byte " << at;
    EXPECT_NE(refused(whole.substr(0, at)).code, ErrorCode::cancelled) << at << " bytes";
  }
  EXPECT_EQ(refused(whole + '\0').code, ErrorCode::corrupt_data);
}

TEST_F(VaultArchiveTest, notices_records_that_are_swapped_doubled_or_left_out) {
  fill();
  const std::string whole = exported();
  std::vector<std::string> boxes;  // the wrapped key, three records, the end
  const std::size_t head = whole.find('\n') + 1;
  for (std::size_t at = head; at < whole.size();) {
    std::uint32_t size = 0;
    std::memcpy(&size, whole.data() + at, sizeof size);
    boxes.push_back(whole.substr(at, sizeof size + size));
    at += boxes.back().size();
  }
  ASSERT_EQ(boxes.size(), 5U);
  const auto joined = [&](const std::vector<std::size_t>& order) {
    std::string out = whole.substr(0, head);
    for (const std::size_t i : order) out += boxes[i];
    return out;
  };
  for (const auto& order : std::vector<std::vector<std::size_t>>{
           {0, 2, 1, 3, 4}, {0, 1, 2, 4}, {0, 1, 1, 2, 3, 4}, {0, 1, 2, 3}, {0, 4}, {0}, {}})
    EXPECT_EQ(refused(joined(order)).code, ErrorCode::corrupt_data) << order.size();
}

TEST_F(VaultArchiveTest, of_a_newer_program_is_refused_politely) {
  fill();
  std::string bytes = exported();
  bytes[std::string_view("plmm vault archive ").size()] = '2';
  EXPECT_EQ(refused(bytes).code, ErrorCode::unsupported);
  EXPECT_EQ(refused("something else").code, ErrorCode::corrupt_data);
}

}  // namespace
}  // namespace plmm::personal
