// Tests of the safetensors reader: what it hands out, and the smallest file for each of its errors.
#include "gguf/safetensors.h"

#include <gtest/gtest.h>

#include "gguf/safetensors_forge.h"

namespace plmm::gguf {
namespace {

Result<SafetensorsReader> parse(const std::string& file) {
  return SafetensorsReader::parse(std::as_bytes(std::span(file)), "m");
}

/// The error of a file with this header and data, without what all errors have in common.
std::string error_of(const std::string& file, ErrorCode code = ErrorCode::corrupt_data) {
  const auto reader = parse(file);
  if (reader) return "(read)";
  EXPECT_EQ(reader.error().code, code) << reader.error().what;
  const std::string& what = reader.error().what;
  EXPECT_TRUE(what.starts_with("m: ") && what.ends_with(". Run: plmm pull MODEL")) << what;
  return what.substr(3, what.find(" (") - 3);
}
std::string header_error(std::string_view header, std::string_view data = "",
                         ErrorCode code = ErrorCode::corrupt_data) {
  return error_of(safetensors_file(header, data), code);
}
/// A header with one tensor 't' of these fields.
std::string tensor(std::string_view type, std::string_view shape, std::string_view offsets) {
  std::string out = R"({"t":{"dtype":")";
  out += type;
  out += R"(","shape":)";
  out += shape;
  out += R"(,"data_offsets":)";
  out += offsets;
  return out + "}}";
}

