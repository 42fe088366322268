// Where questions go: a table of wordings, and real embeddings of 206 questions.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "personal/local_signs.h"
#include "personal/router.h"

namespace plmm::personal {
namespace {

constexpr std::size_t kDimension = 384;

struct Labelled {
  std::string label;
  std::string text;
};

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> out;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find(separator, begin);
    out.push_back(text.substr(begin, end - begin));
    if (end == std::string::npos) return out;
    begin = end + 1;
  }
}

/// The rows of a file, one label, a tab and a text each.
std::vector<Labelled> read_table(const std::string& name) {
  std::vector<Labelled> out;
  for (const std::string& line :
       split(read_file("testdata/routing/" + name, 1 << 20).value(), '\n')) {
    const auto fields = split(line, '\t');
    if (fields.size() == 2) out.push_back({fields[0], fields[1]});
  }
  return out;
}

/// testdata/routing: questions, cards and everyday topics with their embeddings.
class Routing : public ::testing::Test {
 protected:
  void SetUp() override {
    bytes_ = read_file("testdata/routing/embeddings.i8", 1 << 20).value();
    questions_ = read_table("questions.tsv");
    for (std::size_t i = 0; i < questions_.size(); ++i) embeddings_.push_back(next());
    for (const Labelled& card : read_table("cards.tsv")) {
      RoutedExpert expert{card.label, {}};
      for (std::size_t i = 0; i < split(card.text, ';').size(); ++i)
        expert.topics.push_back(next());
      experts_.push_back(expert);
    }
    for (std::size_t i = 0; i < everyday_topics().size(); ++i) everyday_.push_back(next());
    ASSERT_EQ(at_, bytes_.size()) << "testdata/routing/README.md says how to make the rows anew";
  }

  Embedding next() {
    Embedding out;
    double square = 0;
    for (std::size_t i = 0; i < kDimension && at_ < bytes_.size(); ++i) {
      const auto value = static_cast<float>(static_cast<signed char>(bytes_[at_++]));
      out.push_back(value);
      square += static_cast<double>(value) * static_cast<double>(value);
    }
    for (float& value : out) value /= static_cast<float>(std::sqrt(square));
    return out;
  }
  Route routed(std::size_t i, std::optional<double> certainty = {}) const {
    return route({questions_[i].text, embeddings_[i], experts_, everyday_, certainty}, {});
  }
  std::size_t index_of(std::string_view text) const {
    std::size_t i = 0;
    while (i < questions_.size() && questions_[i].text != text) ++i;
    return i;
  }

  std::string bytes_;
  std::size_t at_ = 0;
  std::vector<Labelled> questions_;
  std::vector<Embedding> embeddings_;
  std::vector<RoutedExpert> experts_;
  std::vector<Embedding> everyday_;
};

TEST_F(Routing, finds_the_right_expert_or_none_and_keeps_what_is_personal) {
  std::map<std::string, std::pair<int, int>> by_label;  // right, all
  for (std::size_t i = 0; i < questions_.size(); ++i) {
    const std::string& label = questions_[i].label;
    const bool stays = label == "general" || label == "personal";
    const Route got = routed(i);
    const bool is_right = got.expert.value_or("none") == (stays ? "none" : label);
    by_label[label].first += is_right ? 1 : 0;
    ++by_label[label].second;
    if (label == "personal") {
      EXPECT_TRUE(is_right) << questions_[i].text;
    }
  }
  const auto share = [&](const std::string& label) {
    return static_cast<double>(by_label[label].first) / by_label[label].second;
  };
  ASSERT_EQ(by_label.size(), 5U);
  EXPECT_EQ(share("personal"), 1.0);
  EXPECT_GE(share("general"), 0.9);
  EXPECT_GE(share("finance"), 0.95);
  EXPECT_GE(share("it"), 0.85);
  EXPECT_GE(share("art"), 0.75);
  EXPECT_GE((share("general") + share("it") + share("finance") + share("art")) / 4, 0.88);
}

