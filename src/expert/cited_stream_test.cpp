// Tests of what counts as support, and of marks in a stream.
#include "expert/cited_stream.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace plmm::expert {
namespace {

TEST(Support, words_are_one_whatever_their_endings) {
  EXPECT_EQ(content_words("locks Locked, locking").words, std::set<std::string>{"lock"});
  EXPECT_EQ(content_words("the of and What is it?").words, std::set<std::string>{});
}

TEST(Support, numbers_keep_their_dots_and_lose_their_commas) {
  const std::set<std::string> expected{"1000", "802.11b", "3.5"};
  EXPECT_EQ(content_words("1,000 in 802.11b, 3.5.").numbers, expected);
}

double support_of(std::string_view sentence, std::string_view question, std::string_view passage) {
  return support(content_words(sentence), content_words(question), content_words(passage));
}

TEST(Support, only_what_is_added_to_the_question_counts) {
  const std::string_view passage = "France is a country. Its capital lies on the Seine.";
  EXPECT_EQ(support_of("The capital of France is Lyon.", "What is the capital of France?", passage),
            0);
  EXPECT_EQ(support_of("The capital of France is a country.", "What is the capital?", passage), 1);
}

TEST(Support, a_name_that_is_not_there_is_no_support_even_when_it_was_asked_for) {
  const std::string_view passage = "Knuth wrote the first version of TeX in the language SAIL.";
  const std::string_view question = "Who wrote the first version of Unix?";
  EXPECT_EQ(support_of("Knuth wrote the first version of Unix in SAIL.", question, passage), 0);
  EXPECT_EQ(support_of("Knuth wrote the first version of TeX in SAIL.", question, passage), 1);
}

TEST(Support, a_word_of_the_question_that_is_not_there_is_no_support) {
  EXPECT_EQ(support_of("December invented the web.", "Who invented the web?",
                       "An article about the web by December"),
            0);
}

TEST(Support, names_are_words_with_a_capital_that_no_sentence_asks_for) {
  const std::set<std::string> expected{"unix", "ipv4", "bell"};
  EXPECT_EQ(content_words("Systems like Unix of Bell speak IPv4.").names, expected);
}

TEST(Support, a_number_that_is_not_there_is_no_support) {
  EXPECT_EQ(support_of("UNIX was written in 1969 at Bell Labs.", "", "UNIX: Bell Labs wrote it"),
            0);
  EXPECT_GE(support_of("UNIX was written in 1969.", "", "UNIX was written in 1969"), kSupportMin);
}

TEST(Support, nothing_supports_a_sentence_without_words) {
  EXPECT_EQ(support_of("It is.", "", "It is."), 0);
}

std::vector<search::Hit> passages() {
  std::vector<search::Hit> out(2);
  out[0].id = 11;
  out[0].document = "foldoc";
  out[0].title = "mutex";
  out[0].text = "A mutex lets one thread in at a time. Others block until it is unlocked.";
  out[1].id = 12;
  out[1].document = "foldoc";
  out[1].title = "semaphore";
  out[1].text = "A semaphore counts. Dijkstra invented it in 1965.";
  return out;
}

struct Cited {
  std::string text;
  std::vector<protocol::Citation> citations;
};

/// The answer in pieces of `n` bytes.
Cited cite(std::string_view answer, std::size_t n) {
  Cited out;
  const auto hits = passages();
  CitedStream stream(hits, "What is it?", [&](std::string_view text) { out.text += text; });
  for (; !answer.empty(); answer.remove_prefix(std::min(n, answer.size())))
    stream.push(answer.substr(0, n));
  stream.finish();
  out.citations = stream.citations();
  return out;
}

TEST(CitedStream, marks_each_sentence_with_the_passage_that_says_it) {
  for (const std::size_t n : {1, 2, 7, 1000}) {
    const auto cited = cite(
        "Dijkstra invented the semaphore in 1965. A mutex lets one thread in. Others block.\n", n);
    EXPECT_EQ(cited.text,
              "Dijkstra invented the semaphore in 1965. [1] A mutex lets one thread in. [2] "
              "Others block. [2]");
    ASSERT_EQ(cited.citations.size(), 2U);
    EXPECT_EQ(cited.citations[0].passage, 12U);
    EXPECT_EQ(cited.citations[0].title, "semaphore");
    EXPECT_EQ(cited.citations[0].number, 1U);
    EXPECT_EQ(cited.citations[1].passage, 11U);
  }
}

TEST(CitedStream, leaves_bare_what_no_passage_says) {
  const auto cited = cite("A mutex paints walls. Semaphores date from 1972.", 3);
  EXPECT_EQ(cited.text, "A mutex paints walls. Semaphores date from 1972.");
  EXPECT_TRUE(cited.citations.empty());
}

TEST(CitedStream, an_abbreviation_does_not_end_a_sentence) {
  EXPECT_EQ(cite("A mutex blocks others, e.g. one thread at a time", 5).text,
            "A mutex blocks others, e.g. one thread at a time [1]");
}

TEST(CitedStream, a_line_is_a_sentence_of_its_own) {
  EXPECT_EQ(cite("- Others block\n- Dijkstra invented it", 4).text,
            "- Others block [1]\n- Dijkstra invented it [2]");
}

TEST(CitedStream, leaves_code_alone) {
  EXPECT_EQ(cite("```\nmutex thread. Others block.\n```", 2).text,
            "```\nmutex thread. Others block.\n```");
}

TEST(CitedStream, an_empty_answer_stays_empty) { EXPECT_EQ(cite(" \n", 1).text, ""); }

}  // namespace
}  // namespace plmm::expert
