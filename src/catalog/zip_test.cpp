// The zip reader on good zips and on those that lie; each error has the smallest zip that triggers
// it.
#include "catalog/zip.h"

#include <gtest/gtest.h>

#include <cstring>

#include "catalog/zip_fixture.h"

namespace plmm::catalog {
namespace {

using Zip = ZipForTests;
constexpr std::size_t kEndBytes = 22;

class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::string bytes) : bytes_(std::move(bytes)) {}
  std::uint64_t size() const override { return bytes_.size(); }
  Result<> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    EXPECT_LE(offset + out.size(), bytes_.size());
    if (!out.empty()) std::memcpy(out.data(), bytes_.data() + offset, out.size());
    return {};
  }
  std::string_view label() const override { return "w.whl"; }

 private:
  std::string bytes_;
};

Result<std::string> extract(const std::string& zip, std::string_view name = "a") {
  const MemorySource source(zip);
  const auto member = TRY(find_member(source, name));
  std::string out;
  const ByteSink sink = [&](std::span<const std::byte> bytes) -> Result<> {
    out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  };
  TRY(read_member(source, member, sink));
  return out;
}

void expect_error(const std::string& zip, ErrorCode code, std::string_view words) {
  const auto out = extract(zip);
  ASSERT_FALSE(out) << words;
  EXPECT_EQ(out.error().code, code) << out.error().what;
  EXPECT_TRUE(out.error().what.starts_with("w.whl: ")) << out.error().what;
  EXPECT_NE(out.error().what.find(words), std::string::npos) << out.error().what;
}

/// One member "a"; its directory entry starts at `central`, the end record at `end`.
struct Sample {
  std::string bytes;
  std::size_t central;
  std::size_t end;

  explicit Sample(Zip::Packing packing, Zip::Sizes sizes = Zip::Sizes::small)
      : bytes(Zip::make({{"a", "content", packing}}, sizes)),
        central(bytes.find("PK\1\2")),
        end(bytes.size() - kEndBytes) {}

  std::string with(std::size_t at, std::uint64_t value, int n_bytes) const {
    std::string out = bytes;
    return out.replace(at, static_cast<std::size_t>(n_bytes), Zip::number(value, n_bytes));
  }
};

const Sample kStored(Zip::Packing::stored);
const Sample kDeflated(Zip::Packing::deflated);
const Sample kWide(Zip::Packing::stored, Zip::Sizes::zip64);

