// Tests of what a question must stand before it is asked.
#include "teacher/questions.h"

#include <gtest/gtest.h>

#include "teacher/pupil_fixture.h"

namespace plmm::teacher {
namespace {

const Passage kHamster =
    long_passage("hamster", "A hamster is a tailless mouse, made by Amstrad since 1995.");

TEST(Pairs, are_questions_and_answers_in_turns) {
  std::uint64_t n_malformed = 0;
  const auto pairs = parse_pairs("Q: Who?\nA: She\n\n  Q: When?\nA: 1995\n", n_malformed);
  EXPECT_EQ(pairs, (std::vector<Pair>{{"Who?", "She"}, {"When?", "1995"}}));
  EXPECT_EQ(n_malformed, 0U);
}

TEST(Pairs, count_every_line_that_is_out_of_form) {
  std::uint64_t n_malformed = 0;
  const auto pairs =
      parse_pairs("Sure!\nA: no question\nQ: one?\nQ: two?\nQ: Who?\nA: She\nQ: cut", n_malformed);
  EXPECT_EQ(pairs, (std::vector<Pair>{{"Who?", "She"}}));
  EXPECT_EQ(n_malformed, 4U);
}

struct Fault {
  const char* name;
  Pair pair;
  std::optional<Rejection> expected;
};
class FaultOf : public testing::TestWithParam<Fault> {};

TEST_P(FaultOf, is_seen_without_a_model) {
  EXPECT_EQ(fault_of(GetParam().pair, kHamster), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Questions, FaultOf,
    testing::Values(
        Fault{"good", {"Which company makes the hamster?", "Amstrad"}, {}},
        Fault{"good_by_name", {"Since when does Amstrad make it?", "1995"}, {}},
        Fault{"asks_for_the_term", {"What is a mouse without a tail called?", "hamster"}, {}},
        Fault{
            "no_question", {"The company that makes the hamster", "Amstrad"}, Rejection::malformed},
        Fault{"too_few_words", {"Who hamster?", "Amstrad"}, Rejection::malformed},
        Fault{"no_answer", {"Which company makes the hamster?", "?"}, Rejection::malformed},
        Fault{"long_answer",
              {"What is a hamster made of, then?", "a tailless mouse, made by Amstrad since 1995"},
              Rejection::malformed},
        Fault{"invented", {"Which company makes the hamster?", "Acorn"}, Rejection::not_in_passage},
        Fault{"part_of_a_number",
              {"Since when is the hamster made?", "199"},
              Rejection::not_in_passage},
        Fault{"gives_away",
              {"Which company called Amstrad makes the hamster?", "Amstrad"},
              Rejection::gives_away},
        Fault{"points",
              {"Which company does the passage name for the hamster?", "Amstrad"},
              Rejection::vague},
        Fault{"about_another",
              {"Which company makes the hamster of Asterix?", "Amstrad"},
              Rejection::off_topic},
        Fault{"open", {"What is a hamster?", "tailless mouse"}, Rejection::open_ended},
        Fault{"about_nothing", {"Which company makes the thing?", "Amstrad"}, Rejection::vague}),
    [](const auto& fault) { return std::string(fault.param.name); });

TEST(Spans, are_names_quotes_and_numbers_that_the_title_does_not_say) {
  const Passage passage{"d", "Hamster",
                        "It has a \"high water mark\". The Hamster of Amstrad Ltd (1995-02-16) has "
                        "256 kilobytes, see http://x.org. Later Dr. Clive Sinclair bought IBM."};
  EXPECT_EQ(answer_spans(passage, 9),
            (std::vector<std::string>{"high water mark", "Amstrad Ltd", "Dr. Clive Sinclair", "IBM",
                                      "256"}));
  EXPECT_EQ(answer_spans(passage, 1).size(), 1U);
}

TEST(Spans, end_where_their_sentence_does) {
  const Passage passage{"d", "Hamster", "Click OK. The Hamster of J. Amstrad opens."};
  EXPECT_EQ(answer_spans(passage, 9), (std::vector<std::string>{"OK", "J. Amstrad"}));
}

/// Writes the pairs it is given, knows what `reads` says with the passage and `knows` without.
ScriptedBackend::Script script(std::string pairs, std::string reads, std::string knows) {
  return [=](const Prompt& prompt) -> Result<std::string> {
    if (prompt.user.contains("two quiz questions")) return pairs;
    if (prompt.user.contains("one quiz question")) return "What is it?";
    return prompt.user.contains("Passage:") ? reads : knows;
  };
}

/// Nobody has another passage about it.
Result<std::vector<Passage>> nothing_else(const std::string&) { return std::vector<Passage>(); }

TEST(QuestionWriter, keeps_what_the_teacher_can_answer_only_with_the_passage) {
  ScriptedBackend backend(
      script("Q: Which company makes the hamster?\nA: Amstrad", "Amstrad", "Acorn"));
  QuestionWriter writer(backend, Known::drop, nothing_else);
  QuestionWriter::Work work{.passage = kHamster};
  const auto first = writer.next(work, Cancel());
  ASSERT_TRUE(first && *first) << first.error().what;
  EXPECT_EQ((*first)->exam.question, "Which company makes the hamster?");
  EXPECT_EQ((*first)->exam.answers, std::vector<std::string>{"Amstrad"});
  // Then one for the title and for each span, until none is left.
  for (auto next = writer.next(work, Cancel()); *next; next = writer.next(work, Cancel())) {
  }
  EXPECT_EQ(writer.report().n_kept, 1U);
  EXPECT_EQ(writer.report().n_written, 4U);  // hamster, Amstrad, 1995
}

TEST(QuestionWriter, rejects_what_the_teacher_reads_otherwise_or_knows_anyway) {
  const auto rejected = [](std::string reads, std::string knows, Known known) {
    ScriptedBackend backend(script("Q: Which company makes the hamster?\nA: Amstrad",
                                   std::move(reads), std::move(knows)));
    QuestionWriter writer(backend, known, nothing_else);
    QuestionWriter::Work work{.passage = kHamster};
    while (*writer.next(work, Cancel())) {
    }
    return writer.report();
  };
  const auto count = [](const WritingReport& report, Rejection why) {
    return report.n_rejected[static_cast<std::size_t>(why)];
  };
  EXPECT_GE(count(rejected("Acorn", "?", Known::drop), Rejection::wrong_with_text), 1U);
  EXPECT_EQ(count(rejected("Amstrad", "Amstrad", Known::drop), Rejection::known_without), 1U);
  EXPECT_EQ(rejected("Amstrad", "Amstrad", Known::drop).n_kept, 0U);
  EXPECT_EQ(rejected("Amstrad", "Amstrad", Known::keep).n_kept, 1U);
}

TEST(QuestionWriter, takes_as_the_answer_what_the_teacher_reads_in_the_passage) {
  const auto answers = [](std::string written, std::string reads) {
    ScriptedBackend backend(
        script("Q: Which company makes the hamster?\nA: " + written, std::move(reads), "?"));
    QuestionWriter writer(backend, Known::drop, nothing_else);
    QuestionWriter::Work work{.passage = kHamster};
    const auto question = writer.next(work, Cancel());
    return *question ? (*question)->exam.answers : std::vector<std::string>();
  };
  EXPECT_EQ(answers("a tailless mouse", "\"Amstrad.\""), std::vector<std::string>{"Amstrad"});
  EXPECT_EQ(answers("Acorn", "Amstrad"), std::vector<std::string>{"Amstrad"});
  EXPECT_EQ(answers("Amstrad", "made by Amstrad"), std::vector<std::string>{"Amstrad"});
  EXPECT_TRUE(answers("Acorn", "the hamster").empty());  // it stands in the question
}

TEST(QuestionWriter, counts_the_other_names_of_an_answer_but_none_that_the_question_says) {
  const auto passage = long_passage(
      "ODBC", "Open DataBase Connectivity\n\nA standard (ODBC) for databases of many makers.");
  const auto answers = [&](std::string question) {
    ScriptedBackend backend([=](const Prompt& prompt) -> Result<std::string> {
      if (prompt.user.contains("two quiz")) return "";
      if (prompt.user.contains("one quiz")) return question;
      return prompt.user.contains("Passage:") ? "Open DataBase Connectivity" : "?";
    });
    QuestionWriter writer(backend, Known::drop, nothing_else);
    QuestionWriter::Work work{.passage = passage};
    const auto written = writer.next(work, Cancel());
    return *written ? (*written)->exam.answers : std::vector<std::string>();
  };
  EXPECT_EQ(answers("Which standard is for databases of many makers?"),
            (std::vector<std::string>{"ODBC", "Open DataBase Connectivity"}));
  EXPECT_EQ(answers("What does ODBC stand for?"),
            std::vector<std::string>{"Open DataBase Connectivity"});
}

TEST(QuestionWriter, asks_for_a_term_only_by_what_is_said_of_nothing_else) {
  const auto n_kept = [](std::string question) {
    const Passage other{"d", "gerbil", "The gerbil is a mouse that is called what it is."};
    ScriptedBackend backend([=](const Prompt& prompt) -> Result<std::string> {
      if (prompt.user.contains("two quiz")) return "";
      if (prompt.user.contains("one quiz")) return question;
      return prompt.user.contains("Passage:") ? "hamster" : "?";
    });
    QuestionWriter writer(backend, Known::drop,
                          [&](const std::string&) -> Result<std::vector<Passage>> {
                            return std::vector<Passage>{other};
                          });
    QuestionWriter::Work work{.passage = kHamster};
    while (*writer.next(work, Cancel())) {
    }
    return writer.report().n_kept;
  };
  EXPECT_EQ(n_kept("What is the mouse called?"), 0U);
  EXPECT_EQ(n_kept("What is the tailless mouse called?"), 1U);
}

TEST(QuestionWriter, says_of_a_question_that_it_may_be_known) {
  ScriptedBackend backend(
      script("Q: Which company makes the hamster?\nA: Amstrad", "Amstrad", "Amstrad"));
  QuestionWriter writer(backend, Known::keep, nothing_else);
  QuestionWriter::Work work{.passage = kHamster};
  const auto question = writer.next(work, Cancel());
  ASSERT_TRUE(question && *question);
  EXPECT_TRUE((*question)->may_be_known);
}

TEST(QuestionWriter, drops_what_points_at_the_passage_where_the_rest_is_a_question) {
  ScriptedBackend backend(
      script("Q: Which company makes the hamster mentioned in the passage?\nA: Amstrad\n"
             "Q: Which passage makes the hamster?\nA: Amstrad",
             "Amstrad", "?"));
  QuestionWriter writer(backend, Known::keep, nothing_else);
  QuestionWriter::Work work{.passage = kHamster};
  const auto question = writer.next(work, Cancel());
  ASSERT_TRUE(question && *question);
  EXPECT_EQ((*question)->exam.question, "Which company makes the hamster?");
  while (*writer.next(work, Cancel())) {
  }
  EXPECT_EQ(writer.report().n_kept, 1U);
}

TEST(QuestionWriter, says_what_a_question_is_about_where_it_does_not_say_it) {
  ScriptedBackend backend(script("Q: Which company makes the thing?\nA: Amstrad", "Amstrad", "?"));
  QuestionWriter writer(backend, Known::keep, nothing_else);
  auto passage = kHamster;
  passage.title = "3. Animals › 3.2.1. Toys of wood";
  QuestionWriter::Work work{.passage = passage};
  const auto question = writer.next(work, Cancel());
  ASSERT_TRUE(question && *question);
  EXPECT_EQ((*question)->exam.question, "About Toys of wood: Which company makes the thing?");
}

TEST(QuestionWriter, rejects_a_question_that_another_passage_answers_otherwise) {
  const Passage other{"d", "gerbil", "The gerbil is a mouse too, made by Acorn."};
  ScriptedBackend backend([](const Prompt& prompt) -> Result<std::string> {
    if (prompt.user.contains("two quiz")) {
      return "Q: Which company makes the hamster?\nA: Amstrad\n"
             "Q: Since when is the hamster made?\nA: 1995";
    }
    if (prompt.user.contains("one quiz")) return "";
    if (prompt.user.contains("Since when")) return "1995";
    return prompt.user.contains("gerbil") ? "Acorn" : "Amstrad";
  });
  QuestionWriter writer(backend, Known::keep,
                        [&](const std::string&) -> Result<std::vector<Passage>> {
                          return std::vector<Passage>{other};
                        });
  QuestionWriter::Work work{.passage = kHamster};
  const auto question = writer.next(work, Cancel());
  ASSERT_TRUE(question && *question);
  EXPECT_EQ((*question)->exam.question, "Since when is the hamster made?");
  EXPECT_EQ(writer.report().n_rejected[static_cast<std::size_t>(Rejection::open_ended)], 1U);
}

TEST(QuestionWriter, asks_nothing_twice_and_passes_the_backends_error_on) {
  ScriptedBackend twice(
      script("Q: Which company makes the hamster?\nA: Amstrad\n"
             "Q: which company makes the Hamster?\nA: Amstrad",
             "Amstrad", "?"));
  QuestionWriter writer(twice, Known::keep, nothing_else);
  QuestionWriter::Work work{.passage = kHamster};
  while (*writer.next(work, Cancel())) {
  }
  EXPECT_EQ(writer.report().n_rejected[static_cast<std::size_t>(Rejection::twice)], 1U);

  ScriptedBackend down([](const Prompt&) { return fail(ErrorCode::offline, "nobody there"); });
  QuestionWriter other(down, Known::keep, nothing_else);
  QuestionWriter::Work again{.passage = kHamster};
  EXPECT_EQ(other.next(again, Cancel()).error().code, ErrorCode::offline);
}

}  // namespace
}  // namespace plmm::teacher
