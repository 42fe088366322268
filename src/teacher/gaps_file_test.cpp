// Tests of the file of gaps: golden bytes, and each way to be wrong.
#include "teacher/gaps_file.h"

#include <gtest/gtest.h>

namespace plmm::teacher {
namespace {

constexpr std::string_view kHead =
    R"({"expert":"it","kind":"gaps","made_ms":1800000000000,"model":"qwen","release":3,)"
    R"("sources":["/srv/a.txt"],"version":1})"
    "\n";
constexpr std::string_view kQuestion =
    R"({"answers":["Amstrad"],"document":"foldoc","question":"Who makes it?","right":false,)"
    R"("said":"I do not know.","text":"Made by Amstrad.","title":"hamster","topic":"foldoc"})"
    "\n";

GapsFile example() {
  GapsFile out{.expert = "it",
               .release = 3,
               .model = "qwen",
               .made_ms = 1'800'000'000'000,
               .sources = {"/srv/a.txt"},
               .questions = {}};
  out.questions.push_back({{"Who makes it?", {"Amstrad"}, "foldoc"},
                           Passage{"foldoc", "hamster", "Made by Amstrad."},
                           "I do not know.",
                           false});
  return out;
}

TEST(GapsFile, is_written_in_one_way_and_read_again) {
  const auto text = write_gaps(example());
  ASSERT_TRUE(text) << text.error().what;
  EXPECT_EQ(*text, std::string(kHead) + std::string(kQuestion));
  EXPECT_EQ(*read_gaps(*text), example());
  auto own = example();
  own.questions[0].passage.reset();
  EXPECT_EQ(*read_gaps(*write_gaps(own)), own);
}

struct Wrong {
  const char* name;
  std::string text;
  ErrorCode code;
  const char* what;
};
class WrongGaps : public testing::TestWithParam<Wrong> {};

TEST_P(WrongGaps, are_refused_with_the_line_named) {
  const auto result = read_gaps(GetParam().text);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, GetParam().code) << result.error().what;
  EXPECT_NE(result.error().what.find(GetParam().what), std::string::npos) << result.error().what;
}

std::string with(std::string_view from, std::string_view to) {
  auto out = std::string(kHead) + std::string(kQuestion);
  const auto at = out.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? out : out.replace(at, from.size(), to);
}

std::vector<Wrong> wrong_gaps() {
  using enum ErrorCode;
  std::string many(kHead);
  for (std::size_t i = 0; i <= kGapQuestionsMax; ++i) many += kQuestion;
  return {
      {"empty", "", corrupt_data, "empty"},
      {"huge", std::string(kGapsBytesMax + 1, ' '), limit_exceeded, "larger"},
      {"not_json", "{", corrupt_data, "line 1"},
      {"deep", R"({"a":[[[[[1]]]]]})", corrupt_data, "line 1"},
      {"newer", with(R"("version":1)", R"("version":2)"), unsupported, "version 2"},
      {"kind", with(R"("kind":"gaps")", R"("kind":"x")"), corrupt_data, "'kind'"},
      {"expert", with(R"("it")", R"("../it")"), corrupt_data, "'expert'"},
      {"release", with(R"("release":3)", R"("release":0)"), corrupt_data, "'release'"},
      {"release_over", with(R"("release":3)", R"("release":4294967296)"), corrupt_data,
       "'release'"},
      {"time", with("1800000000000", "-1"), corrupt_data, "'made_ms'"},
      {"model", with(R"("qwen")", R"("")"), corrupt_data, "'model'"},
      {"sources", with(R"(["/srv/a.txt"])", "7"), corrupt_data, "'sources'"},
      {"source", with(R"("/srv/a.txt")", "7"), corrupt_data, "'sources'"},
      {"question", with(R"("Who makes it?")", R"("")"), corrupt_data, "line 2: 'question'"},
      {"answers", with(R"(["Amstrad"])", "[]"), corrupt_data, "line 2: 'answers'"},
      {"answer", with(R"(["Amstrad"])", R"(["?"])"), corrupt_data, "line 2: 'answers'"},
      {"right", with(R"("right":false)", R"("right":0)"), corrupt_data, "line 2: 'right'"},
      {"said", with(R"("said")", R"("sad")"), corrupt_data, "line 2: 'said'"},
      {"title", with(R"("title")", R"("tilt")"), corrupt_data, "line 2: 'title'"},
      {"passage", with("Made by", std::string(protocol::kPassageBytesMax, 'x')), limit_exceeded,
       "line 2: 'text'"},
      {"not_utf8", with("Made by", "\xFF"), corrupt_data, "line 2"},
      {"many", many, limit_exceeded, "'questions'"},
  };
}

INSTANTIATE_TEST_SUITE_P(GapsFile, WrongGaps, testing::ValuesIn(wrong_gaps()),
                         [](const auto& wrong) { return std::string(wrong.param.name); });

}  // namespace
}  // namespace plmm::teacher