TEST(Zip, extracts_stored_and_deflated_members) {
  std::string large(700'000, 'x');  // several chunks and several deflate blocks
  for (std::size_t i = 0; i < large.size(); i += 3) large[i] = static_cast<char>(i);
  for (const auto packing : {Zip::Packing::stored, Zip::Packing::deflated}) {
    for (const auto sizes : {Zip::Sizes::small, Zip::Sizes::zip64}) {
      const auto zip =
          Zip::make({{"b", "other", packing}, {"a", large, packing}, {"c", ""}}, sizes);
      EXPECT_TRUE(extract(zip).value() == large);
      EXPECT_EQ(extract(zip, "b").value(), "other");
      EXPECT_EQ(extract(zip, "c").value(), "");
    }
  }
}

TEST(Zip, inflates_a_stream_of_zlib) {
  // Made by Python 3.11: zlib.compressobj(9, zlib.DEFLATED, -15) on b"weights " * 40 + b"end".
  const std::string packed("\x2b\x4f\xcd\x4c\xcf\x28\x29\x56\x28\x1f\xa5\xc9\xa2\x53\xf3\x52\x00",
                           17);
  std::string content;
  for (int i = 0; i < 40; ++i) content += "weights ";
  content += "end";
  Sample sample(Zip::Packing::stored);
  std::string zip = Zip::make({{"a", packed, Zip::Packing::stored}});
  const std::size_t central = zip.find("PK\1\2");
  zip.replace(central + 10, 2, Zip::number(8, 2));
  zip.replace(central + 16, 4, Zip::number(0xda8daa3d, 4));
  zip.replace(central + 24, 4, Zip::number(content.size(), 4));
  EXPECT_EQ(extract(zip).value(), content);
}

TEST(Zip, takes_a_comment_at_the_end) {
  std::string zip = kStored.with(kStored.end + 20, 5, 2) + "hello";
  EXPECT_EQ(extract(zip).value(), "content");
}

TEST(Zip, refuses_what_is_no_zip) {
  expect_error("", ErrorCode::corrupt_data, "shorter than 22");
  expect_error(std::string(100, 'x'), ErrorCode::corrupt_data, "no end record");
  expect_error(kStored.bytes.substr(0, kStored.bytes.size() - 1), ErrorCode::corrupt_data,
               "no end record");
}

TEST(Zip, refuses_a_missing_or_doubled_name) {
  EXPECT_EQ(extract(kStored.bytes, "A").error().code, ErrorCode::not_found);
  EXPECT_EQ(extract(kStored.bytes, "").error().code, ErrorCode::not_found);
  expect_error(Zip::make({{"a", "1"}, {"a", "2"}}), ErrorCode::corrupt_data, "two members");
}

TEST(Zip, refuses_a_directory_outside_the_file) {
  expect_error(kStored.with(kStored.end + 16, 0xFFFFFFF0, 4), ErrorCode::corrupt_data,
               "does not fit before the end");
  expect_error(kStored.with(kStored.end + 12, 0xFFFFFFF0, 4), ErrorCode::corrupt_data,
               "does not fit before the end");
}

TEST(Zip, refuses_a_huge_directory_before_it_takes_memory) {
  const std::string padding(17 << 20, '\0');
  const std::string end = "PK\5\6" + Zip::number(0, 4) + Zip::number(1, 2) + Zip::number(1, 2) +
                          Zip::number(padding.size(), 4) + Zip::number(0, 4) + Zip::number(0, 2);
  expect_error(padding + end, ErrorCode::limit_exceeded, "directory of 17825792 bytes");
}

TEST(Zip, refuses_more_entries_than_the_directory_holds) {
  expect_error(kStored.with(kStored.end + 10, 2, 2), ErrorCode::corrupt_data, "directory entry");
}

TEST(Zip, refuses_a_broken_directory_entry) {
  expect_error(kStored.with(kStored.central, 0, 1), ErrorCode::corrupt_data, "no entry at byte 0");
  expect_error(kStored.with(kStored.central + 28, 0xFFFF, 2), ErrorCode::corrupt_data, "name");
}

TEST(Zip, refuses_disks_encryption_and_other_methods) {
  expect_error(kStored.with(kStored.end + 4, 1, 2), ErrorCode::unsupported, "split over disks");
  expect_error(kStored.with(kStored.central + 8, 1, 2), ErrorCode::unsupported, "encrypted");
  expect_error(kStored.with(kStored.central + 10, 14, 2), ErrorCode::unsupported, "method 14");
}

TEST(Zip, refuses_a_local_header_that_is_elsewhere_or_another) {
  expect_error(kStored.with(kStored.central + 42, 1, 4), ErrorCode::corrupt_data,
               "no local header");
  expect_error(kStored.with(kStored.central + 42, 0xFFFFFF00, 4), ErrorCode::corrupt_data,
               "local header at byte");
  expect_error(kStored.with(30, 'b', 1), ErrorCode::corrupt_data, "another name");
}

TEST(Zip, refuses_data_that_run_into_the_directory) {
  std::string zip = kStored.with(kStored.central + 20, 5000, 4);
  zip.replace(kStored.central + 24, 4, Zip::number(5000, 4));
  expect_error(zip, ErrorCode::corrupt_data, "runs into the directory");
}

TEST(Zip, refuses_sizes_that_differ) {
  expect_error(kStored.with(kStored.central + 24, 8, 4), ErrorCode::corrupt_data, "two sizes");
  expect_error(kDeflated.with(kDeflated.central + 24, 6, 4), ErrorCode::corrupt_data,
               "more than the 6 bytes");
  expect_error(kDeflated.with(kDeflated.central + 24, 8, 4), ErrorCode::corrupt_data, "to 7 bytes");
  expect_error(kDeflated.with(kDeflated.central + 20, 11, 4), ErrorCode::corrupt_data, "cut short");
}

TEST(Zip, stops_a_bomb_at_the_promised_size) {
  const std::string zip = Zip::make({{"a", std::string(5 << 20, '\0'), Zip::Packing::deflated}});
  std::string lying = zip;
  lying.replace(zip.find("PK\1\2") + 24, 4, Zip::number(1000, 4));
  expect_error(lying, ErrorCode::corrupt_data, "more than the 1000 bytes");
}

TEST(Zip, refuses_a_wrong_crc) {
  expect_error(kStored.with(kStored.central + 16, 1, 4), ErrorCode::corrupt_data, "CRC");
}

TEST(Zip, refuses_a_broken_deflate_stream) {
  expect_error(kDeflated.with(31, 7, 1), ErrorCode::corrupt_data, "deflate stream is broken");
  // A stored block that ends one byte early leaves the last byte behind the stream.
  std::string zip = kDeflated.with(32, 6, 2);
  zip.replace(34, 2, Zip::number(~std::uint64_t{6}, 2));
  expect_error(zip, ErrorCode::corrupt_data, "bytes after");
}

TEST(Zip, refuses_a_lying_zip64) {
  const std::size_t locator = kWide.end - 20;
  const std::size_t record = locator - 56;
  expect_error(kWide.with(locator, 0, 1), ErrorCode::corrupt_data, "locator is missing");
  expect_error(kWide.bytes.substr(kWide.end), ErrorCode::corrupt_data, "locator is missing");
  expect_error(kWide.with(locator + 8, ~std::uint64_t{0}, 8), ErrorCode::corrupt_data,
               "zip64 end record at byte");
  expect_error(kWide.with(locator + 8, 0, 8), ErrorCode::corrupt_data, "no zip64 end record");
  expect_error(kWide.with(record + 48, ~std::uint64_t{0}, 8), ErrorCode::corrupt_data,
               "does not fit before the end");
  expect_error(kWide.with(kWide.central + 47, 2, 2), ErrorCode::corrupt_data,
               "extra field is missing");
  expect_error(kWide.with(kWide.central + 49, 16, 2), ErrorCode::corrupt_data, "zip64 field");
  expect_error(kWide.with(kWide.central + 49, 99, 2), ErrorCode::corrupt_data,
               "extra field at byte");
}

TEST(Zip, passes_on_the_sinks_error) {
  const MemorySource source(kStored.bytes);
  const auto member = find_member(source, "a");
  ASSERT_TRUE(member);
  const auto read =
      read_member(source, *member, [](auto) -> Result<> { return fail(ErrorCode::io, "full"); });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().what, "full");
}

TEST(Zip, survives_every_cut_and_every_flipped_byte) {
  for (const Sample& sample : {kStored, kDeflated, kWide}) {
    for (std::size_t i = 0; i < sample.bytes.size(); ++i) {
      EXPECT_FALSE(extract(sample.bytes.substr(0, i))) << i;
      for (const char bits : {'\1', '\x80', '\xff'}) {
        std::string flipped = sample.bytes;
        flipped[i] = static_cast<char>(flipped[i] ^ bits);
        if (const auto out = extract(flipped)) {
          EXPECT_EQ(*out, "content") << i;
        }
      }
    }
  }
}

}  // namespace
}  // namespace plmm::catalog
