// Tests of reading articles from JSON: what is taken, and what hostile JSON costs.
#include "reader/articles.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace plmm::reader {
namespace {

class Articles : public testing::Test {
 protected:
  /// Reads `json`; "title|text" of each article.
  std::vector<std::string> read(std::string_view json, std::string_view topic = {}) {
    std::vector<std::string> out;
    report_ = {};
    const auto result = read_articles(
        "leads", json, topic,
        [&](Document document) -> Result<> {
          EXPECT_EQ(document.name, "leads");
          out.push_back(document.title + "|" + document.text);
          return {};
        },
        Cancel(), report_);
    EXPECT_TRUE(result) << result.error().what;
    EXPECT_EQ(report_.n_documents, out.size());
    return out;
  }
  std::uint64_t left_out(const std::string& reason) { return report_.skipped[reason]; }

  ReadReport report_;
};
using Texts = std::vector<std::string>;

TEST_F(Articles, are_taken_in_their_order_by_topic) {
  const std::string json =
      R"({"Fugue":{"title":"Fugue","extract":"A form of\nmusic.","topic":"Arts"},)"
      R"("Atom":{"title":"Atom","extract":"Matter.","topic":"Physics","year":[1,{"a":null}]},)"
      R"("Caf\u00e9":{"extract":"A place.","title":"Caf\u00e9","topic":"Arts","n":-1.5}})";
  EXPECT_EQ(read(json, "Arts"), (Texts{"Fugue|A form of\nmusic.", "Café|A place."}));
  EXPECT_EQ(left_out("another topic"), 1U);
  EXPECT_EQ(read(json).size(), 3U);
  EXPECT_EQ(read(json, "arts"), Texts{});
}

TEST_F(Articles, without_a_title_or_a_text_are_counted) {
  EXPECT_EQ(read(R"({"a":{"title":"a"},"b":{"extract":"b"},"c":{"title":[],"extract":7},"d":{}})"),
            Texts{});
  EXPECT_EQ(left_out("an article without a title or text"), 4U);
}

TEST_F(Articles, keep_nothing_of_the_article_before) {
  EXPECT_EQ(read(R"({"a":{"title":"a","extract":"x"},"b":{"extract":"y"}})"), Texts{"a|x"});
  EXPECT_EQ(read(R"({"a":{"title":"a","b":{"extract":"deeper"},"extract":"x"}})"), Texts{"a|x"});
}

TEST_F(Articles, other_kinds_of_json_are_none) {
  for (const char* const json :
       {"", "7", "[]", "{}", R"([{"title":"a","extract":"b"}])", R"({"name":"x"})",
        R"({"a":[{"title":"a","extract":"b"}]})", "nonsense", "{\"a\":"}) {
    EXPECT_EQ(read(json), Texts{}) << json;
    EXPECT_EQ(left_out("JSON without articles"), 1U) << json;
  }
}

TEST_F(Articles, before_a_break_are_kept) {
  const std::string first = R"({"a":{"title":"a","extract":"x"},)";
  for (const std::string_view rest :
       {"", "\"b\"", "\"b\":{", "\"b\":7}", "\"b\":{\"title\":\"\xff\"}}", "}", "\"b\":[]}"}) {
    EXPECT_EQ(read(first + std::string(rest)), Texts{"a|x"}) << rest;
    EXPECT_EQ(left_out("JSON that breaks off or is not articles all through"), 1U) << rest;
  }
}

TEST_F(Articles, nested_without_end_are_given_up) {
  const std::string deep = R"({"a":{"title":"a","extract":"x","b":)" + std::string(100'000, '[');
  EXPECT_EQ(read(deep), Texts{});
  EXPECT_EQ(left_out("JSON that breaks off or is not articles all through"), 1U);
}

TEST_F(Articles, have_long_titles_cut_and_no_control_characters) {
  const auto articles =
      read(R"({"a":{"title":")" + std::string(500, 't') + R"(","extract":"x\u0007\u0000y"}})");
  EXPECT_EQ(articles, Texts{std::string(kTitleBytesMax, 't') + "|xy"});
}

TEST(ReadArticles, ends_with_the_error_of_who_takes_them) {
  ReadReport report;
  int n = 0;
  const auto result = read_articles(
      "leads", R"({"a":{"title":"a","extract":"x"},"b":{"title":"b","extract":"y"}})", {},
      [&](const Document&) -> Result<> {
        ++n;
        return fail(ErrorCode::io, "no space");
      },
      Cancel(), report);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().what, "no space");
  EXPECT_EQ(n, 1);
}

TEST(ReadArticles, stops_where_it_is_cancelled) {
  ReadReport report;
  Cancel cancel;
  cancel.request();
  const auto result = read_articles(
      "leads", R"({"a":{"title":"a","extract":"x"}})", {},
      [](const Document&) -> Result<> { return {}; }, cancel, report);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace plmm::reader
