// A vault in a folder of its own, for tests.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "personal/vault.h"

namespace plmm::personal {

class VaultFixture : public ::testing::Test {
 protected:
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

  TemporaryFolder temporary_ = TemporaryFolder::create().value();
  std::filesystem::path folder_ = temporary_.path();
  VaultPlace place_ = vault_in(folder_);
};

}  // namespace plmm::personal
