// Tests of the embedder on a small model in files; a real one stands in tests/golden.
#include "infer/embedder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "model/tiny_bert.h"

namespace plmm::infer {
namespace {

using Texts = std::vector<std::string_view>;

constexpr std::string_view kVocabulary =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\nb\nc\n##a\n##b\n##c\n,\n.\nthe\ncat\nsat\n";

/// A folder with a model, removed at the end.
class Files {
 public:
  explicit Files(const std::string& weights = model::TinyBert().bytes(),
                 std::string_view vocabulary = kVocabulary)
      : folder_(testing::TempDir() + "embedder_" +
                testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::create_directories(folder_);
    EXPECT_TRUE(write_file_atomically(folder_ / "tiny.safetensors", weights));
    EXPECT_TRUE(write_file_atomically(folder_ / "tiny.vocab.txt", vocabulary));
  }
  ~Files() { std::filesystem::remove_all(folder_); }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;

  std::filesystem::path folder() const { return folder_; }
  std::filesystem::path weights() const { return folder_ / "tiny.safetensors"; }

 private:
  std::filesystem::path folder_;
};

EmbedderOptions options(int n_threads = 1) {
  EmbedderOptions out;
  out.n_threads = n_threads;
  out.n_tokens_max = 64;
  out.n_heads = 4;
  return out;
}

std::vector<float> embed(Embedder& embedder, const Texts& texts) {
  std::vector<float> out(texts.size() * static_cast<std::size_t>(embedder.dimension()));
  EXPECT_TRUE(embedder.embed(texts, out));
  return out;
}

std::vector<std::string> many_texts() {
  std::vector<std::string> out = {"", "the cat sat.", "unknown words", "\xFF\xFE"};
  for (int i = 0; i < 60; ++i) {
    std::string text;
    for (int k = 0; k < i % 70; ++k) text += k % 3 == 0 ? "the cat, " : "abcab ";
    out.push_back(text);
  }
  return out;
}

TEST(Embedder, gives_the_same_bits_for_every_number_of_threads_and_cut) {
  const Files files;
  const auto texts = many_texts();
  const Texts views(texts.begin(), texts.end());
  const auto one = Embedder::load(files.weights(), options()).value();
  const auto want = embed(*one, views);
  for (const int n_threads : {2, 3}) {
    const auto embedder = Embedder::load(files.weights(), options(n_threads)).value();
    EXPECT_EQ(embed(*embedder, views), want) << n_threads;
    std::vector<float> cut;
    for (std::size_t i = 0; i < views.size(); i += 5) {
      const auto end = std::min(i + 5, views.size());
      const auto part = embed(*embedder, {views.begin() + static_cast<std::ptrdiff_t>(i),
                                          views.begin() + static_cast<std::ptrdiff_t>(end)});
      cut.insert(cut.end(), part.begin(), part.end());
    }
    EXPECT_EQ(cut, want) << n_threads;
  }
}

TEST(Embedder, cuts_a_long_text) {
  const Files files;
  const auto embedder = Embedder::load(files.weights(), options()).value();
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "cat ";
  EXPECT_EQ(embed(*embedder, {text}), embed(*embedder, {std::string_view(text).substr(0, 62 * 4)}));
}

TEST(Embedder, embeds_nothing) {
  const Files files;
  const auto embedder = Embedder::load(files.weights(), options(2)).value();
  EXPECT_TRUE(embed(*embedder, {}).empty());
}

TEST(Embedder, loads_a_folder_as_hugging_face_lays_it_out) {
  const Files files;
  const auto copy = files.folder() / "folder";
  std::filesystem::create_directory(copy);
  std::filesystem::copy(files.weights(), copy / "model.safetensors");
  std::filesystem::copy(files.folder() / "tiny.vocab.txt", copy / "vocab.txt");
  const auto folder = Embedder::load(copy, options()).value();
  const auto file = Embedder::load(copy / "model.safetensors", options()).value();
  EXPECT_EQ(embed(*folder, {"the cat"}), embed(*file, {"the cat"}));
  EXPECT_EQ(folder->dimension(), 64);
}

ErrorCode code_of(const Files& files, const EmbedderOptions& how) {
  const auto embedder = Embedder::load(files.weights(), how);
  EXPECT_FALSE(embedder);
  return embedder ? ErrorCode::io : embedder.error().code;
}

TEST(Embedder, says_what_it_cannot_load) {
  const Files good;
  auto how = options();
  how.tier = "abacus";
  EXPECT_EQ(code_of(good, how), ErrorCode::invalid_argument);
  how = options();
  how.n_tokens_max = 65;
  EXPECT_EQ(code_of(good, how), ErrorCode::invalid_argument);
  std::filesystem::remove(good.folder() / "tiny.vocab.txt");
  EXPECT_EQ(code_of(good, options()), ErrorCode::not_found);
}

TEST(Embedder, rejects_the_vocabulary_of_another_model) {
  const Files files(model::TinyBert({.n_vocabulary = 14}).bytes());
  EXPECT_EQ(code_of(files, options()), ErrorCode::corrupt_data);
}

TEST(Embedder, rejects_a_result_of_another_size) {
  const Files files;
  const auto embedder = Embedder::load(files.weights(), options()).value();
  std::vector<float> out(65);
  const auto result = embedder->embed(Texts{"a"}, out);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::invalid_argument);
}

TEST(Embedder, says_when_weights_make_values_that_are_no_numbers) {
  model::TinyBert model;
  for (float& x : model.tensors.at("embeddings.word_embeddings.weight").values) x = 3e38F;
  const Files files(model.bytes());
  const auto embedder = Embedder::load(files.weights(), options()).value();
  std::vector<float> out(64);
  const auto result = embedder->embed(Texts{"a"}, out);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::corrupt_data);
}

}  // namespace
}  // namespace plmm::infer