TEST(Safetensors, hands_out_floats_by_name_and_keeps_integers_to_itself) {
  SafetensorsForge file;
  file.add("b", "F32", {1, 2}, "01234567").add("p", "I64", {1}, "01234567");
  file.add("a", "BF16", {1}, "xy").add("c", "F16", {0, 3}, "").add("d", "F32", {}, "1234");
  const std::string bytes = file.bytes();
  const auto reader = parse(bytes).value();
  ASSERT_EQ(reader.tensors().size(), 4U);
  EXPECT_EQ(reader.tensors()[0].name, "a");
  EXPECT_EQ(reader.tensors()[0].type, tensor::DType::bf16);
  const Safetensor* const b = reader.tensor("b");
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(b->shape, (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(b->data.size(), 8U);
  EXPECT_EQ(static_cast<char>(b->data[7]), '7');
  EXPECT_EQ(reader.tensor("p"), nullptr);
  EXPECT_EQ(reader.tensor("other"), nullptr);
}

TEST(Safetensors, reads_a_header_with_metadata_and_padding) {
  EXPECT_EQ(header_error(R"({"__metadata__":{"format":"pt"}}   )"), "(read)");
  EXPECT_EQ(header_error("{}"), "(read)");
}

TEST(Safetensors, rejects_a_file_that_ends_inside_its_header) {
  EXPECT_EQ(error_of("1234567"), "the header is said to have 0 bytes, the file has 7");
  const std::string file = safetensors_file("{}", "");
  EXPECT_EQ(error_of(file.substr(0, 9)), "the header is said to have 2 bytes, the file has 9");
}

TEST(Safetensors, rejects_a_header_over_the_limit) {
  std::string file(8, '\0');
  file[3] = 2;  // 32 MiB
  EXPECT_EQ(error_of(file, ErrorCode::limit_exceeded),
            "the header is said to have 33,554,432 bytes, the file has 8");
}

TEST(Safetensors, rejects_what_is_not_its_json) {
  EXPECT_EQ(header_error(""), "the header is not JSON at its byte 1");
  EXPECT_EQ(header_error("{\"a"), "the header is not JSON at its byte 4");
  EXPECT_EQ(header_error("{}x"), "the header is not JSON at its byte 3");
  EXPECT_EQ(header_error("{\"\xFF\":1}"), "the header is not JSON at its byte 3");
  const std::string kind = "has a value of a kind that does not belong there";
  for (const char* text : {"1", "[]", "null", "true", "-1", "1.5", "\"a\""}) {
    EXPECT_EQ(header_error(text), "the header " + kind) << text;
  }
  EXPECT_EQ(header_error(R"({"__metadata__":{"a":{}}})"), "the header " + kind);
  EXPECT_EQ(header_error(R"({"__metadata__":1})"), "the header " + kind);
  EXPECT_EQ(header_error(R"({"t":[]})"), "tensor 't' " + kind);
  EXPECT_EQ(header_error(R"({"t":{"shape":"x"}})"), "tensor 't' " + kind);
  EXPECT_EQ(header_error(R"({"t":{"shape":[-1]}})"), "tensor 't' " + kind);
  EXPECT_EQ(header_error(R"({"t":{"shape":[1.0]}})"), "tensor 't' " + kind);
  EXPECT_EQ(header_error(R"({"t":{"shape":[[1]]}})"), "tensor 't' " + kind);
  EXPECT_EQ(header_error(R"({"t":{"dtype":[1]}})"), "tensor 't' " + kind);
}

TEST(Safetensors, rejects_deep_nesting_at_its_first_level) {
  EXPECT_EQ(header_error(std::string(1 << 20, '[')),
            "the header has a value of a kind that does not belong there");
}

TEST(Safetensors, rejects_a_tensor_that_says_too_little_or_too_much) {
  EXPECT_EQ(header_error(R"({"t":{"dtype":"F32","shape":[1]}})"),
            "tensor 't' lacks dtype, shape or data_offsets");
  EXPECT_EQ(header_error(R"({"t":{"more":1}})"), "tensor 't' has an unknown key 'more'");
  EXPECT_EQ(header_error(R"({"t":{"dtype":"F32","dtype":"F16"}})"), "tensor 't' says dtype twice");
  EXPECT_EQ(header_error(tensor("F32", "[1,1,1,1,1,1,1,1,1]", "[0,4]"), "1234"),
            "tensor 't' has too long a list");
  EXPECT_EQ(header_error(tensor("F32", "[1]", "[0,4,4]"), "1234"),
            "tensor 't' has too long a list");
}

TEST(Safetensors, rejects_names_that_are_none) {
  EXPECT_EQ(header_error(R"({"":{}})"), "the header has a tensor whose name is no name: ''");
  EXPECT_EQ(header_error(R"({"a\n":{}})"),
            "the header has a tensor whose name is no name: 'a\\x0a'");
  EXPECT_TRUE(header_error("{\"" + std::string(257, 'n') + "\":{}}").starts_with("the header has"));
  SafetensorsForge twins;
  twins.add("t", "F32", {1}, "1234").add("t", "F32", {1}, "1234");
  EXPECT_EQ(error_of(twins.bytes()), "tensor 't' stands twice");
}

TEST(Safetensors, rejects_more_tensors_than_the_limit) {
  SafetensorsForge file;
  for (std::size_t i = 0; i <= kSafetensorsMax; ++i) file.add(std::to_string(i), "U8", {0}, "");
  EXPECT_EQ(error_of(file.bytes(), ErrorCode::limit_exceeded),
            "the header has more than 100,000 tensors");
}

TEST(Safetensors, rejects_types_that_do_not_exist) {
  EXPECT_EQ(header_error(tensor("F4", "[1]", "[0,1]"), "1", ErrorCode::unsupported),
            "tensor 't' is of type 'F4', which is none of ours");
}

TEST(Safetensors, rejects_shapes_and_bytes_that_do_not_agree) {
  EXPECT_EQ(header_error(tensor("F32", "[4294967296,4294967296]", "[0,4]"), "1234"),
            "tensor 't' has a shape of more than 64 bits");
  EXPECT_EQ(header_error(tensor("F32", "[2]", "[0,4]"), "1234"),
            "tensor 't' has 4 bytes, its shape needs 8");
  EXPECT_EQ(header_error(tensor("F32", "[18446744073709551616]", "[0,4]"), "1234"),
            "tensor 't' has a value of a kind that does not belong there");
}

TEST(Safetensors, rejects_bytes_outside_the_file) {
  EXPECT_EQ(header_error(tensor("F32", "[1]", "[0,4]"), "123"),
            "tensor 't' ends at byte 4 of the data, which has 3");
  EXPECT_EQ(header_error(tensor("F32", "[1]", "[4,0]"), "1234"),
            "tensor 't' has no range of bytes");
  EXPECT_EQ(header_error(tensor("F32", "[1]", "[0]"), "1234"), "tensor 't' has no range of bytes");
  EXPECT_EQ(header_error(tensor("F32", "[1]", "[18446744073709551612,18446744073709551615]")),
            "tensor 't' ends at byte 18,446,744,073,709,551,615 of the data, which has 0");
}

TEST(Safetensors, rejects_overlaps_gaps_and_bytes_of_no_tensor) {
  const auto two = [](std::string_view second) {
    return R"({"s":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
           R"("t":{"dtype":"U8","shape":[2],"data_offsets":)" +
           std::string(second) + "}}";
  };
  EXPECT_EQ(header_error(two("[1,3]"), "123"),
            "tensor 't' begins at byte 1 of the data, the one before ends at 2");
  EXPECT_EQ(header_error(two("[3,5]"), "12345"),
            "tensor 't' begins at byte 3 of the data, the one before ends at 2");
  EXPECT_EQ(header_error(two("[2,4]"), "12345"),
            "the tensors end at byte 4 of the data, which has 5");
}

TEST(Safetensors, names_a_file_that_is_not_there) {
  const auto reader = SafetensorsReader::open("/nowhere/m.safetensors");
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, ErrorCode::not_found);
}

TEST(Safetensors, keeps_the_metadata) {
  const std::string bytes =
      safetensors_file(R"({"__metadata__":{"format":"pt","a":"b \"c\""}})", "");
  const auto reader = parse(bytes).value();
  EXPECT_EQ(reader.metadata(), (SafetensorsMetadata{{"a", "b \"c\""}, {"format", "pt"}}));
  std::string many = R"({"__metadata__":{"0":"")";
  for (int i = 1; i <= 1'000; ++i) many += ",\"" + std::to_string(i) + "\":\"\"";
  EXPECT_EQ(header_error(many + "}}", "", ErrorCode::limit_exceeded),
            "the header has more than 1,000 entries of metadata");
}

