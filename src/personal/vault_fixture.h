// A vault in a folder of its own, for tests.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "base/file.h"
#include "personal/vault.h"

namespace plmm::personal {

class VaultFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "vault-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    place_ = vault_in(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Vault opened(const Opening& opening = {}) const {
    auto vault = Vault::open(place_, opening);
    EXPECT_TRUE(vault) << vault.error().what;
    return std::move(*vault);
  }

  /// All bytes of the vault's files, the log included.
  std::string on_disk() const {
    std::string out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
      if (entry.is_regular_file()) out += read_file(entry.path(), 1 << 24).value();
    }
    return out;
  }

  std::filesystem::path folder_;
  VaultPlace place_;
};

}  // namespace plmm::personal
