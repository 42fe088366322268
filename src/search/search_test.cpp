// Tests of the parts of a search: cutting documents, match expressions, vectors and fusion.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/rng.h"
#include "search/fusion.h"
#include "search/passages.h"
#include "search/query.h"
#include "search/vectors.h"

namespace plmm::search {
namespace {

/// n words that end as a sentence does.
std::string sentence(int n, const std::string& word = "word") {
  std::string out;
  for (int i = 0; i < n; ++i) out += (i > 0 ? " " : "") + word;
  return out + ".";
}

std::vector<std::string> texts_of(const std::vector<CutPassage>& passages) {
  std::vector<std::string> out;
  for (const CutPassage& passage : passages) out.emplace_back(passage.text);
  return out;
}

using Texts = std::vector<std::string>;

TEST(Passages, keeps_a_short_document_whole) {
  const auto passages = cut_passages("T", "  One line.\n\nAnother.\n ");
  ASSERT_EQ(passages.size(), 1U);
  EXPECT_EQ(passages[0].text, "One line.\n\nAnother.");
  EXPECT_EQ(passages[0].title, "T");
  EXPECT_TRUE(cut_passages("T", " \n\n ").empty());
  EXPECT_TRUE(cut_passages("T", "").empty());
}

TEST(Passages, puts_the_path_of_headings_into_the_title) {
  const auto passages = cut_passages(
      "Guide", "Before.\n# One\nA.\n## Two ##\nB.\n### Three\nC.\n# Four\nD.\n#hashtag\n");
  ASSERT_EQ(passages.size(), 5U);
  EXPECT_EQ(passages[0].title, "Guide");
  EXPECT_EQ(passages[1].title, "Guide \xE2\x80\xBA One");
  EXPECT_EQ(passages[2].title, "Guide \xE2\x80\xBA One \xE2\x80\xBA Two");
  EXPECT_EQ(passages[3].title, "Guide \xE2\x80\xBA One \xE2\x80\xBA Two \xE2\x80\xBA Three");
  EXPECT_EQ(passages[4].title, "Guide \xE2\x80\xBA Four");
  EXPECT_EQ(passages[4].text, "D.\n#hashtag");
  EXPECT_EQ(cut_passages("ls", "# ls\nText.")[0].title, "ls") << "a heading like the title";
}

TEST(Passages, takes_nothing_in_fenced_code_for_a_heading) {
  const auto passages = cut_passages("T", "# A\n```\n# comment\n```\ntext\n");
  ASSERT_EQ(passages.size(), 1U);
  EXPECT_EQ(passages[0].text, "```\n# comment\n```\ntext");
}

TEST(Passages, of_program_text_keep_lines_that_begin_with_a_hash) {
  const auto passages = cut_passages("T", "# why\nx = 1\n", {.headings = Headings::none});
  ASSERT_EQ(passages.size(), 1U);
  EXPECT_EQ(passages[0].text, "# why\nx = 1");
  EXPECT_EQ(passages[0].title, "T");
}

TEST(Passages, ends_at_a_paragraph_near_the_target) {
  const std::string a = sentence(70), b = sentence(60), c = sentence(50);
  EXPECT_EQ(texts_of(cut_passages("", a + "\n\n" + b + "\n\n" + c)), (Texts{a, b + "\n\n" + c}));
}

TEST(Passages, keeps_a_paragraph_that_is_not_too_long_in_one_piece) {
  const std::string lead = sentence(10);
  const std::string paragraph = sentence(90) + " " + sentence(80);
  EXPECT_EQ(texts_of(cut_passages("", paragraph)).size(), 1U);
  EXPECT_EQ(texts_of(cut_passages("", lead + "\n\n" + paragraph)).size(), 1U);
}

TEST(Passages, cuts_a_long_paragraph_between_sentences) {
  const std::string s = sentence(50);
  EXPECT_EQ(texts_of(cut_passages("", s + " " + s + " " + s + " " + s)),
            (Texts{s + " " + s + " " + s, s}));
}

TEST(Passages, cuts_a_long_sentence_between_words) {
  const std::string text = sentence(450);
  const auto passages = cut_passages("", text);
  ASSERT_EQ(passages.size(), 3U);
  for (const CutPassage& passage : passages) EXPECT_LE(count_words(passage.text), 200);
  EXPECT_TRUE(passages[0].text.ends_with("word"));
}

TEST(Passages, cuts_writing_without_spaces_between_characters) {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "\xE5\xAD\x97";
  const auto passages = cut_passages("", text);
  std::string joined;
  for (const CutPassage& passage : passages) {
    EXPECT_LE(count_words(passage.text), 200);
    EXPECT_EQ(passage.text.size() % 3, 0U);
    joined += passage.text;
  }
  EXPECT_EQ(joined, text);
}

TEST(Passages, shortens_a_title_to_whole_characters) {
  std::string title;
  for (int i = 0; i < 100; ++i) title += "\xE5\xAD\x97";
  EXPECT_EQ(cut_passages(title, "x")[0].title.size(), 240U);
  EXPECT_EQ(cut_passages("a" + title, "x")[0].title.size(), 238U);
}

TEST(Query, quotes_words_and_leaves_operators_without_meaning) {
  EXPECT_EQ(match_expression("Foo bar"), "\"foo\" OR \"bar\"");
  EXPECT_EQ(match_expression("foo AND NOT bar NEAR(x, 2) title:y -z* ^w"),
            "\"foo\" OR \"not\" OR \"bar\" OR \"near\" OR \"x\" OR \"2\" OR \"title\" OR \"y\" OR "
            "\"z\" OR \"w\"");
  EXPECT_EQ(match_expression("\"; DROP TABLE passages; --"),
            "\"drop\" OR \"table\" OR \"passages\"");
  EXPECT_EQ(match_expression(std::string_view("a\0b", 3)), "\"b\"");
}

TEST(Query, leaves_common_words_out_unless_there_are_no_others) {
  EXPECT_EQ(match_expression("What is the tax?"), "\"tax\"");
  EXPECT_EQ(match_expression("to be or ... "), "\"to\" OR \"be\" OR \"or\"");
  EXPECT_EQ(match_expression(""), "");
  EXPECT_EQ(match_expression(" ?!* \" "), "");
}

TEST(Query, keeps_letters_beyond_ascii_and_limits_words) {
  EXPECT_EQ(match_expression("Caf\xC3\xA9"), "\"caf\xC3\xA9\"");
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "w" + std::to_string(i) + " w0 ";
  EXPECT_EQ(match_expression(many).size(),
            std::string("\"w0\" OR ").size() * 10 + std::string("\"w10\" OR ").size() * 22 - 4);
  EXPECT_EQ(match_expression(std::string(65, 'x') + " y"), "\"y\"");
}

TEST(Fusion, adds_what_each_list_gives) {
  const std::vector<std::int64_t> lists[] = {{7, 5, 9}, {5, 3}};
  const double weights[] = {1, 1};
  const auto fused = fuse_ranks(lists, weights);
  ASSERT_EQ(fused.size(), 4U);
  EXPECT_EQ(fused[0].id, 5);
  EXPECT_DOUBLE_EQ(fused[0].score, 1.0 / 62 + 1.0 / 61);
  EXPECT_EQ(fused[1].id, 7);
  EXPECT_EQ(fused[2].id, 3);
  EXPECT_EQ(fused[3].id, 9);
}

TEST(Fusion, puts_the_lower_id_first_where_scores_are_equal) {
  const std::vector<std::int64_t> lists[] = {{9}, {4}};
  const double weights[] = {1, 1};
  EXPECT_EQ(fuse_ranks(lists, weights)[0].id, 4);
  const double other[] = {2, 1};
  EXPECT_EQ(fuse_ranks(lists, other)[0].id, 9);
  EXPECT_TRUE(fuse_ranks({}, {}).empty());
}

std::vector<float> random_unit(Rng& rng, int n) {
  std::vector<float> out;
  double squares = 0;
  for (int i = 0; i < n; ++i) {
    out.push_back(static_cast<float>(rng.uniform() - 0.5));
    squares += out.back() * out.back();
  }
  for (float& x : out) x /= static_cast<float>(std::sqrt(squares));
  return out;
}

TEST(Vectors, finds_what_exact_products_find) {
  Rng rng(11);
  constexpr int kWidth = 50, kRows = 300;
  VectorMatrix matrix(kWidth);
  std::vector<std::vector<float>> rows;
  for (int i = 0; i < kRows; ++i) {
    rows.push_back(random_unit(rng, kWidth));
    matrix.append(10 * i, encode_vector(rows.back()).value());
  }
  const auto query = random_unit(rng, kWidth);
  const auto coded = encode_vector(query).value();
  const auto near = matrix.nearest(coded, 20);
  ASSERT_EQ(near.size(), 20U);
  for (std::size_t i = 0; i < near.size(); ++i) {
    EXPECT_GE(near[i == 0 ? 0 : i - 1].similarity, near[i].similarity);
    double exact = 0;
    for (std::size_t k = 0; k < kWidth; ++k) {
      exact += rows[static_cast<std::size_t>(near[i].id / 10)][k] * query[k];
    }
    EXPECT_NEAR(near[i].similarity, exact, 0.01);
    EXPECT_EQ(matrix.similarity(coded, near[i].id), near[i].similarity);
  }
  EXPECT_EQ(matrix.nearest(coded, 1000).size(), 300U);
  EXPECT_FALSE(matrix.similarity(coded, 5));
}

TEST(Vectors, removes_rows_and_keeps_the_others) {
  Rng rng(12);
  VectorMatrix matrix(3);
  std::vector<CodedVector> rows;
  for (int i = 0; i < 5; ++i) {
    rows.push_back(encode_vector(random_unit(rng, 3)).value());
    matrix.append(i, rows.back());
  }
  const auto third = matrix.similarity(rows[0], 3);
  const std::int64_t gone[] = {0, 2, 77};
  matrix.remove(gone);
  EXPECT_EQ(matrix.size(), 3U);
  EXPECT_EQ(matrix.similarity(rows[0], 3), third);
  EXPECT_FALSE(matrix.similarity(rows[0], 2));
}

TEST(Vectors, refuses_what_is_no_number) {
  for (const float x :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), 2e6F}) {
    EXPECT_FALSE(encode_vector(std::vector<float>{1, x}));
  }
  const auto zero = encode_vector(std::vector<float>{0, 0}).value();
  EXPECT_EQ(zero.scale, 0);
  const auto tiny = encode_vector(std::vector<float>{1e-42F, 0}).value();
  EXPECT_EQ(tiny.codes[1], 0);
}

}  // namespace
}  // namespace plmm::search