TEST(Safetensors, writes_what_it_reads_the_same_bytes_each_time) {
  const auto path = std::filesystem::path(testing::TempDir()) / "plmm-written.safetensors";
  const std::string data = "0123456789abcdef";
  const auto bytes = std::as_bytes(std::span(data));
  const SafetensorsMetadata metadata{{"format", "pt"}};
  const auto write = [&] {
    EXPECT_TRUE(write_safetensors(path,
                                  {{"b", tensor::DType::f32, {1, 3}, bytes.first(12)},
                                   {"a", tensor::DType::f16, {2}, bytes.subspan(12, 4)}},
                                  metadata));
    return read_file(path, 1 << 20).value();
  };
  const std::string first = write();
  EXPECT_EQ(write(), first);
  const auto reader = SafetensorsReader::open(path);
  ASSERT_TRUE(reader) << reader.error().what;
  EXPECT_EQ(reader->metadata(), metadata);
  ASSERT_EQ(reader->tensors().size(), 2U);
  EXPECT_EQ(reader->tensor("a")->type, tensor::DType::f16);
  EXPECT_EQ(reader->tensor("b")->shape, (std::vector<std::uint64_t>{1, 3}));
  EXPECT_EQ(static_cast<char>(reader->tensor("b")->data[11]), 'b');
  EXPECT_EQ(static_cast<char>(reader->tensor("a")->data[0]), 'c');
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace plmm::gguf
