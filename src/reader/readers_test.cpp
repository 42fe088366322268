// Tests of the readers of HTML and of dictionaries, and of what all readers do to text.
#include <gtest/gtest.h>

#include <vector>

#include "reader/dictionary.h"
#include "reader/html.h"
#include "reader/plain_text.h"

namespace plmm::reader {
namespace {

TEST(PlainText, cleaned_keeps_one_empty_line_and_no_control_characters) {
  EXPECT_EQ(cleaned("\n\na  \r\n\n\n\nb\x01\x1B[c\td \n"), "a\n\nb[c\td");
  EXPECT_EQ(cleaned("a\xC2\xA0"
                    "b"),
            "a b");
  EXPECT_EQ(cleaned(" \n \n"), "");
}

TEST(PlainText, one_line_is_cut_at_the_end_of_a_character) {
  EXPECT_EQ(one_line(" a\n\t b ", 10), "a b");
  EXPECT_EQ(one_line("aé", 2), "a");
  EXPECT_EQ(one_line("aé", 3), "aé");
}

TEST(PlainText, unfolded_joins_prose_and_keeps_what_is_set_deeper) {
  EXPECT_EQ(unfolded("   one\n   two\n\n   three\n      x = 1\n      y\n   four\n", 3),
            "one two\n\nthree\n   x = 1\n   y\nfour");
}

TEST(Html, keeps_headings_paragraphs_and_items) {
  const auto page = parse_html(
      "<!DOCTYPE html><html><head><title>Bonds &amp;\n Notes</title><style>p {}</style></head>"
      "<body><h1>Bonds</h1><p>A bond <b>pays</b>\n  interest.</p><ul><li>one<li>two</ul>"
      "<script>if (a < b) alert('x')</script><h2 class=x>Yield</h2>It moves.<br>Down.</body>");
  EXPECT_EQ(page.title, "Bonds & Notes");
  EXPECT_EQ(page.text,
            "# Bonds\n\nA bond pays interest.\n\n- one\n- two\n\n## Yield\n\nIt moves.\nDown.");
}

TEST(Html, leaves_navigation_out) {
  const auto page = parse_html(
      "<div xmlns=\"x\" class=\"navheader\"><div>Prev</div><a>Next</a></div><p>Text</p>"
      "<nav>Menu</nav><footer>Foot</footer>");
  EXPECT_EQ(page.text, "Text");
}

TEST(Html, keeps_lines_of_code) {
  EXPECT_EQ(parse_html("<pre>a\n  b &lt; c</pre>").text, "a\n  b < c");
}

TEST(Html, takes_what_is_no_html_as_text) {
  EXPECT_EQ(parse_html("1 < 2 & 3 > 2").text, "1 < 2 & 3 > 2");
  EXPECT_EQ(parse_html("a <b").text, "a <b");
  EXPECT_EQ(parse_html("a <!-- b").text, "a");
  EXPECT_EQ(parse_html("").text, "");
}

TEST(Html, decodes_entities_and_leaves_unknown_ones) {
  EXPECT_EQ(decode_entities("&lt;&#65;&#x42;&euro;&amp;lt; &nope; & &#xD800; &#1114112;"),
            "<AB€&lt; &nope; & &#xD800; &#1114112;");
}

struct Read {
  std::vector<Document> documents;
  ReadReport report;
};

Read read(std::string_view index, std::string_view articles) {
  Read out;
  const auto result = read_dictionary(
      "words", index, articles,
      [&](Document document) -> Result<> {
        out.documents.push_back(std::move(document));
        return {};
      },
      out.report);
  EXPECT_TRUE(result);
  return out;
}

constexpr std::string_view kArticles =
    "mutex%%%mutual exclusion\n\n   A {lock}\n   of two.\n\n   (2002-03-14)\n\n"
    "set\n\n   Is written {a; b}.\n";

TEST(Dictionary, reads_each_article_once_under_its_first_headword) {
  const auto out = read(
      "00-database-short\tA\tB\nmutex\tA\tBD\nmutual exclusion\tA\tBD\nset\tBD\tb\n", kArticles);
  ASSERT_EQ(out.documents.size(), 2U);
  EXPECT_EQ(out.documents[0].name, "words");
  EXPECT_EQ(out.documents[0].title, "mutex");
  EXPECT_EQ(out.documents[0].text, "A lock of two.");
  EXPECT_EQ(out.documents[1].title, "set");
  EXPECT_EQ(out.documents[1].text, "Is written {a; b}.");
  EXPECT_EQ(out.report.n_documents, 2U);
  EXPECT_TRUE(out.report.skipped.empty());
}

TEST(Dictionary, counts_lines_that_lie) {
  const auto out = read("a\nb\tA\nc\tA\t!\nd\tB\t////\ne\t/////////\tA\nset\tBD\tb\n", kArticles);
  EXPECT_EQ(out.documents.size(), 1U);
  EXPECT_EQ(out.report.skipped.at("a line of a dictionary's index that is broken"), 5U);
}

TEST(Dictionary, an_article_inside_another_is_not_read_twice) {
  const auto out = read("a\tA\t9\nb\tB\t8\nc\tC\t7\n", kArticles);
  EXPECT_EQ(out.documents.size(), 1U);
  EXPECT_EQ(out.report.skipped.at("an article inside another"), 2U);
}

TEST(Dictionary, numbers_are_in_base_64) {
  EXPECT_EQ(*parse_base64_number("A"), 0U);
  EXPECT_EQ(*parse_base64_number("BA"), 64U);
  EXPECT_EQ(*parse_base64_number("b9L"), 27U * 4096 + 61 * 64 + 11);
  EXPECT_FALSE(parse_base64_number(""));
  EXPECT_FALSE(parse_base64_number("A-"));
  EXPECT_FALSE(parse_base64_number("///////"));
}

}  // namespace
}  // namespace plmm::reader
