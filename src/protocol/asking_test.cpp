// Tests of asking an expert who may lie.
#include "protocol/asking.h"

#include <gtest/gtest.h>

#include "protocol/example.h"

namespace plmm::protocol {
namespace {

/// Says what it is told to say.
class Parrot : public ExpertPort {
 public:
  std::vector<AnswerChunk> chunks{{0, "A mutex lets one"}, {1, " thread in at a time. [1]"}};
  Result<AnswerEnd> end = example_end();

  Result<ExpertCard> card() override { return example_card(); }
  Result<AnswerEnd> ask(const Ask&, const OnChunk& on_chunk, const Cancel&) override {
    for (const auto& chunk : chunks) on_chunk(chunk);
    return end;
  }
  Result<Verdict> contribute(const Contribution&, const Cancel&) override {
    return fail(ErrorCode::unsupported, "it learns nothing");
  }
};

struct Heard {
  Result<CheckedAnswer> answer;
  std::string text;  // passed on
};

Heard ask(Parrot& parrot) {
  std::string text;
  auto answer = ask_and_check(
      parrot, example_card(), example_ask(), [&](const AnswerChunk& chunk) { text += chunk.text; },
      Cancel());
  return {std::move(answer), std::move(text)};
}

TEST(Marks, of_citations_are_no_part_of_an_answer) {
  EXPECT_EQ(without_marks("Two. [1] Three [12], [x] [1"), "Two. Three, [x] [1");
  EXPECT_EQ(without_marks("Use a[1]. [2]"), "Use a[1].");
  EXPECT_EQ(without_marks("None [] [3"), "None [] [3");
}

TEST(Asking, joins_the_pieces_of_a_true_answer) {
  Parrot parrot;
  const auto heard = ask(parrot);
  ASSERT_TRUE(heard.answer) << heard.answer.error().what;
  EXPECT_EQ(heard.answer->text, kExampleAnswer);
  EXPECT_EQ(heard.text, kExampleAnswer);
  EXPECT_EQ(heard.answer->end, example_end());
}

TEST(Asking, stops_at_a_piece_that_is_missing_or_comes_twice) {
  for (const std::uint64_t number : {0, 2}) {
    Parrot parrot;
    parrot.chunks[1].number = number;
    const auto heard = ask(parrot);
    EXPECT_EQ(heard.answer.error().code, ErrorCode::corrupt_data);
    EXPECT_EQ(heard.text, "A mutex lets one");
  }
}

TEST(Asking, stops_at_a_piece_that_is_not_utf8) {
  Parrot parrot;
  parrot.chunks[1].text += "\xC3";
  EXPECT_EQ(ask(parrot).text, "A mutex lets one");
}

TEST(Asking, stops_an_answer_without_end) {
  Parrot parrot;
  parrot.chunks.clear();
  for (std::uint64_t i = 0; i < 100; ++i) parrot.chunks.push_back({i, std::string(16'000, 'x')});
  const auto heard = ask(parrot);
  EXPECT_EQ(heard.answer.error().code, ErrorCode::limit_exceeded);
  EXPECT_LE(heard.text.size(), kAnswerBytesMax);
}

TEST(Asking, does_not_believe_a_receipt_for_other_words) {
  Parrot parrot;
  parrot.chunks[0].text = "A mutex lets all";
  EXPECT_EQ(ask(parrot).answer.error().code, ErrorCode::corrupt_data);
}

TEST(Asking, passes_the_experts_own_error_on) {
  Parrot parrot;
  parrot.end = fail(ErrorCode::offline, "it does not answer");
  const auto heard = ask(parrot);
  EXPECT_EQ(heard.answer.error().code, ErrorCode::offline);
  EXPECT_EQ(heard.text, kExampleAnswer);
}

}  // namespace
}  // namespace plmm::protocol
