// Tests of the search for gaps, with a model and an expert whose words are known.
#include "teacher/gaps.h"

#include <gtest/gtest.h>

#include "teacher/pupil_fixture.h"

namespace plmm::teacher {
namespace {

/// One good question about each passage: its second word is the answer, its title is named.
Result<std::string> write(const Prompt& prompt) {
  const auto lines = prompt.user.substr(std::string("Passage:\n").size());
  const auto title = lines.substr(0, lines.find('\n'));
  const auto text = lines.substr(title.size() + 1);
  const auto answer = std::string(words_of(text)[1]);
  if (prompt.user.contains("two quiz")) {
    return "Q: What stands second about " + title + " here?\nA: " + answer;
  }
  if (prompt.user.contains("one quiz")) return "";
  return answer;
}

Source source() {
  Source out;
  for (const char* name : {"quokkas", "wombats", "numbats", "bilbies"}) {
    const auto passage = long_passage(name, "The x" + std::string(name) + " lives far away.");
    EXPECT_TRUE(out.add("animals.txt", passage.title, passage.text));
  }
  EXPECT_TRUE(out.add("animals.txt", "short", "Too short."));
  return out;
}

TEST(Gaps, are_asked_about_what_the_library_lacks_only) {
  ScriptedBackend backend(write);
  const auto all = source();
  ScriptedPupil pupil({all.passages()[0]});
  const auto report = find_gaps(all, backend, pupil, {.known = Known::keep}, nullptr, Cancel());
  ASSERT_TRUE(report) << report.error().what;
  EXPECT_EQ(report->n_held, 1U);
  EXPECT_EQ(report->n_short, 1U);
  ASSERT_EQ(report->questions.size(), 3U);
  for (const auto& asked : report->questions) {
    EXPECT_FALSE(asked.is_right);
    EXPECT_EQ(asked.said, "I found nothing.");
    EXPECT_EQ(asked.exam.topic, "animals.txt");
    EXPECT_NE(asked.passage->title, "quokkas");
  }
  EXPECT_EQ(report->score().n_right, 0U);
}

TEST(Gaps, a_question_that_the_library_answers_waits_for_the_others) {
  ScriptedBackend backend([](const Prompt& prompt) -> Result<std::string> {
    if (prompt.user.contains("two quiz")) {
      return "Q: Which colour has the quokka there?\nA: red\nQ: Which food does the quokka "
             "like?\nA: melons";
    }
    if (prompt.user.contains("one quiz") || !prompt.user.contains("Passage:")) return "";
    return prompt.user.contains("Which colour") ? "red" : "melons";
  });
  Source one;
  const auto passage = long_passage("the animals", "The quokka is red and likes melons.");
  ASSERT_TRUE(one.add("animals.txt", passage.title, passage.text));
  ScriptedPupil pupil({long_passage("colour", "Each quokka has a colour, and it is red.")});
  const GapOptions options{.n_questions = 1, .seed = 1, .known = Known::keep};
  const auto report = find_gaps(one, backend, pupil, options, nullptr, Cancel());
  ASSERT_TRUE(report) << report.error().what;
  ASSERT_EQ(report->questions.size(), 1U);
  EXPECT_EQ(report->questions[0].exam.answers.front(), "melons");
  // With room for both, the other one is asked too.
  ScriptedBackend again(backend);
  const auto both = find_gaps(one, again, pupil, {.known = Known::keep}, nullptr, Cancel());
  ASSERT_EQ(both->questions.size(), 2U);
  EXPECT_EQ(both->questions[1].exam.answers.front(), "red");
  EXPECT_TRUE(both->questions[1].is_right);
}

TEST(Gaps, have_a_topic_of_whole_characters_however_long_the_documents_name_is) {
  Source named;
  const auto passage = long_passage("quokkas", "The quokka lives far away.");
  ASSERT_TRUE(named.add(std::string(eval::kExamTopicBytesMax - 1, 'x') + "\xC3\xA9.txt",
                        passage.title, passage.text));
  ScriptedBackend backend(write);
  ScriptedPupil pupil({});
  const auto report = find_gaps(named, backend, pupil, {.known = Known::keep}, nullptr, Cancel());
  ASSERT_TRUE(report && !report->questions.empty());
  EXPECT_EQ(report->questions[0].exam.topic, std::string(eval::kExamTopicBytesMax - 1, 'x'));
}

TEST(Gaps, are_the_same_for_the_same_seed_and_no_more_than_wanted) {
  const auto ask = [](std::uint64_t seed) {
    ScriptedBackend backend(write);
    ScriptedPupil pupil({});
    const GapOptions options{.n_questions = 2, .seed = seed, .known = Known::keep};
    return find_gaps(source(), backend, pupil, options, nullptr, Cancel())->questions;
  };
  EXPECT_EQ(ask(1).size(), 2U);
  EXPECT_EQ(ask(1), ask(1));
  bool differs = false;
  for (std::uint64_t seed = 2; seed < 12; ++seed) differs = differs || ask(seed) != ask(1);
  EXPECT_TRUE(differs);
}

TEST(Gaps, a_passage_that_got_a_right_answer_is_asked_about_once_more) {
  ScriptedBackend backend([](const Prompt& prompt) -> Result<std::string> {
    if (prompt.user.contains("two quiz")) {
      return "Q: What is said of quokkas, or xquokkas?\nA: lives\n"
             "Q: Where is Quokkatown to be found?\nA: far away";
    }
    return prompt.user.contains("be found") ? "far away" : "lives";
  });
  Source one;
  const auto passage = long_passage("quokkas › life", "The xquokkas lives far away in Quokkatown.");
  ASSERT_TRUE(one.add("animals.txt", passage.title, passage.text));
  // The library has the word that the first question is found by, and nothing of the second.
  ScriptedPupil pupil({{"d", "t", "About xquokkas: everything lives."}});
  pupil.is_lucky = true;
  const GapOptions options{.n_questions = 9, .seed = 0, .known = Known::keep};
  const auto report = find_gaps(one, backend, pupil, options, nullptr, Cancel());
  ASSERT_TRUE(report) << report.error().what;
  ASSERT_EQ(report->questions.size(), 2U);
  EXPECT_TRUE(report->questions[0].is_right);
  EXPECT_FALSE(report->questions[1].is_right);
}

TEST(Gaps, are_looked_for_again_first_where_none_showed_yet) {
  ScriptedBackend backend([](const Prompt& prompt) -> Result<std::string> {
    const std::string town = prompt.user.contains("Wombattown") ? "Wombattown" : "Quokkatown";
    if (prompt.user.contains("two quiz")) {
      return "Q: Where is " + town + " to be found?\nA: far away\nQ: Who lives there in " + town +
             "?\nA: the mayor";
    }
    if (prompt.user.contains("one quiz")) return "";
    return prompt.user.contains("Who lives") ? "the mayor" : "far away";
  });
  Source towns;
  for (const std::string town : {"Quokkatown", "Wombattown"}) {
    const auto passage =
        long_passage("towns › " + town, "Far away the mayor lives in " + town + ".");
    ASSERT_TRUE(towns.add("towns.txt", passage.title, passage.text));
  }
  // More of a title that showed a gap can wait.
  const auto more = long_passage("towns › Quokkatown", "The mayor lives far away in Quokkatown.");
  ASSERT_TRUE(towns.add("towns.txt", more.title, more.text));
  // The expert knows where one of them is, and nothing else.
  ScriptedPupil pupil({{"d", "t", "Wombattown: far away."}});
  pupil.is_lucky = true;
  const GapOptions options{.n_questions = 3, .seed = 0, .known = Known::keep};
  const auto report = find_gaps(towns, backend, pupil, options, nullptr, Cancel());
  ASSERT_TRUE(report) << report.error().what;
  ASSERT_EQ(report->questions.size(), 3U);
  EXPECT_EQ(report->questions[2].exam.question, "Who lives there in Wombattown?");
}

TEST(Gaps, of_a_title_are_looked_for_in_its_other_passages_before_more_is_asked_about_one) {
  ScriptedBackend backend([](const Prompt& prompt) -> Result<std::string> {
    if (prompt.user.contains("two quiz")) {
      return prompt.user.contains("river")
                 ? "Q: Which river flows through Quokkatown?\nA: the Swan\n"
                   "Q: Which river crosses Quokkatown?\nA: the Swan"
                 : "Q: Where is Quokkatown to be found?\nA: far away\n"
                   "Q: Who lives there in Quokkatown?\nA: the mayor";
    }
    if (prompt.user.contains("one quiz")) return "";
    if (prompt.user.contains("Which river")) return "the Swan";
    return prompt.user.contains("Who lives") ? "the mayor" : "far away";
  });
  Source town;
  for (const char* text :
       {"Far away the mayor lives in Quokkatown.", "The river of Quokkatown is called the Swan."}) {
    const auto passage = long_passage("towns › Quokkatown", text);
    ASSERT_TRUE(town.add("towns.txt", passage.title, passage.text));
  }
  ScriptedPupil pupil({{"d", "t", "Quokkatown: far away. The mayor. The river is the Swan."}});
  pupil.is_lucky = true;
  const GapOptions options{.n_questions = 2, .seed = 0, .known = Known::keep};
  const auto report = find_gaps(town, backend, pupil, options, nullptr, Cancel());
  ASSERT_TRUE(report) << report.error().what;
  ASSERT_EQ(report->questions.size(), 2U);
  EXPECT_NE(report->questions[0].passage, report->questions[1].passage);
}

TEST(Gaps, are_found_however_much_of_the_source_is_known) {
  ScriptedBackend backend(write);
  auto all = source();
  std::vector<Passage> known;
  for (int i = 0; i < 500; ++i) {
    const auto name = "known" + std::to_string(i);
    const auto passage = long_passage(name, "The x" + name + " lives far away.");
    ASSERT_TRUE(all.add("animals.txt", passage.title, passage.text));
    known.push_back(passage);
  }
  ScriptedPupil pupil(known);
  const auto report = find_gaps(all, backend, pupil, {.known = Known::keep}, nullptr, Cancel());
  ASSERT_TRUE(report) << report.error().what;
  EXPECT_EQ(report->n_held, 500U);
  EXPECT_EQ(report->questions.size(), 4U);
}

TEST(Gaps, stop_when_a_person_stops_them) {
  ScriptedBackend backend(write);
  ScriptedPupil pupil({});
  Cancel cancel;
  cancel.request();
  const auto report = find_gaps(source(), backend, pupil, {}, nullptr, cancel);
  EXPECT_EQ(report.error().code, ErrorCode::cancelled);
}

TEST(Gaps, a_passage_that_the_model_cannot_read_is_passed_over) {
  int n = 0;
  ScriptedBackend backend([&](const Prompt& prompt) -> Result<std::string> {
    if (n++ == 0) return fail(ErrorCode::limit_exceeded, "too long");
    return write(prompt);
  });
  ScriptedPupil pupil({});
  const auto report =
      find_gaps(source(), backend, pupil, {.known = Known::keep}, nullptr, Cancel());
  ASSERT_TRUE(report) << report.error().what;
  EXPECT_EQ(report->questions.size(), 3U);
}

TEST(Gaps, a_persons_own_questions_are_asked_as_they_are) {
  ScriptedPupil pupil({{"d", "t", "The capital is Canberra."}});
  const std::vector<eval::ExamQuestion> own{{"What is the capital?", {"Canberra"}, "cities"},
                                            {"What is the parliament?", {"[1]"}, "cities"}};
  std::size_t n_told = 0;
  const auto report = ask_all(
      own, pupil, [&](const GapProgress& progress) { n_told = progress.n_asked; }, Cancel());
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->questions[0].is_right);
  EXPECT_FALSE(report->questions[1].is_right);
  EXPECT_EQ(n_told, 2U);
  const auto topics = by_topic(report->questions);
  ASSERT_EQ(topics.size(), 1U);
  EXPECT_EQ(topics[0].topic, "cities");
  EXPECT_EQ(topics[0].score, (eval::Score{2, 1}));
}

TEST(Source, cuts_names_to_their_limits_at_whole_characters) {
  Source source;
  std::string name;
  for (int i = 0; i < 150; ++i) name += "ä";
  ASSERT_TRUE(source.add(name, name + "\n", "Some text."));
  const auto& passage = source.passages().at(0);
  EXPECT_EQ(passage.document.size(), 200U);
  protocol::Release release;
  release.expert = "x";
  release.model = "m";
  release.passages = {passage};
  EXPECT_TRUE(protocol::check(release));
}

TEST(Source, asks_about_each_title_before_it_asks_about_one_again) {
  std::vector<Passage> passages;
  for (int i = 0; i < 9; ++i) passages.push_back({"d", "long", "part " + std::to_string(i)});
  passages.push_back({"d", "other", "x"});
  const auto order = asking_order(passages, 3);
  EXPECT_EQ(order.size(), 10U);
  EXPECT_TRUE(order[0] == 9 || order[1] == 9);
}

}  // namespace
}  // namespace plmm::teacher
