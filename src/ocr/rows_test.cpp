// Which lines become one row and which stay columns.
#include "ocr/rows.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace plmm::ocr {
namespace {

TextLine line(std::string text, Box box, bool begins_block = false) {
  const auto n_words = static_cast<std::size_t>(std::ranges::count(text, ' ')) + 1;
  return {Personal<std::string>(std::move(text)), n_words, 0.9, box, begins_block};
}

std::vector<std::string> texts(const std::vector<TextLine>& lines) {
  std::vector<std::string> out;
  for (const auto& one : lines) out.push_back(one.text.reveal(Purpose::compare));
  return out;
}

using Texts = std::vector<std::string>;

TEST(Rows, bring_prices_to_what_they_are_for) {
  const auto joined = joined_rows(
      {line("2 rye bread", {40, 100, 200, 30}, true), line("1 plum cake", {40, 150, 200, 30}),
       line("7.80", {500, 102, 60, 28}, true), line("14.50", {480, 151, 80, 28})});
  EXPECT_EQ(texts(joined), (Texts{"2 rye bread 7.80", "1 plum cake 14.50"}));
  EXPECT_EQ(joined[0].box, (Box{40, 100, 520, 30}));
  EXPECT_EQ(joined[0].n_words, 4U);
}

TEST(Rows, put_a_figure_together_that_was_cut) {
  const auto joined = joined_rows(
      {line("coffee 9.", {40, 100, 370, 24}, true), line("80", {421, 101, 32, 22}, true)});
  EXPECT_EQ(texts(joined), Texts{"coffee 9.80"});
  EXPECT_EQ(joined[0].n_words, 2U);
}

TEST(Rows, leave_the_columns_of_a_page_apart) {
  const Texts expected{"the boats brought salt", "and timber to the quay.", "Today a museum",
                       "where the cranes were in 1902"};
  const auto joined = joined_rows(
      {line(expected[0], {40, 100, 400, 30}, true), line(expected[1], {40, 150, 400, 30}),
       line(expected[2], {580, 100, 400, 30}, true), line(expected[3], {580, 150, 400, 30})});
  EXPECT_EQ(texts(joined), expected);
}

TEST(Rows, leave_a_figure_alone_that_ends_a_column_of_text) {
  const Texts expected{"left above", "left below", "It was built in", "1902."};
  const auto joined = joined_rows(
      {line(expected[0], {40, 100, 300, 30}, true), line(expected[1], {40, 150, 300, 30}),
       line(expected[2], {580, 100, 300, 30}, true), line(expected[3], {580, 150, 80, 30})});
  EXPECT_EQ(texts(joined), expected);
}

TEST(Rows, leave_a_page_on_its_side_as_it_is) {
  const Texts expected{"thank you for your letter", "which came on"};
  const auto joined = joined_rows(
      {line(expected[0], {97, 100, 29, 400}, true), line(expected[1], {149, 100, 29, 300})});
  EXPECT_EQ(texts(joined), expected);
}

TEST(Rows, keep_what_is_in_no_row) {
  EXPECT_TRUE(joined_rows({}).empty());
  EXPECT_EQ(texts(joined_rows({line("90", {0, 0, 0, 0}), line("80", {0, 0, 0, 0})})),
            (Texts{"90", "80"}));
}

}  // namespace
}  // namespace plmm::ocr
