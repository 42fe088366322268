// A file of packed weights is whole and of this model, or it is written anew: never a wrong weight.
#include "model/packed_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "base/file.h"
#include "model/model.h"
#include "model/tiny_model.h"

namespace plmm::model {
namespace {

namespace fs = std::filesystem;

/// A small model's file and a folder for packed ones.
class PackedFile : public testing::Test {
 protected:
  PackedFile()
      : home_(fs::path(testing::TempDir()) / ("plmm-packed-" + std::to_string(::getpid()))),
        gguf_(home_ / "tiny.gguf"),
        folder_(home_ / "packed") {
    fs::remove_all(home_);
    fs::create_directories(home_);
    write_model(1);
  }
  ~PackedFile() override { fs::remove_all(home_); }

  void write_model(std::uint64_t seed) {
    const TinyModel tiny({.types = {tensor::DType::q4_0, tensor::DType::q6_k, tensor::DType::q8_0,
                                    tensor::DType::f16},
                          .n_embd = 256,
                          .n_heads = 16,
                          .n_kv_heads = 16,
                          .n_ff = 256,
                          .seed = seed});
    ASSERT_TRUE(write_file_atomically(gguf_, tiny.bytes()));
  }
  std::unique_ptr<Model> load(const fs::path& folder, int n_threads = 2) {
    ThreadPool pool(n_threads);
    auto reader = gguf::Reader::open(gguf_);
    EXPECT_TRUE(reader) << reader.error().what;
    auto out =
        Model::load(std::move(reader).value(), *kernel::find_kernels(""), false, pool, folder);
    EXPECT_TRUE(out) << out.error().what;
    return std::move(out).value();
  }
  /// All weights of a model in one row.
  static std::string bits(const Model& model) {
    std::string out;
    const auto add = [&out](const PackedMatrix& m) {
      out.append(reinterpret_cast<const char*>(m.data.get()), m.bytes());
    };
    for (const auto& layer : model.weights().layers) {
      for (const auto* m : {&layer.query, &layer.key, &layer.value, &layer.output, &layer.gate,
                            &layer.up, &layer.down})
        add(*m);
    }
    add(model.weights().head);
    return out;
  }
  fs::path file() const { return packed_file(folder_, gguf_); }
  /// What is there is not used but replaced by what a load without it makes.
  void expect_rebuilt(const std::string& why) {
    const auto again = load(folder_);
    EXPECT_FALSE(again->weights().was_packed) << why;
    EXPECT_EQ(bits(*again), bits(*load({}))) << why;
    EXPECT_TRUE(load(folder_)->weights().was_packed) << why;
  }

  fs::path home_, gguf_, folder_;
};

TEST_F(PackedFile, gives_the_next_load_the_very_bits) {
  const auto without = load({});
  const auto first = load(folder_);
  EXPECT_FALSE(first->weights().was_packed);
  const auto second = load(folder_, 1);
  EXPECT_TRUE(second->weights().was_packed);
  EXPECT_EQ(bits(*first), bits(*without));
  EXPECT_EQ(bits(*second), bits(*without));
  EXPECT_EQ(packed_sizes(folder_).n_files, 1);
  struct stat info{};
  ASSERT_EQ(::stat(file().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(PackedFile, is_written_anew_when_a_byte_changed_or_is_missing) {
  load(folder_);
  const std::string whole = read_file(file(), 1 << 26).value();
  for (const std::size_t at :
       {std::size_t{0}, std::size_t{8}, std::size_t{20}, std::size_t{60}, std::size_t{100},
        std::size_t{4095}, std::size_t{4096}, whole.size() / 2, whole.size() - 1}) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    ASSERT_TRUE(write_file_atomically(file(), bytes));
    expect_rebuilt("byte " + std::to_string(at));
  }
  for (const std::size_t n : {std::size_t{0}, std::size_t{4095}, whole.size() - 1}) {
    ASSERT_TRUE(write_file_atomically(file(), whole.substr(0, n)));
    expect_rebuilt("cut to " + std::to_string(n));
  }
  ASSERT_TRUE(write_file_atomically(file(), whole + "x"));
  expect_rebuilt("a byte more");
}

TEST_F(PackedFile, of_another_model_in_its_place_is_written_anew) {
  load(folder_);
  write_model(2);
  expect_rebuilt("the model's file was replaced");
}

TEST_F(PackedFile, of_the_same_size_and_time_but_other_weights_is_written_anew) {
  load(folder_);
  const auto time = fs::last_write_time(gguf_);
  write_model(2);
  fs::last_write_time(gguf_, time);
  expect_rebuilt("size and time are the same");
}

TEST_F(PackedFile, that_others_may_change_is_not_trusted) {
  load(folder_);
  ASSERT_EQ(::chmod(file().c_str(), 0666), 0);
  expect_rebuilt("others may write it");
}

TEST_F(PackedFile, is_not_needed_where_the_folder_cannot_be_used) {
  ASSERT_TRUE(write_file_atomically(home_ / "file", "not a folder"));
  const auto model = load(home_ / "file");
  EXPECT_FALSE(model->weights().was_packed);
  EXPECT_EQ(bits(*model), bits(*load({})));
}

TEST_F(PackedFile, an_exact_model_keeps_none) {
  ThreadPool pool(1);
  auto reader = gguf::Reader::open(gguf_).value();
  ASSERT_TRUE(Model::load(std::move(reader), *kernel::find_kernels(""), true, pool, folder_));
  EXPECT_EQ(packed_sizes(folder_).n_files, 0);
}

TEST_F(PackedFile, the_bits_have_not_changed) {
  const std::string all = bits(*load({}));
  EXPECT_EQ(checksum(std::as_bytes(std::span(all)))[0], 12688095833467985926U)
      << "raise kPackedVersion, then write the new number here";
}

}  // namespace
}  // namespace plmm::model
