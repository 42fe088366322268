// Tests of what is printed: the terminal filter, numbers, wrapping, progress and suggestions.
#include <gtest/gtest.h>

#include <array>

#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/printable.h"
#include "apps/plmm/terminal/progress.h"
#include "apps/plmm/terminal/suggest.h"
#include "apps/plmm/terminal/turn_reader.h"

namespace plmm::terminal {
namespace {

TEST(Printable, keeps_text_of_all_scripts) {
  const std::string text = "a\tb\nGröße 日本 \U0001F600 שלום";
  EXPECT_EQ(printable(text), text);
}

TEST(Printable, leaves_no_escape_sequence_alive) {
  EXPECT_EQ(printable("\x1b[2J\x1b]0;title\x07ok"), "[2J]0;titleok");
  EXPECT_EQ(printable("a\rb\x08\x7f" + std::string(1, '\0')), "ab");
  EXPECT_EQ(printable("\u009b31mred"), "31mred");  // C1 in UTF-8
  EXPECT_EQ(printable("\x9b"
                      "31mred"),
            "\uFFFD31mred");                       // C1 as a lone byte
  EXPECT_EQ(printable("\u202Eabc\u2066"), "abc");  // text that reads backwards
}

TEST(Printable, replaces_broken_utf8) {
  EXPECT_EQ(printable("\xc3"), "\uFFFD");            // cut short
  EXPECT_EQ(printable("\xc0\x80"), "\uFFFD\uFFFD");  // overlong
  EXPECT_EQ(printable("\xe0\x80\x80"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(printable("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD");            // surrogate
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");  // beyond U+10FFFF
}

TEST(Format, writes_numbers_for_people) {
  EXPECT_EQ(thousands(0), "0");
  EXPECT_EQ(thousands(999), "999");
  EXPECT_EQ(thousands(98362432), "98,362,432");
  EXPECT_EQ(size_text(999), "999 B");
  EXPECT_EQ(size_text(98362432), "98 MB");
  EXPECT_EQ(size_text(999'600'000), "1.00 GB");
  EXPECT_EQ(size_text(1'117'320'768), "1.12 GB");
  EXPECT_EQ(duration_text(0.94), "0.9 s");
  EXPECT_EQ(duration_text(41.2), "41 s");
  EXPECT_EQ(duration_text(185), "3 min 05 s");
  EXPECT_EQ(duration_text(7260), "2 h 01 min");
}

TEST(Format, wraps_at_spaces_and_counts_characters_not_bytes) {
  EXPECT_EQ(wrap("aa bb cc", 2, 7), "  aa bb\n  cc\n");
  EXPECT_EQ(wrap("one\n\ntwo", 0, 80), "one\n\ntwo\n");
  EXPECT_EQ(wrap("éé éé", 0, 5), "éé éé\n");
  EXPECT_EQ(wrap("longerthanthewidth", 1, 5), " longerthanthewidth\n");
  EXPECT_EQ(wrap("", 4, 80), "");
}

TEST(Progress, shows_bar_share_rate_and_time_left) {
  EXPECT_EQ(progress_text(349'000'000, 491'000'000, 38e6),
            "[##############------] 71 %  349 of 491 MB  38 MB/s  4 s left");
  EXPECT_EQ(progress_text(0, 491'000'000, 0), "[--------------------]  0 %  0 B of 491 MB");
  EXPECT_EQ(progress_text(5, 5, 0), "[####################] 100 %  5 of 5 B");
  EXPECT_EQ(progress_text(12'000'000, 0, 0), "12 MB");
  EXPECT_LE(progress_text(1, 1'117'320'768, 1000).size(), 80U - 11U);
}

TEST(Progress, counts_what_is_made) {
  EXPECT_EQ(count_progress_text(10'300, 14'507, "passages", 230),
            "[#########-----] 71 %  10,300 of 14,507 passages  19 s left");
  EXPECT_EQ(count_progress_text(0, 2, "passages", 0), "[--------------]  0 %  0 of 2 passages");
  EXPECT_EQ(count_progress_text(7, 0, "passages", 9), "7 passages");
  EXPECT_EQ(count_progress_text(0, 1'000, "texts", 2),
            "[--------------]  0 %  0 of 1,000 texts  9 min left");
  EXPECT_LE(count_progress_text(900'000, 1'000'000, "passages", 100).size(), 80U - 11U);
}

TEST(Progress, rate_follows_the_last_seconds_only) {
  RateMeter meter;
  EXPECT_EQ(meter.per_s(), 0);
  for (int i = 0; i <= 20; ++i) meter.add(i, i <= 10 ? 0U : static_cast<unsigned>(i - 10) * 100U);
  EXPECT_DOUBLE_EQ(meter.per_s(), 100);
  meter.add(21, 0);  // begins anew
  EXPECT_EQ(meter.per_s(), 0);
}

TEST(Suggest, finds_a_slip_of_the_hand_and_no_more) {
  constexpr std::array<std::string_view, 4> kWords{"chat", "pull", "--temperature", "ls"};
  EXPECT_EQ(edit_distance("abcd", "acbd"), 1U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(nearest("caht", kWords), "chat");
  EXPECT_EQ(nearest("--temprature", kWords), "--temperature");
  EXPECT_EQ(nearest("sl", kWords), "ls");
  EXPECT_EQ(nearest("quantum", kWords), "");
  EXPECT_EQ(nearest(std::string(100, 'a'), kWords), "");
}

TEST(ShellWord, stands_in_quotes_where_a_shell_would_take_it_apart) {
  EXPECT_EQ(shell_word("~/chats-1.jsonl"), "~/chats-1.jsonl");
  EXPECT_EQ(shell_word("my chats"), "'my chats'");
  EXPECT_EQ(shell_word("it's; rm *"), "'it'\\''s; rm *'");
  EXPECT_EQ(shell_word("$HOME"), "'$HOME'");
  EXPECT_EQ(shell_word(""), "''");
}

TEST(TurnReader, joins_continued_lines_and_blocks) {
  TurnReader reader;
  EXPECT_TRUE(reader.add("one"));
  EXPECT_EQ(reader.take(), "one");
  EXPECT_FALSE(reader.add("a\\"));
  EXPECT_TRUE(reader.begun());
  EXPECT_TRUE(reader.add("b"));
  EXPECT_EQ(reader.take(), "a\nb");
  EXPECT_FALSE(reader.add("\"\"\""));
  EXPECT_FALSE(reader.add("x\\"));
  EXPECT_FALSE(reader.add(""));
  EXPECT_FALSE(reader.add("y"));
  EXPECT_TRUE(reader.add("\"\"\""));
  EXPECT_EQ(reader.take(), "x\\\n\ny");
  EXPECT_TRUE(reader.add("\"\"\" in one line \"\"\""));
  EXPECT_EQ(reader.take(), " in one line ");
  EXPECT_FALSE(reader.begun());
}

}  // namespace
}  // namespace plmm::terminal
