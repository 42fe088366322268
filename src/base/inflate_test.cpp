// Tests of unpacking. The packed bytes are those of Python 3.11: gzip.compress(text, 9, mtime=0).
#include "base/inflate.h"

#include <gtest/gtest.h>

#include <array>

namespace plmm {
namespace {

/// gzip of "abcabcabcabc\n".
constexpr std::array<unsigned char, 26> kPacked{
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x4b, 0x4c, 0x4a,
    0x4e, 0x84, 0x21, 0x2e, 0x00, 0x0c, 0x9c, 0x39, 0x13, 0x0d, 0x00, 0x00, 0x00};
constexpr std::size_t kHeaderBytes = 10;
constexpr std::size_t kTrailerBytes = 8;  // CRC and size

std::span<const std::byte> packed() { return std::as_bytes(std::span(kPacked)); }
std::span<const std::byte> deflated() {
  return packed().subspan(kHeaderBytes, kPacked.size() - kHeaderBytes - kTrailerBytes);
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string twice() {
  const std::string once(reinterpret_cast<const char*>(packed().data()), packed().size());
  return once + once;
}

TEST(Inflate, gunzip_unpacks_all_members) {
  const std::string both = twice();
  EXPECT_EQ(*gunzip(packed(), 13), "abcabcabcabc\n");
  EXPECT_EQ(*gunzip(bytes_of(both), 26), "abcabcabcabc\nabcabcabcabc\n");
}

TEST(Inflate, gunzip_stops_at_the_limit) {
  const std::string both = twice();
  EXPECT_EQ(gunzip(packed(), 12).error().code, ErrorCode::limit_exceeded);
  EXPECT_EQ(gunzip(bytes_of(both), 25).error().code, ErrorCode::limit_exceeded);
}

TEST(Inflate, gunzip_refuses_each_way_to_be_cut_or_changed) {
  for (std::size_t n = 0; n < packed().size(); ++n) {
    EXPECT_EQ(gunzip(packed().first(n), 100).error().code, ErrorCode::corrupt_data) << n;
  }
  auto changed = kPacked;
  changed[kPacked.size() - kTrailerBytes] ^= 1;
  const auto bytes = std::as_bytes(std::span(changed));
  EXPECT_EQ(gunzip(bytes, 100).error().code, ErrorCode::corrupt_data);
  const auto followed = twice().substr(0, kPacked.size()) + "garbage";
  EXPECT_EQ(gunzip(bytes_of(followed), 100).error().code, ErrorCode::corrupt_data);
}

TEST(Inflate, an_inflater_takes_its_stream_byte_by_byte) {
  auto inflater = Inflater::create();
  ASSERT_TRUE(inflater);
  std::string out;
  const auto sink = [&](std::span<const std::byte> bytes) -> Result<> {
    out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  };
  for (std::size_t i = 0; i < deflated().size(); ++i) {
    EXPECT_EQ(*inflater->push(deflated().subspan(i, 1), sink), i + 1 == deflated().size());
  }
  EXPECT_EQ(out, "abcabcabcabc\n");
  EXPECT_EQ(inflater->push(deflated().first(1), sink).error().code, ErrorCode::corrupt_data);
}

TEST(Inflate, the_sinks_error_stops_an_inflater) {
  auto inflater = Inflater::create();
  const auto full = [](std::span<const std::byte>) -> Result<> {
    return fail(ErrorCode::io, "disk full");
  };
  EXPECT_EQ(inflater->push(deflated(), full).error().what, "disk full");
}

TEST(Inflate, crc32_goes_on_where_it_stopped) {
  const std::string_view digits = "123456789";
  const auto text = bytes_of(digits);
  EXPECT_EQ(crc32(0, text), 0xCBF43926U);  // the check value of this CRC
  EXPECT_EQ(crc32(crc32(0, text.first(4)), text.subspan(4)), 0xCBF43926U);
}

}  // namespace
}  // namespace plmm
