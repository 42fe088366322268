// Tests of result, bytes, narrow, file and thread pool.
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "base/bytes.h"
#include "base/cpu.h"
#include "base/file.h"
#include "base/narrow.h"
#include "base/rng.h"
#include "base/thread_pool.h"

namespace plmm {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return fail(ErrorCode::invalid_argument, "odd");
  return n / 2;
}
Result<int> quarter(int n) { return TRY(half(TRY(half(n)))); }

TEST(Result, try_passes_values_and_errors_on) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).error().what, "odd");
}

TEST(Narrow, checked_arithmetic_reports_wrapping) {
  EXPECT_EQ(checked_mul<std::uint64_t>(1ULL << 40, 1ULL << 30), std::nullopt);
  EXPECT_EQ(checked_add<std::uint64_t>(~0ULL, 1), std::nullopt);
  EXPECT_EQ(checked_mul<std::uint64_t>(6, 7), 42U);
}

TEST(ByteReader, refuses_to_read_past_the_end) {
  const std::array<std::byte, 3> bytes{std::byte{1}, std::byte{2}, std::byte{3}};
  ByteReader reader(bytes);
  EXPECT_EQ(reader.read<std::uint16_t>("first").value(), 0x0201);
  EXPECT_EQ(reader.read<std::uint32_t>("second").error().what,
            "second at byte 2 needs 4 bytes, 1 left");
}

class TemporaryFolder : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() /
      (std::string("plmm_base_") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
};
using File = TemporaryFolder;

TEST_F(File, written_atomically_is_read_back_and_mapped) {
  const auto path = folder_ / "a";
  ASSERT_TRUE(write_file_atomically(path, "old"));
  ASSERT_TRUE(write_file_atomically(path, "new text"));
  EXPECT_EQ(read_file(path, 100).value(), "new text");
  EXPECT_EQ(read_file(path, 3).error().code, ErrorCode::limit_exceeded);
  EXPECT_EQ(MappedFile::open(path).value().bytes().size(), 8U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(File, missing_is_not_found_and_a_folder_is_refused) {
  EXPECT_EQ(MappedFile::open(folder_ / "none").error().code, ErrorCode::not_found);
  EXPECT_EQ(MappedFile::open(folder_).error().code, ErrorCode::io);
}

TEST(ThreadPool, runs_every_thread_once_and_barriers_separate_stages) {
  for (const int n : {1, 2, 3, 5}) {
    ThreadPool pool(n);
    std::vector<int> first(static_cast<std::size_t>(n)), second(static_cast<std::size_t>(n));
    for (int round = 0; round < 200; ++round) {
      pool.run([&](int thread) {
        first[static_cast<std::size_t>(thread)] = round + thread;
        pool.barrier();
        int sum = 0;
        for (const int value : first) sum += value;
        second[static_cast<std::size_t>(thread)] = sum;
      });
      for (const int sum : second) ASSERT_EQ(sum, n * round + n * (n - 1) / 2);
    }
  }
}

TEST(ThreadPool, split_covers_everything_once) {
  for (int n = 0; n < 20; ++n) {
    for (int threads = 1; threads < 5; ++threads) {
      int next = 0;
      for (int t = 0; t < threads; ++t) {
        EXPECT_EQ(split(n, t, threads).begin, next);
        next = split(n, t, threads).end;
      }
      EXPECT_EQ(next, n);
    }
  }
}

TEST(Rng, is_the_same_sequence_everywhere) {
  Rng rng(42);
  EXPECT_EQ(rng.next(), 13679457532755275413ULL);
  EXPECT_EQ(rng.next(), 2949826092126892291ULL);
}

}  // namespace
}  // namespace plmm
