// A small library in a folder of its own, with an embedder that needs no model. For tests only.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>

#include "base/file.h"
#include "expert/library.h"

namespace plmm::expert {

namespace fs = std::filesystem;
using ledger::Microcredits;

inline constexpr int kDimension = 8;

/// Texts that share letters are near each other.
inline Result<> embed(std::span<const std::string_view> texts, std::span<float> out) {
  std::ranges::fill(out, 0.0F);
  for (std::size_t t = 0; t < texts.size(); ++t) {
    const auto row = out.subspan(t * kDimension, kDimension);
    float sum = 0;
    for (const char c : texts[t]) row[static_cast<unsigned char>(c) % kDimension] += 1;
    for (const float x : row) sum += x * x;
    if (sum == 0) row[0] = sum = 1;
    for (float& x : row) x /= std::sqrt(sum);
  }
  return {};
}
inline TextEmbedder embedder() { return {{"letters", kDimension}, embed}; }

inline ExpertOptions it() {
  ExpertOptions out;
  out.name = "it";
  out.title = "computing";
  out.topics = {"threads"};
  out.base_model = "tiny";
  out.prices = {Microcredits{5}, Microcredits{1000}, Microcredits{10'000}};
  return out;
}

/// A folder for an expert named "it", and documents for its library.
class LibraryTest : public testing::Test {
 protected:
  LibraryTest()
      : folder_(fs::path(testing::TempDir()) /
                ("plmm-expert-" +
                 std::string(testing::UnitTest::GetInstance()->current_test_info()->name()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "docs");
    write("docs/a.jsonl", R"({"title":"mutex","text":"A mutex is a kind of lock."})"
                          "\n"
                          R"({"title":"queue","text":"First in, first out."})"
                          "\n");
  }
  ~LibraryTest() override { fs::remove_all(folder_); }

  void write(const std::string& name, std::string_view bytes) {
    EXPECT_TRUE(write_file_atomically(folder_ / name, bytes));
  }
  Result<Library> create(const ExpertOptions& options, const Cancel& cancel = Cancel()) {
    const std::vector<fs::path> documents{folder_ / "docs"};
    return Library::create(folder_ / "it", options, documents, embedder(), nullptr, cancel);
  }
  Result<Library> open() { return Library::open(folder_ / "it", embedder()); }

  fs::path folder_;
};

}  // namespace plmm::expert
