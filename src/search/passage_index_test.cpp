// Tests of the passage index: what is found, what is kept, and what is refused.
#include "search/passage_index.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <string>

namespace plmm::search {
namespace {

const EmbeddingSpace kSpace{"toy", 4};
using Vector = std::vector<float>;
const Vector kNorth{1, 0, 0, 0}, kEast{0, 1, 0, 0}, kNorthEast{0.8F, 0.6F, 0, 0};

Vector joined(const std::vector<Vector>& vectors) {
  Vector out;
  for (const Vector& vector : vectors) out.insert(out.end(), vector.begin(), vector.end());
  return out;
}

/// Two documents: animals point north, money points east.
PassageIndex filled(PassageIndex index) {
  const Passage animals[] = {{"Cats", "A cat sleeps on the mat."}, {"Dogs", "A dog chases a cat."}};
  EXPECT_TRUE(index.put("animals", animals, joined({kNorth, kNorthEast})));
  const Passage money[] = {{"Interest", "Banks pay interest on savings."}};
  EXPECT_TRUE(index.put("money", money, kEast));
  return index;
}
PassageIndex filled() { return filled(PassageIndex::in_memory(kSpace).value()); }

std::vector<std::string> titles(PassageIndex& index, std::string_view query, const Vector& vector) {
  std::vector<std::string> out;
  const auto hits = index.search(query, vector).value();
  for (const Hit& hit : hits) out.push_back(hit.title);
  return out;
}
using Titles = std::vector<std::string>;

TEST(PassageIndex, finds_by_words_alone) {
  auto index = filled();
  EXPECT_EQ(titles(index, "cats?", {}), (Titles{"Cats", "Dogs"}));  // the stem, and the title first
  EXPECT_EQ(titles(index, "saving", {}), (Titles{"Interest"}));
  EXPECT_EQ(titles(index, "elephant", {}), Titles{});
}

TEST(PassageIndex, finds_by_meaning_alone) {
  auto index = filled();
  EXPECT_EQ(titles(index, "", kEast), (Titles{"Interest", "Dogs", "Cats"}));
  EXPECT_EQ(titles(index, "?!", kNorth), (Titles{"Cats", "Dogs", "Interest"}));
}

TEST(PassageIndex, fuses_both_and_says_where_a_hit_came_from) {
  auto index = filled();
  const auto hits = index.search("dog", kNorth).value();
  ASSERT_EQ(hits.size(), 3U);
  EXPECT_EQ(hits[0].title, "Dogs");
  EXPECT_EQ(hits[0].document, "animals");
  EXPECT_EQ(hits[0].text, "A dog chases a cat.");
  EXPECT_EQ(hits[0].word_rank, 1);
  EXPECT_EQ(hits[0].vector_rank, 2);
  EXPECT_DOUBLE_EQ(hits[0].score, 1.0 / 61 + 1.0 / 62);
  EXPECT_NEAR(hits[0].similarity, 0.8, 0.01);
  EXPECT_EQ(hits[1].title, "Cats");
  EXPECT_EQ(hits[1].word_rank, 0);
}

TEST(PassageIndex, obeys_limits_and_weights) {
  auto index = filled();
  SearchOptions options;
  options.n_hits_max = 1;
  EXPECT_EQ(index.search("dog", kEast, options).value().size(), 1U);
  options.word_weight = 0.01;
  EXPECT_EQ(index.search("cat", kEast, options).value()[0].title, "Interest");
  options.n_candidates = 0;
  EXPECT_TRUE(index.search("cat", kEast, options).value().empty());
  options.n_candidates = -1;
  EXPECT_FALSE(index.search("cat", kEast, options));
}

TEST(PassageIndex, takes_any_query) {
  auto index = filled();
  for (const std::string_view query :
       {"\"", "''", "*", "^", "-", "cat OR", "AND", "NOT cat", "NEAR(", "title:cat", "cat*", "(",
        "{a b}:c", "a+b", ";--", "\xFF\xFE", "\xE2\x80\x94", "caf\xC3\xA9 \xE4\xBD\xA0"}) {
    EXPECT_TRUE(index.search(query, {})) << query;
    EXPECT_TRUE(index.search(query, kNorth)) << query;
  }
  EXPECT_TRUE(index.search(std::string(100'000, '"'), {}));
  EXPECT_EQ(titles(index, "title:cat\" OR \"", {}), (Titles{"Cats", "Dogs"}));
}

TEST(PassageIndex, replaces_and_removes_a_document) {
  auto index = filled();
  const Passage other[] = {{"Birds", "A bird sings."}};
  ASSERT_TRUE(index.put("animals", other, kNorth));
  EXPECT_EQ(index.size(), 2U);
  EXPECT_EQ(titles(index, "cat dog", {}), Titles{});
  EXPECT_EQ(titles(index, "bird", kNorth), (Titles{"Birds", "Interest"}));
  EXPECT_EQ(index.documents().value(), (Titles{"animals", "money"}));
  EXPECT_EQ(index.remove("animals").value(), 1U);
  EXPECT_EQ(index.remove("animals").value(), 0U);
  EXPECT_EQ(index.documents().value(), (Titles{"money"}));
  EXPECT_EQ(titles(index, "bird", kNorth), (Titles{"Interest"}));
}

TEST(PassageIndex, gives_no_id_twice) {
  auto index = filled();
  const auto before = index.search("interest", {}).value()[0].id;
  ASSERT_TRUE(index.remove("money"));
  const Passage money[] = {{"Interest", "Banks pay interest."}};
  ASSERT_TRUE(index.put("money", money, kEast));
  EXPECT_GT(index.search("interest", {}).value()[0].id, before);
}

TEST(PassageIndex, refuses_what_does_not_fit) {
  auto index = filled();
  const Passage one[] = {{"", "text"}};
  EXPECT_FALSE(index.put("d", one, Vector{1, 0}));
  EXPECT_FALSE(index.put("d", one, Vector{1, 0, 0, std::numeric_limits<float>::quiet_NaN()}));
  EXPECT_FALSE(index.put(std::string(1025, 'd'), one, kNorth));
  const Passage large[] = {{"", std::string(kPassageTextBytesMax + 1, 'x')}};
  const auto refused = index.put("d", large, kNorth);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::limit_exceeded);
  EXPECT_FALSE(index.search("x", Vector{1}));
  EXPECT_EQ(index.size(), 3U);
  EXPECT_FALSE(PassageIndex::in_memory({"toy", 0}));
}

/// A database in a file that is removed at the end.
class IndexFile {
 public:
  IndexFile()
      : path_(testing::TempDir() + "passage_index_" +
              testing::UnitTest::GetInstance()->current_test_info()->name()) {
    remove();
  }
  ~IndexFile() { remove(); }
  IndexFile(const IndexFile&) = delete;
  IndexFile& operator=(const IndexFile&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  void remove() const {
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path_.string() + end);
  }
  std::filesystem::path path_;
};

TEST(PassageIndex, keeps_everything_in_its_file) {
  const IndexFile file;
  const auto before = [&] {
    auto index = filled(PassageIndex::open(file.path(), kSpace).value());
    return index.search("cat interest", kNorthEast).value();
  }();
  auto again = PassageIndex::open(file.path(), kSpace).value();
  const auto after = again.search("cat interest", kNorthEast).value();
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    EXPECT_EQ(after[i].id, before[i].id);
    EXPECT_EQ(after[i].score, before[i].score);
    EXPECT_EQ(after[i].similarity, before[i].similarity);
    EXPECT_EQ(after[i].text, before[i].text);
  }
}

TEST(PassageIndex, sees_what_another_one_commits) {
  const IndexFile file;
  auto first = PassageIndex::open(file.path(), kSpace).value();
  auto second = filled(PassageIndex::open(file.path(), kSpace).value());
  EXPECT_EQ(titles(first, "", kEast), (Titles{"Interest", "Dogs", "Cats"}));
  ASSERT_TRUE(first.remove("animals"));
  EXPECT_EQ(titles(second, "cat", kEast), (Titles{"Interest"}));
}

TEST(PassageIndex, refuses_the_embeddings_of_another_model) {
  const IndexFile file;
  ASSERT_TRUE(PassageIndex::open(file.path(), kSpace));
  for (const EmbeddingSpace& other : {EmbeddingSpace{"toy", 5}, EmbeddingSpace{"other", 4}}) {
    const auto index = PassageIndex::open(file.path(), other);
    ASSERT_FALSE(index);
    EXPECT_EQ(index.error().code, ErrorCode::invalid_argument);
    EXPECT_TRUE(index.error().what.contains("another embedding model"));
  }
}

TEST(PassageIndex, notices_embeddings_that_are_none) {
  for (const char* blob : {"x''", "x'0000000000'", "x'FFFFFFFF00000000'", "x'0000C0FF00000000'"}) {
    const IndexFile file;
    ASSERT_TRUE(PassageIndex::open(file.path(), kSpace));
    {
      auto database = store::Database::open(file.path()).value();
      ASSERT_TRUE(
          database.execute("INSERT INTO passages (document, title, text, embedding) "
                           "VALUES ('d', 't', 'x', " +
                           std::string(blob) + ")"));
    }
    const auto index = PassageIndex::open(file.path(), kSpace);
    ASSERT_FALSE(index) << blob;
    EXPECT_EQ(index.error().code, ErrorCode::corrupt_data);
  }
}

TEST(PassageIndex, is_copied_with_its_ids_and_its_privacy) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "plmm-index-copy";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  auto index = filled(PassageIndex::open(folder / "a.sqlite", kSpace).value());
  ASSERT_TRUE(index.remove("animals"));
  const auto copied = index.copy_to(folder / "b.sqlite");
  ASSERT_TRUE(copied) << copied.error().what;
  EXPECT_EQ(index.copy_to(folder / "b.sqlite").error().code, ErrorCode::io);
  auto copy = PassageIndex::open(folder / "b.sqlite", kSpace);
  ASSERT_TRUE(copy) << copy.error().what;
  const auto hits = copy->search("interest", kEast);
  ASSERT_TRUE(hits && hits->size() == 1);
  EXPECT_EQ(hits->front().id, index.search("interest", kEast)->front().id);
  EXPECT_EQ(std::filesystem::status(folder / "b.sqlite").permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  Titles all;
  ASSERT_TRUE(copy->each([&](const Passage& passage) -> Result<> {
    all.push_back(passage.title);
    return {};
  }));
  EXPECT_EQ(all, Titles{"Interest"});
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace plmm::search
