// Stop texts in a stream that comes in pieces.
#include "infer/stop_text.h"

#include <gtest/gtest.h>

#include <vector>

namespace plmm::infer {
namespace {

struct Streamed {
  std::vector<std::string> out;  // of each piece
  bool found = false;
  std::string rest;  // what finish() gives
};

Streamed stream(const std::vector<std::string>& stops, const std::vector<std::string>& pieces) {
  StopText watch(stops);
  Streamed out;
  for (const auto& piece : pieces) {
    out.out.push_back(watch.push(piece, out.found));
    if (out.found) break;
  }
  out.rest = watch.finish();
  return out;
}

using Pieces = std::vector<std::string>;

TEST(StopText, passes_text_on_at_once_when_nothing_can_end_it) {
  const auto got = stream({"END"}, {"one ", "two"});
  EXPECT_EQ(got.out, (Pieces{"one ", "two"}));
  EXPECT_FALSE(got.found);
  EXPECT_EQ(got.rest, "");
}

TEST(StopText, drops_the_stop_and_what_is_behind_it) {
  const auto got = stream({"END"}, {"beforeENDbehind"});
  EXPECT_EQ(got.out, (Pieces{"before"}));
  EXPECT_TRUE(got.found);
  EXPECT_EQ(got.rest, "");
}

TEST(StopText, is_found_when_it_comes_in_many_pieces) {
  const auto got = stream({"\nUser:"}, {"Hi.", "\n", "Us", "er", ":", "never read"});
  EXPECT_EQ(got.out, (Pieces{"Hi.", "", "", "", ""}));
  EXPECT_TRUE(got.found);
  EXPECT_EQ(got.rest, "");
}

TEST(StopText, gives_back_a_beginning_that_turned_out_otherwise) {
  const auto got = stream({"ENDE"}, {"xEN", "D", "!EN"});
  EXPECT_EQ(got.out, (Pieces{"x", "", "END!"}));
  EXPECT_EQ(got.rest, "EN");
}

TEST(StopText, holds_back_no_more_than_may_begin_a_stop) {
  const auto got = stream({"aab"}, {"aaaa", "b"});
  EXPECT_EQ(got.out, (Pieces{"aa", ""}));
  EXPECT_TRUE(got.found);
}

TEST(StopText, the_first_of_several_counts_also_where_they_overlap) {
  EXPECT_EQ(stream({"cd", "bc"}, {"abcd"}).out, (Pieces{"a"}));
  EXPECT_EQ(stream({"bcd", "c"}, {"ab", "c"}).out, (Pieces{"a", "b"}));
  EXPECT_EQ(stream({"x", "abc"}, {"ab", "d", "abc"}).out, (Pieces{"", "abd", ""}));
}

TEST(StopText, empty_ones_never_match) {
  const auto got = stream({""}, {"text"});
  EXPECT_EQ(got.out, (Pieces{"text"}));
  EXPECT_FALSE(got.found);
}

TEST(StopText, works_without_any) { EXPECT_EQ(stream({}, {"text"}).out, (Pieces{"text"})); }

}  // namespace
}  // namespace plmm::infer
