// Times of a vault that is as full as it gets; see vault_bench.h.
#include "apps/plmm/suites/vault_bench.h"

#include <algorithm>
#include <vector>

#include "apps/plmm/suites/figures.h"
#include "apps/plmm/terminal/signals.h"
#include "base/rng.h"
#include "personal/memory.h"
#include "personal/vault.h"

namespace plmm::suites {
namespace {

using personal::Area;

constexpr int kRecords = personal::kTurnsMax;
constexpr int kAtOnce = 1'000;
constexpr std::size_t kRecordBytes = 1'000;  // a turn of some sentences, and their embeddings
constexpr int kTimes = 100;
constexpr double kOpenMillisecondsMax = 50;
constexpr double kAppendMillisecondsMax = 10;
constexpr double kReadMillisecondsMax = 1;
constexpr double kVerifySecondsMax = 2;

Result<> append(personal::Vault& vault, int n) {
  return vault.change([&](personal::Edit& edit) -> Result<> {
    for (int i = 0; i < n; ++i)
      TRY(edit.add(Area::memory, Personal(std::string(kRecordBytes, 'x'))));
    return {};
  });
}

}  // namespace

Result<> bench_vault(const std::filesystem::path& folder, bench::Report& report) {
  using enum bench::GoalKind;
  const auto place = personal::vault_in(folder);
  {
    auto vault = TRY(personal::Vault::open(place));
    for (int n = 0; n < kRecords; n += kAtOnce) {
      if (terminal::interrupt().requested()) return fail(ErrorCode::cancelled, "stopped");
      TRY(append(vault, kAtOnce));
    }
  }
  std::vector<double> open_ms;
  std::vector<double> append_ms;
  std::vector<double> read_ms;
  Rng rng(1);
  for (int i = 0; i < kTimes; ++i) {
    auto start = Clock::now();
    auto vault = TRY(personal::Vault::open(place));
    open_ms.push_back(milliseconds_since(start));
    start = Clock::now();
    TRY(append(vault, 1));
    append_ms.push_back(milliseconds_since(start));
    const auto id = static_cast<std::int64_t>(1 + rng.below(kRecords));
    start = Clock::now();
    TRY(vault.read_one(Area::memory, id));
    read_ms.push_back(milliseconds_since(start));
  }
  auto vault = TRY(personal::Vault::open(place));
  const auto start = Clock::now();
  const auto checks = TRY(vault.check());
  const double verify_s = milliseconds_since(start) / 1000;
  if (!std::ranges::all_of(checks, &personal::AreaCheck::is_whole))
    return fail(ErrorCode::corrupt_data, "the vault that was made for this is damaged");

  report.add(row("vault_open_p95", slow_end(open_ms), "ms", value_at_most, kOpenMillisecondsMax,
                 "by the device's key, 100,000 records"));
  report.add(row("vault_append_p95", slow_end(append_ms), "ms", value_at_most,
                 kAppendMillisecondsMax, "one more record, on disk"));
  report.add(row("vault_read_p95", slow_end(read_ms), "ms", value_at_most, kReadMillisecondsMax,
                 "one of them"));
  report.add(row("vault_verify", verify_s, "s", value_at_most, kVerifySecondsMax,
                 "every record opened and summed up"));
  return {};
}

}  // namespace plmm::suites
