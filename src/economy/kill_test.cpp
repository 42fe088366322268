// The durable ledger under kill -9: nothing acknowledged is lost, nothing happens twice.
// PLMM_KILLS sets how often (30 without it).
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "economy/crash_check.h"
#include "economy/ledger_fixture.h"

namespace plmm::economy {
namespace {

constexpr std::uint64_t kSeed = 20'230'914;

int n_kills() {
  int out = 30;
  if (const char* text = std::getenv("PLMM_KILLS")) {
    const std::string_view view(text);
    std::from_chars(view.data(), view.data() + view.size(), out);
  }
  return out;
}

using KillTest = EconomyTest;

TEST_F(KillTest, no_acknowledged_transfer_is_lost_and_none_is_doubled) {
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  const auto report = kill_ledgers(file(), n_kills(), kSeed, Cancel());
  ASSERT_TRUE(report) << report.error().what;
  EXPECT_EQ(report->n_kills, n_kills());
  EXPECT_GE(report->n_acknowledged, 100U);
  EXPECT_EQ(report->n_lost, 0U);
  EXPECT_EQ(report->n_doubled, 0U);
  EXPECT_EQ(report->n_half_done, 0U);  // both halves of a number share a transaction
  EXPECT_EQ(report->n_unbalanced, 0U);
}

}  // namespace
}  // namespace plmm::economy
