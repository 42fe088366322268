// A vault in a folder of its own, for tests.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

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

  Vault opened() const {
    auto vault = Vault::open(place_);
    EXPECT_TRUE(vault) << vault.error().what;
    return std::move(*vault);
  }

  std::filesystem::path folder_;
  VaultPlace place_;
  int n_total_ = 0;  // of records, over several processes
};

}  // namespace plmm::personal
