// Tests of reading files and folders.
#include "reader/documents.h"

#include <gtest/gtest.h>

#include <span>
#include <vector>

#include "base/file.h"

namespace plmm::reader {
namespace {

namespace fs = std::filesystem;

/// gzip.compress(b".TH A 1\ntext\n", 9, mtime=0) of Python 3.11.
constexpr unsigned char kPackedPage[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02,
                                         0x03, 0xd3, 0x0b, 0xf1, 0x50, 0x70, 0x54, 0x30, 0xe4,
                                         0x2a, 0x49, 0xad, 0x28, 0xe1, 0x02, 0x00, 0x66, 0x4e,
                                         0x99, 0x34, 0x0d, 0x00, 0x00, 0x00};

/// A folder that goes when the test does.
class DocumentsTest : public testing::Test {
 protected:
  DocumentsTest()
      : folder_(fs::path(testing::TempDir()) /
                ("plmm-documents-" +
                 std::string(testing::UnitTest::GetInstance()->current_test_info()->name()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "below");
  }
  ~DocumentsTest() override { fs::remove_all(folder_); }

  void write(const std::string& name, std::string_view bytes) {
    EXPECT_TRUE(write_file_atomically(folder_ / name, bytes));
  }
  ReadReport read(const fs::path& path) {
    documents_.clear();
    auto report = read_documents(
        path,
        [&](Document document) -> Result<> {
          documents_.push_back(std::move(document));
          return {};
        },
        Cancel());
    EXPECT_TRUE(report) << report.error().what;
    return report.value_or(ReadReport{});
  }

  fs::path folder_;
  std::vector<Document> documents_;
};

TEST_F(DocumentsTest, a_folder_is_read_in_the_order_of_its_paths) {
  write("b.md", "intro\n\n# Bonds\n\nThey pay.\n");
  write("a.txt", "plain\n");
  write("below/c.html", "<title>Page</title><p>text");
  write("page.1.gz", {reinterpret_cast<const char*>(kPackedPage), sizeof kPackedPage});
  const auto report = read(folder_);
  ASSERT_EQ(documents_.size(), 4U);
  EXPECT_EQ(documents_[0].name, "a.txt");
  EXPECT_EQ(documents_[0].title, "a");
  EXPECT_EQ(documents_[1].title, "Bonds");
  EXPECT_EQ(documents_[2].name, "below/c.html");
  EXPECT_EQ(documents_[2].title, "Page");
  EXPECT_EQ(documents_[3].name, "a(1)");
  EXPECT_EQ(documents_[3].text, "text");
  EXPECT_EQ(report.n_documents, 4U);
  EXPECT_TRUE(report.skipped.empty());
}

TEST_F(DocumentsTest, what_cannot_be_read_is_counted_with_its_reason) {
  write("a.png", "x");
  write("b.txt", std::string_view("a\0b", 3));
  write("c.txt", "caf\xE9");
  write("d.txt", " \n");
  write("e.txt.gz", "not packed");
  write("f.index", "a\tA\tB\n");
  fs::create_symlink("/", folder_ / "link");
  const auto report = read(folder_);
  EXPECT_TRUE(documents_.empty());
  const std::map<std::string, std::uint64_t> expected{
      {"a kind of file that is not read", 1},
      {"binary", 1},
      {"not UTF-8", 1},
      {"empty", 1},
      {"a broken gzip file", 1},
      {"a dictionary's index without readable articles", 1},
      {"a link", 1}};
  EXPECT_EQ(report.skipped, expected);
}

TEST_F(DocumentsTest, lines_of_json_are_documents) {
  write("a.jsonl",
        "{\"title\":\"T\",\"text\":\"x\"}\n\n{\"text\":\"y\"}\nnope\n[]\n{\"title\":\"z\"}\n");
  const auto report = read(folder_ / "a.jsonl");
  ASSERT_EQ(documents_.size(), 2U);
  EXPECT_EQ(documents_[0].title, "T");
  EXPECT_EQ(documents_[0].text, "x");
  EXPECT_EQ(documents_[0].name, "a.jsonl");
  EXPECT_EQ(report.skipped.at("a line that is no {\"title\", \"text\"}"), 3U);
}

TEST_F(DocumentsTest, a_dictionary_is_found_by_each_of_its_names) {
  write("words.index", "set\tA\tN\n");
  write("words.dict", "set\n\n   Many.\n");
  for (const char* name : {"words", "words.index", "words.dict", "."}) {
    read(folder_ / name);
    ASSERT_EQ(documents_.size(), 1U) << name;
    EXPECT_EQ(documents_[0].name, "words");
    EXPECT_EQ(documents_[0].title, "set");
  }
}

TEST_F(DocumentsTest, a_path_that_is_not_there_is_an_error) {
  const auto report =
      read_documents(folder_ / "nope", [](const Document&) -> Result<> { return {}; }, Cancel());
  EXPECT_EQ(report.error().code, ErrorCode::not_found);
}

TEST_F(DocumentsTest, stops_when_it_is_told_to) {
  write("a.txt", "x");
  Cancel cancel;
  cancel.request();
  const auto report =
      read_documents(folder_, [](const Document&) -> Result<> { return {}; }, cancel);
  EXPECT_EQ(report.error().code, ErrorCode::cancelled);
}

TEST_F(DocumentsTest, ends_with_the_takers_error) {
  write("a.txt", "x");
  const auto report = read_documents(
      folder_, [](const Document&) -> Result<> { return fail(ErrorCode::io, "full"); }, Cancel());
  EXPECT_EQ(report.error().what, "full");
}

}  // namespace
}  // namespace plmm::reader
