// The embeddings of real weights against those of transformers: testdata/embeddings/README.md says
// how they were made. PLMM_TEST_EMBEDDING_MODEL names all-minilm-l6-v2.safetensors; without it
// there is nothing to test.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/file.h"
#include "infer/embedder.h"
#include "text/wordpiece.h"

namespace plmm {
namespace {

constexpr int kSkipped = 77;  // as tests/golden/CMakeLists.txt tells ctest
constexpr std::size_t kTokensMax = 256;

struct GoldenText {
  std::string text;
  std::vector<text::TokenId> token_ids;
  std::vector<double> embedding;
};

std::vector<GoldenText> read_golden() {
  std::ifstream file("testdata/embeddings/all-minilm-l6-v2.json");
  const auto json = nlohmann::json::parse(file);
  std::vector<GoldenText> out;
  for (const auto& text : json.at("texts")) {
    out.push_back({text.at("text"), text.at("token_ids"), text.at("embedding")});
  }
  EXPECT_FALSE(out.empty()) << "or this compares nothing";
  return out;
}

std::filesystem::path weights() { return std::getenv("PLMM_TEST_EMBEDDING_MODEL"); }

double cosine(const float* a, const std::vector<double>& b) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    ab += a[i] * b[i];
    aa += static_cast<double>(a[i]) * a[i];
    bb += b[i] * b[i];
  }
  return ab / std::sqrt(aa * bb);
}

/// The smallest cosine of a text's embedding with its golden one.
double worst_cosine(infer::EmbedderPrecision precision) {
  infer::EmbedderOptions options;
  options.precision = precision;
  const auto embedder = infer::Embedder::load(weights(), options).value();
  const auto golden = read_golden();
  const std::vector<std::string_view> texts = [&] {
    std::vector<std::string_view> out;
    for (const GoldenText& text : golden) out.push_back(text.text);
    return out;
  }();
  const auto width = static_cast<std::size_t>(embedder->dimension());
  std::vector<float> out(texts.size() * width);
  EXPECT_TRUE(embedder->embed(texts, out));
  double worst = 1;
  for (std::size_t i = 0; i < golden.size(); ++i) {
    EXPECT_EQ(golden[i].embedding.size(), width);
    worst = std::min(worst, cosine(out.data() + i * width, golden[i].embedding));
  }
  testing::Test::RecordProperty("worst_cosine", testing::PrintToString(worst));
  return worst;
}

TEST(GoldenEmbeddings, tokens_are_those_of_hugging_face) {
  auto file = weights();
  const auto bytes = read_file(file.replace_extension(".vocab.txt"), 1U << 20U).value();
  const auto tokenizer = text::WordPiece::create(bytes, "vocabulary").value();
  for (const GoldenText& text : read_golden()) {
    EXPECT_EQ(tokenizer.encode(text.text, kTokensMax), text.token_ids) << text.text;
  }
}

TEST(GoldenEmbeddings, floating_point_weights_compute_what_transformers_computes) {
  EXPECT_GE(worst_cosine(infer::EmbedderPrecision::f32), 0.999999);
  EXPECT_GE(worst_cosine(infer::EmbedderPrecision::f16), 0.999999);
}

TEST(GoldenEmbeddings, eight_bit_weights_stay_close) {
  EXPECT_GE(worst_cosine(infer::EmbedderPrecision::int8), 0.997);
}

}  // namespace
}  // namespace plmm

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (std::getenv("PLMM_TEST_EMBEDDING_MODEL") == nullptr) return plmm::kSkipped;
  return RUN_ALL_TESTS();
}
