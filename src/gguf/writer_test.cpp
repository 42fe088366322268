// Tests of the GGUF writer: round trips, determinism, refusals, and that failures leave nothing
// behind.
#include "gguf/writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "base/file.h"
#include "gguf/forge.h"

namespace plmm::gguf {
namespace {

std::string bytes_of(const Writer& writer) {
  std::string out;
  const auto written = writer.write([&](std::span<const std::byte> bytes) -> Result<> {
    out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  });
  EXPECT_TRUE(written) << written.error().what;
  return out;
}

Result<Reader> parse(const std::string& bytes) {
  return Reader::parse(std::as_bytes(std::span(bytes)), "m");
}

const std::vector<float> kFloats{1, 2, 3, 4, 5, 6};
const std::vector<std::byte> kBlocks(288, std::byte{7});

/// One value of every kind on both sides of each width, and two tensors.
Writer rich() {
  Writer out;
  const std::pair<const char*, Value> values[] = {
      {"z.last", true},
      {"u.narrow", std::uint64_t{4'294'967'295}},
      {"u.wide", std::uint64_t{4'294'967'296}},
      {"i.narrow", std::int64_t{-2'147'483'648}},
      {"i.wide", std::int64_t{-2'147'483'649}},
      {"f.narrow", 1e6},
      {"f.wide", 0.1},
      {"f.huge", 1e300},
      {"f.nan", std::nan("")},
      {"f.inf", -std::numeric_limits<double>::infinity()},
      {"s", std::string_view("text\0\n", 6)},
      {"a.bool", std::vector<bool>{true, false}},
      {"a.i.narrow", std::vector<std::int64_t>{-1, 1}},
      {"a.i.wide", std::vector<std::int64_t>{-1, 1LL << 40U}},
      {"a.f.narrow", std::vector<double>{0.5, -2}},
      {"a.f.wide", std::vector<double>{0.5, 0.1}},
      {"a.s", std::vector<std::string_view>{"one", "", "three"}},
      {"a.empty", std::vector<std::int64_t>{}},
  };
  for (const auto& [key, value] : values) EXPECT_TRUE(out.add(key, value)) << key;
  EXPECT_TRUE(out.add_tensor("w", tensor::DType::f32, std::vector<std::uint64_t>{3, 2},
                             std::as_bytes(std::span(kFloats))));
  EXPECT_TRUE(out.add_tensor("blocks", tensor::DType::q4_k, std::vector<std::uint64_t>{256, 1, 2},
                             kBlocks));
  return out;
}

TEST(GgufWriter, what_it_writes_reads_back_equal) {
  const std::string bytes = bytes_of(rich());
  const auto reader = parse(bytes).value();
  EXPECT_EQ(reader.version(), 3U);
  EXPECT_EQ(reader.entries().size(), 18U);
  EXPECT_EQ(*reader.find("u.wide"), Value(std::uint64_t{4'294'967'296}));
  EXPECT_EQ(*reader.find("i.wide"), Value(std::int64_t{-2'147'483'649}));
  EXPECT_EQ(*reader.find("f.wide"), Value(0.1));
  EXPECT_EQ(*reader.find("f.huge"), Value(1e300));
  EXPECT_TRUE(std::isnan(std::get<double>(*reader.find("f.nan"))));
  EXPECT_EQ(*reader.find("a.f.wide"), Value(std::vector<double>{0.5, 0.1}));
  EXPECT_EQ(*reader.find("a.s"), Value(std::vector<std::string_view>{"one", "", "three"}));
  EXPECT_EQ(reader.string("s").value(), std::string_view("text\0\n", 6));
  const TensorInfo* const w = reader.tensor("w");
  ASSERT_NE(w, nullptr);
  EXPECT_EQ(w->ne, (std::vector<std::uint64_t>{3, 2}));
  EXPECT_EQ(std::memcmp(w->data.data(), kFloats.data(), 24), 0);
  EXPECT_EQ((w->data.data() - reinterpret_cast<const std::byte*>(bytes.data())) % 32, 0);
}

TEST(GgufWriter, a_copy_of_its_own_output_is_byte_identical) {
  const std::string first = bytes_of(rich());
  const auto reader = parse(first).value();
  EXPECT_EQ(bytes_of(Writer::copy_of(reader).value()), first);
}

TEST(GgufWriter, writes_these_golden_bytes) {
  Writer writer;
  ASSERT_TRUE(writer.add("n", std::uint64_t{7}));
  const float one = 1.0F;
  ASSERT_TRUE(writer.add_tensor("t", tensor::DType::f32, std::vector<std::uint64_t>{1},
                                std::as_bytes(std::span(&one, 1))));
  Forge expected(1, 1);
  expected.key("n", ValueType::u32).put<std::uint32_t>(7).tensor("t", {1}, 0, 0).data(0);
  expected.put(one).data(0);
  EXPECT_EQ(bytes_of(writer), expected.bytes());
  EXPECT_EQ(expected.bytes().size(), 128U);
}

TEST(GgufWriter, a_copy_drops_a_foreign_alignment_and_keeps_the_bytes) {
  Forge file(1, 1);
  file.key("general.alignment", ValueType::u32).put<std::uint32_t>(4096);
  file.tensor("t", {2}, 0, 4096).data(4096, 4096).put(1.0F).put(2.0F);
  const auto reader = parse(file.bytes()).value();
  const std::string copied = bytes_of(Writer::copy_of(reader).value());
  const auto again = parse(copied).value();
  EXPECT_TRUE(again.entries().empty());
  EXPECT_EQ(std::memcmp(again.tensor("t")->data.data(), reader.tensor("t")->data.data(), 8), 0);
  EXPECT_LT(copied.size(), 200U);
}

TEST(GgufWriter, refuses_names_and_sizes_that_the_reader_would) {
  Writer writer;
  const auto bad = ErrorCode::invalid_argument;
  EXPECT_EQ(writer.add("", true).error().code, bad);
  EXPECT_EQ(writer.add("a b", true).error().code, bad);
  EXPECT_EQ(writer.add(std::string(257, 'k'), true).error().code, bad);
  EXPECT_EQ(writer.add("general.alignment", std::uint64_t{64}).error().code, bad);
  ASSERT_TRUE(writer.add("k", true));
  EXPECT_EQ(writer.add("k", false).error().what, "name 'k' is there already");
  EXPECT_EQ(writer.add("big", Value(std::vector<bool>((1U << 24U) + 1))).error().code,
            ErrorCode::limit_exceeded);
  const auto add = [&](std::string_view name, std::vector<std::uint64_t> ne) {
    return writer.add_tensor(name, tensor::DType::q8_0, ne, std::span<const std::byte>());
  };
  EXPECT_EQ(add(std::string(65, 'n'), {32}).error().code, bad);
  EXPECT_EQ(add("t", {}).error().what, "tensor 't' has dimensions that Q8_0 cannot have");
  EXPECT_EQ(add("t", {31}).error().code, bad);
  EXPECT_EQ(add("t", {32, 0}).error().code, bad);
  EXPECT_EQ(add("t", {32, 1, 1, 1, 1}).error().code, bad);
  EXPECT_EQ(add("t", {32, 1ULL << 60U, 16}).error().code, bad);
  EXPECT_EQ(add("t", {32, 1ULL << 42U}).error().code, bad);
  EXPECT_EQ(add("t", {32, 2}).error().what, "tensor 't' takes 68 bytes, 0 given");
}

class GgufWriterFile : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::ptrdiff_t n_files() const {
    return std::distance(std::filesystem::directory_iterator(folder_), {});
  }
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() /
      (std::string("plmm_gguf_") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(GgufWriterFile, holds_the_streamed_bytes_and_opens) {
  const auto path = folder_ / "m.gguf";
  Writer writer = rich();
  const Producer in_pieces = [](const Sink& sink) -> Result<> {
    for (const std::byte& b : kBlocks) {
      if (auto taken = sink({&b, 1}); !taken) return taken;
    }
    return {};
  };
  ASSERT_TRUE(
      writer.add_tensor("pieces", tensor::DType::q4_k, std::vector<std::uint64_t>{512}, in_pieces));
  ASSERT_TRUE(writer.write(path));
  EXPECT_EQ(read_file(path, 1 << 20).value(), bytes_of(writer));
  const auto reader = Reader::open(path).value();
  EXPECT_EQ(reader.name(), path.string());
  EXPECT_EQ(reader.tensor("pieces")->data[287], std::byte{7});
  EXPECT_NE(reader.map(), nullptr);
  EXPECT_EQ(n_files(), 1);
}

TEST_F(GgufWriterFile, a_failed_write_leaves_the_old_file_and_nothing_else) {
  const auto path = folder_ / "m.gguf";
  ASSERT_TRUE(write_file_atomically(path, "old"));
  Writer writer = rich();
  const Producer short_of_bytes = [](const Sink& sink) {
    return sink(std::span(kBlocks).first(10));
  };
  ASSERT_TRUE(writer.add_tensor("short", tensor::DType::q4_k, std::vector<std::uint64_t>{256},
                                short_of_bytes));
  EXPECT_EQ(writer.write(path).error().what, "tensor 'short' takes 144 bytes, 10 came");
  EXPECT_EQ(read_file(path, 100).value(), "old");
  EXPECT_EQ(n_files(), 1);
  EXPECT_EQ(rich().write(folder_ / "absent" / "m.gguf").error().code, ErrorCode::not_found);
  EXPECT_EQ(rich().write(folder_).error().code, ErrorCode::io);  // a folder cannot be replaced
  EXPECT_EQ(n_files(), 1);
}

}  // namespace
}  // namespace plmm::gguf