TEST_F(Routing, asks_nobody_when_the_model_is_sure) {
  const std::size_t i = index_of("What is the difference between TCP and UDP?");
  ASSERT_LT(i, questions_.size());
  EXPECT_EQ(routed(i).expert, "it");
  EXPECT_EQ(routed(i).reasons, std::vector{Reason::expert_fits});
  EXPECT_EQ(routed(i, 0.89).expert, "it");
  EXPECT_EQ(routed(i, 0.89).reasons, (std::vector{Reason::expert_fits, Reason::model_is_unsure}));
  EXPECT_EQ(routed(i, 0.9).expert, std::nullopt);
  EXPECT_EQ(routed(i, 0.9).reasons, std::vector{Reason::model_is_sure});
  RouterSettings never;
  never.certainty_min = 0;
  EXPECT_EQ(route({questions_[i].text, embeddings_[i], experts_, everyday_, 0.0}, never).expert,
            std::nullopt);
}

TEST_F(Routing, an_everyday_topic_of_an_expert_is_that_experts) {
  std::vector<RoutedExpert> zoo{{"zoo", {everyday_[3]}}};  // animals and plants
  const std::size_t i = index_of("What do pandas eat?");
  ASSERT_LT(i, questions_.size());
  EXPECT_EQ(routed(i).expert, std::nullopt);
  EXPECT_EQ(route({questions_[i].text, embeddings_[i], zoo, everyday_, {}}, {}).expert, "zoo");
}

TEST(Router, stays_here_without_experts_or_embeddings) {
  const std::vector<RoutedExpert> experts{{"it", {{1, 0}}}};
  const Embedding embedding{1, 0};
  EXPECT_EQ(route({"What is a mutex?", {}, experts, {}, {}}, {}).reasons[0], Reason::no_embedding);
  EXPECT_EQ(route({"What is a mutex?", embedding, {}, {}, {}}, {}).reasons[0],
            Reason::no_embedding);
  EXPECT_EQ(route({"What is a mutex?", embedding, experts, {}, {}}, {}).expert, "it");
}

TEST(Router, does_what_the_person_says) {
  EXPECT_EQ(route_chosen("art", {}).expert, "art");
  EXPECT_EQ(route_chosen({}, {}).expert, std::nullopt);
  EXPECT_EQ(route_chosen({}, {}).reasons, std::vector{Reason::person_chose});
}

std::string sign_of(std::string_view text) {
  const auto sign = find_local_sign(text);
  if (!sign) return "none";
  return std::string(name_of(sign->reason)) + (sign->strength == Strength::weak ? " (weak)" : "");
}

TEST(LocalSigns, are_found_in_wording) {
  const std::vector<Labelled> table{{"own_profile", "What\xE2\x80\x99s MY name?"},
                                    {"own_profile", "what instrument do I play"},
                                    {"own_profile", "Do I know Python?"},
                                    {"own_profile", "Am I a teacher?"},
                                    {"own_profile (weak)", "I'm Mira and I teach"},
                                    {"own_profile (weak)", "What could I cook for my sister?"},
                                    {"this_conversation", "What did you mean?"},
                                    {"small_talk", ""},
                                    {"small_talk", "?!"},
                                    {"small_talk", "hi"},
                                    {"small_talk", "Thanks, that was very helpful of you"},
                                    {"writing_task", "please write a short poem"},
                                    {"writing_task (weak)", "Summarise Impressionism"},
                                    {"translation", "How do you say bread in Italian?"},
                                    {"translation", "What does Brot mean in English?"}};
  for (const Labelled& row : table) EXPECT_EQ(sign_of(row.text), row.label) << row.text;
}

TEST(LocalSigns, are_not_seen_where_there_are_none) {
  for (const char* text :
       {"What is a mutex?", "How do I list files?", "Which command do I need to list files?",
        "Write a Python function", "Translate this SQL query to Java code",
        "Why am I getting an error?", "What do I do if the disk is full?",
        "Hello, how do I list files in Linux?", "Who painted the Mona Lisa?",
        "What is a bond's coupon?", "Am I liable for this tax?", "Who was Myname?"}) {
    EXPECT_EQ(sign_of(text), "none") << text;
  }
}

TEST(LocalSigns, stand_any_bytes) {
  for (const char* text : {" ", "do i", "am i", "am i ", "my", "\xE2\x80", "\xE2\x80\x99",
                           "what do i", "please please please", "translate", "''''"}) {
    static_cast<void>(find_local_sign(text));
  }
}

}  // namespace
}  // namespace plmm::personal
