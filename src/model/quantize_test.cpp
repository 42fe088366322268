// A quantised file says what its source said, in the types that were asked for, or is not there.
#include "model/quantize.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "model/model.h"
#include "model/tiny_model.h"

namespace plmm::model {
namespace {

namespace fs = std::filesystem;
using tensor::DType;

class QuantizeFile : public testing::Test {
 protected:
  QuantizeFile()
      : home_(fs::path(testing::TempDir()) / ("plmm-quantize-" + std::to_string(::getpid()))),
        in_(home_ / "in.gguf"),
        out_(home_ / "out.gguf") {
    fs::remove_all(home_);
    fs::create_directories(home_);
  }
  ~QuantizeFile() override { fs::remove_all(home_); }

  /// Rows of 256, which all types can have.
  static TinyOptions wide(std::vector<DType> types) {
    return {.types = std::move(types),
            .n_embd = 256,
            .n_heads = 16,
            .n_kv_heads = 16,
            .n_ff = 256,
            .head = Head::untied};
  }
  void write(const TinyModel& tiny) { ASSERT_TRUE(write_file_atomically(in_, tiny.bytes())); }

  Result<> quantize(const ClassTypes& types) {
    const auto source = TRY(gguf::Reader::open(in_));
    ThreadPool pool(2);
    return quantize_file(
        source, out_, types, pool,
        [this](std::uint64_t done, std::uint64_t total) {
          EXPECT_GE(done, done_);
          EXPECT_LE(done, total);
          done_ = done;
        },
        cancel_);
  }
  static ClassTypes all(DType type) {
    return {{"embedding", type}, {"attention", type}, {"feed-forward", type}, {"head", type}};
  }
  std::size_t n_files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(home_), fs::directory_iterator()));
  }

  fs::path home_, in_, out_;
  std::uint64_t done_ = 0;
  Cancel cancel_;
};

TEST_F(QuantizeFile, writes_a_model_of_each_type_that_can_be_loaded) {
  write(TinyModel(wide({DType::f32, DType::bf16, DType::f16})));
  for (const DType type : {DType::q4_0, DType::q5_0, DType::q8_0, DType::q4_k, DType::q6_k}) {
    done_ = 0;
    const auto written = quantize(all(type));
    ASSERT_TRUE(written) << written.error().what;
    const auto made = gguf::Reader::open(out_).value();
    ASSERT_TRUE(summarise(made));
    for (const auto& tensor : made.tensors()) {
      const bool matrix = tensor.ne.size() == 2;
      EXPECT_EQ(tensor.type, matrix ? type : DType::f32) << tensor.name;
    }
    ThreadPool pool(1);
    EXPECT_TRUE(Model::load(gguf::Reader::open(out_).value(), *kernel::find_kernels("reference"),
                            false, pool));
    EXPECT_EQ(n_files(), 2U);
  }
}

TEST_F(QuantizeFile, is_the_nearer_to_its_source_the_more_bits_it_has) {
  write(TinyModel(wide({DType::f32})));
  const auto source = gguf::Reader::open(in_).value();
  double last = 1e9;
  for (const DType type : {DType::q4_0, DType::q5_0, DType::q6_k, DType::q8_0}) {
    done_ = 0;
    ASSERT_TRUE(quantize(all(type)));
    const auto made = gguf::Reader::open(out_).value();
    const auto values = [](const gguf::Reader& reader) {
      const auto* tensor = reader.tensor("blk.1.ffn_down.weight");
      std::vector<float> out(tensor->ne[0] * tensor->n_rows());
      tensor::decode_row(tensor->type, tensor->data, out);
      return out;
    };
    const auto a = values(source), b = values(made);
    double error = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
      error += static_cast<double>(a[i] - b[i]) * static_cast<double>(a[i] - b[i]);
    EXPECT_LT(error, last) << tensor::info(type).name;
    last = error;
  }
}

TEST_F(QuantizeFile, keeps_metadata_and_says_how_it_is_quantised) {
  TinyModel tiny(wide({DType::f16}));
  tiny.metadata["general.file_type"] = std::uint64_t{1};
  write(tiny);
  ASSERT_TRUE(quantize(all(DType::q4_k)));
  const auto source = gguf::Reader::open(in_).value(), made = gguf::Reader::open(out_).value();
  EXPECT_EQ(made.u64("general.file_type", 0, 100).value(), 14U);
  EXPECT_EQ(made.u64("general.quantization_version", 0, 100).value(), 2U);
  for (const auto& entry : source.entries()) {
    if (entry.key == "general.file_type") continue;
    const auto* value = made.find(entry.key);
    ASSERT_NE(value, nullptr) << entry.key;
    EXPECT_EQ(*value, entry.value) << entry.key;
  }
}

