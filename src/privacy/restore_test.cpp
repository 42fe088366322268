// Restoring placeholders in a stream.
#include "privacy/restore.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace plmm::privacy {
namespace {

const std::vector<Replacement> kReplacements{{"[NAME_1]", "Lena Vogt", Kind::name},
                                             {"[NAME_1.2]", "lena", Kind::name},
                                             {"[CITY_2]", "[NAME_1]", Kind::city}};

// The restored text, the same for chunks of every size.
std::string restored(std::string_view text, Links links = Links::keep) {
  std::string whole;
  for (std::size_t size = text.size() + 1; size > 0; --size) {
    StreamRestorer restorer(kReplacements, links);
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += size)
      out += restorer.push(text.substr(at, size));
    out += restorer.finish();
    if (size == text.size() + 1) whole = out;
    EXPECT_EQ(out, whole) << size;
  }
  return whole;
}

TEST(StreamRestorer, fills_in_what_it_knows) {
  EXPECT_EQ(restored("Dear [NAME_1], [NAME_1.2]!"), "Dear Lena Vogt, lena!");
  EXPECT_EQ(restored("no placeholders"), "no placeholders");
}

TEST(StreamRestorer, accepts_the_ways_in_which_models_write_them) {
  EXPECT_EQ(restored("[name_1] [Name_1]'s [NAME_1's] [NAME_1’s] [NAME\\_1] [NAME 1] [NAME-1]"),
            "Lena Vogt Lena Vogt's Lena Vogt's Lena Vogt’s Lena Vogt Lena Vogt Lena Vogt");
}

TEST(StreamRestorer, leaves_everything_else_as_it_is) {
  const std::string text =
      "[NAME_9] [NAME_1.7] [NAME_] [NAMES_1] [NAME_1 [FOO_1] NAME_1 [[ [1] a[i]";
  EXPECT_EQ(restored(text), text);
  EXPECT_EQ(restored("[NAME_123456789]"), "[NAME_123456789]");
}

TEST(StreamRestorer, does_not_read_what_it_has_filled_in) {
  EXPECT_EQ(restored("[CITY_2]"), "[NAME_1]");
}

TEST(StreamRestorer, holds_back_only_what_may_be_a_placeholder) {
  StreamRestorer restorer(kReplacements);
  EXPECT_EQ(restorer.push("Hi [NA"), "Hi ");
  EXPECT_EQ(restorer.push("ME_1"), "");
  EXPECT_EQ(restorer.push("] [x"), "Lena Vogt [x");
  EXPECT_EQ(restorer.push("[NAME_1.2"), "");
  EXPECT_EQ(restorer.finish(), "[NAME_1.2");
  EXPECT_EQ(restorer.finish(), "");
}

TEST(StreamRestorer, does_not_fill_links_images_and_tags) {
  for (const std::string text :
       {"![x](https://evil.example/?q=[NAME_1])", "see //evil.example/[NAME_1]",
        "www.e.org/[name_1]", "WWW.E.org/[NAME_1]", "[a](e.org/[NAME_1])",
        "<img src=x alt=[NAME_1]>", "[a](<https://e.org/a [NAME_1]>)",
        "https:\\\\e.org\\[NAME_1]"}) {
    EXPECT_EQ(restored(text), text);
  }
  EXPECT_EQ(restored("https://e.org/ [NAME_1], 1 < 2 [NAME_1] a/b/[NAME_1]"),
            "https://e.org/ Lena Vogt, 1 < 2 Lena Vogt a/b/Lena Vogt");
  EXPECT_EQ(restored("https://e.org/[NAME_1.2]", Links::fill), "https://e.org/lena");
}

}  // namespace
}  // namespace plmm::privacy