TEST_F(QuantizeFile, changes_only_the_classes_that_are_named) {
  write(TinyModel(wide({DType::f16})));
  ASSERT_TRUE(quantize({{"attention", DType::q6_k}, {"head", DType::q8_0}}));
  const auto made = gguf::Reader::open(out_).value();
  EXPECT_EQ(made.tensor("blk.0.attn_q.weight")->type, DType::q6_k);
  EXPECT_EQ(made.tensor("output.weight")->type, DType::q8_0);
  EXPECT_EQ(made.tensor("token_embd.weight")->type, DType::f16);
  EXPECT_EQ(made.tensor("blk.0.ffn_up.weight")->type, DType::f16);
  EXPECT_EQ(made.tensor("blk.0.attn_norm.weight")->type, DType::f32);
}

TEST_F(QuantizeFile, copies_bit_for_bit_what_has_the_type_already) {
  write(TinyModel(wide({DType::q4_k, DType::f32})));
  ASSERT_TRUE(quantize(all(DType::q4_k)));
  const auto source = gguf::Reader::open(in_).value(), made = gguf::Reader::open(out_).value();
  int n_same = 0;
  for (const auto& tensor : source.tensors()) {
    if (tensor.type != DType::q4_k) continue;
    ++n_same;
    EXPECT_TRUE(std::ranges::equal(tensor.data, made.tensor(tensor.name)->data)) << tensor.name;
  }
  EXPECT_GT(n_same, 5);
}

TEST_F(QuantizeFile, takes_smaller_blocks_where_rows_are_no_multiple_of_256) {
  write(TinyModel({.types = {DType::f32}}));  // rows of 64 and 96
  ASSERT_TRUE(quantize({{"attention", DType::q4_k}, {"feed-forward", DType::q6_k}}));
  const auto made = gguf::Reader::open(out_).value();
  EXPECT_EQ(made.tensor("blk.0.attn_q.weight")->type, DType::q5_0);
  EXPECT_EQ(made.tensor("blk.0.ffn_down.weight")->type, DType::q8_0);
}

TEST_F(QuantizeFile, refuses_rows_that_no_block_fits) {
  TinyModel tiny({.types = {DType::f32}});
  tiny.tensors["blk.0.ffn_down.weight"] = TinyTensor::of({40, 64}, std::vector<float>(40 * 64));
  write(tiny);
  const auto refused = quantize(all(DType::q8_0));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unsupported);
  EXPECT_NE(refused.error().what.find("blk.0.ffn_down.weight"), std::string::npos);
  EXPECT_EQ(n_files(), 1U) << "nothing is left behind";
}

TEST_F(QuantizeFile, refuses_numbers_without_a_scale_and_leaves_nothing_behind) {
  TinyModel tiny({.types = {DType::f32}});
  auto values = tiny.tensors["blk.1.ffn_up.weight"].decoded();
  values[77] = std::numeric_limits<float>::quiet_NaN();
  tiny.tensors["blk.1.ffn_up.weight"] = TinyTensor::of({64, 96}, values);
  write(tiny);
  const auto refused = quantize(all(DType::q4_0));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::corrupt_data);
  EXPECT_NE(refused.error().what.find("blk.1.ffn_up.weight"), std::string::npos);
  EXPECT_EQ(n_files(), 1U);
}

TEST_F(QuantizeFile, stops_when_told_to_and_keeps_what_was_there) {
  write(TinyModel(wide({DType::f32})));
  ASSERT_TRUE(write_file_atomically(out_, "kept"));
  cancel_.request();
  EXPECT_EQ(quantize(all(DType::q8_0)).error().code, ErrorCode::cancelled);
  EXPECT_EQ(read_file(out_, 100).value(), "kept");
  EXPECT_EQ(n_files(), 2U);
}

TEST_F(QuantizeFile, says_so_when_no_tensor_is_of_a_named_class) {
  write(TinyModel({.types = {DType::f32}}));  // its head is the embedding
  EXPECT_EQ(quantize({{"head", DType::q8_0}}).error().code, ErrorCode::invalid_argument);
}

TEST_F(QuantizeFile, cannot_write_into_a_folder_that_is_not_there) {
  write(TinyModel({.types = {DType::f32}}));
  out_ = home_ / "no" / "out.gguf";
  EXPECT_FALSE(quantize(all(DType::q8_0)));
}

}  // namespace
}  // namespace plmm::model
