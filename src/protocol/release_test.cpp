// Tests of releases: golden bytes, their signature, and each way to be wrong.
#include "protocol/release.h"

#include <gtest/gtest.h>

#include <functional>

#include "crypto/hash.h"
#include "protocol/example.h"

namespace plmm::protocol {
namespace {

constexpr std::string_view kJson =
    R"({"exam":{"n":40,"n_affected":5,"n_after":4,"n_before":3},"expert":"it","expert_key":)"
    R"("ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c","kind":"release",)"
    R"("made_ms":1800000000000,"model":"qwen2.5-coder-1.5b","number":3,"parent":2,"passages":[)"
    R"({"document":"foldoc","text":"A tailless mouse.","title":"hamster"},)"
    R"({"document":"foldoc","text":"No\ntitle.","title":""}],"questions":[)"
    R"({"answers":["Amstrad","AMS"],"question":"Who makes a naïve hamster?",)"
    R"("right_after":true,"right_before":false,"use":"selected"},)"
    R"({"answers":["hamster"],"question":"What is a tailless mouse?","right_after":true,)"
    R"("right_before":false,"use":"kept_apart"}],"signature":)";

std::string sha256_hex(std::string_view bytes) {
  return crypto::to_hex(crypto::sha256(std::as_bytes(std::span(bytes))));
}

TEST(Release, is_written_in_one_way_only) {
  const auto json = *to_json(example_release());
  EXPECT_TRUE(json.starts_with(kJson)) << json;
  EXPECT_EQ(*parse_release(json), example_release());
}

TEST(Release, signs_exactly_the_documented_bytes) {
  using std::literals::string_literals::operator""s;
  const auto passages =
      "\0\0\0\2"
      "\0\0\0\6foldoc\0\0\0\7hamster\0\0\0\x11"
      "A tailless mouse."
      "\0\0\0\6foldoc\0\0\0\0\0\0\0\x09No\ntitle."s;
  const auto questions =
      "\0\0\0\2"
      "\0\0\0\x1bWho makes a na\xC3\xAFve hamster?\0\0\0\2\0\0\0\7"
      "Amstrad\0\0\0\3"
      "AMS\0\0\1"
      "\0\0\0\x19What is a tailless mouse?\0\0\0\1\0\0\0\7hamster\1\0\1"s;
  const auto release = example_release();
  const auto bytes = signed_bytes(release);
  EXPECT_EQ(crypto::to_hex(std::as_bytes(std::span(bytes))),
            "706c6d6d2072656c6561736520310a"
            "00026974" +
                crypto::to_hex(release.expert_key.bytes) +
                "00000003"
                "00000002"
                "000001a3185c5000"
                "00127177656e322e352d636f6465722d312e3562" +
                sha256_hex(passages) + sha256_hex(questions) +
                "00000028"
                "00000005"
                "00000003"
                "00000004" +
                crypto::to_hex(release.teacher_key.bytes));
  EXPECT_EQ(crypto::to_hex(digest_of(release)), sha256_hex(bytes));
}

TEST(Release, is_not_verified_when_any_field_was_changed) {
  EXPECT_TRUE(verify_release(example_release()));
  const std::vector<std::function<void(Release&)>> changes{
      [](Release& r) { r.expert = "art"; },
      [](Release& r) { r.expert_key.bytes[0] ^= std::byte{1}; },
      [](Release& r) { ++r.number, ++r.parent; },
      [](Release& r) { ++r.made_ms; },
      [](Release& r) { r.model = "gemma"; },
      [](Release& r) { r.passages[0].document += 's'; },
      [](Release& r) { r.passages[1].title = "x"; },
      [](Release& r) { r.passages[1].text += ' '; },
      [](Release& r) { r.passages.pop_back(); },
      [](Release& r) { std::swap(r.passages[0], r.passages[1]); },
      [](Release& r) { r.questions[0].question += '?'; },
      [](Release& r) { r.questions[0].answers.pop_back(); },
      [](Release& r) { r.questions[0].use = QuestionUse::kept_apart; },
      [](Release& r) { r.questions[1].right_before = true; },
      [](Release& r) { r.questions[1].right_after = false; },
      [](Release& r) { r.questions.clear(); },
      [](Release& r) { ++r.exam.n; },
      [](Release& r) { ++r.exam.n_affected; },
      [](Release& r) { --r.exam.n_before; },
      [](Release& r) { ++r.exam.n_after; },
      [](Release& r) { r.teacher_key = r.expert_key; },
      [](Release& r) { r.signature.bytes[0] ^= std::byte{1}; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    auto release = example_release();
    changes[i](release);
    EXPECT_FALSE(verify_release(release)) << i;
  }
}

TEST(Release, no_bit_of_its_json_can_be_flipped) {
  const auto json = *to_json(example_release());
  for (std::size_t bit = 0; bit < 8 * json.size(); ++bit) {
    auto changed = json;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    const auto read = parse_release(changed);
    // Another case of a hex digit is the same release.
    const bool is_same = read && *read == example_release();
    EXPECT_TRUE(!read || is_same || !verify_release(*read)) << bit;
  }
}

TEST(Release, says_how_many_questions_of_each_use_were_right) {
  EXPECT_EQ(figures(example_release(), QuestionUse::kept_apart), (BeforeAfter{1, 0, 1}));
  EXPECT_EQ(figures(example_release(), QuestionUse::selected), (BeforeAfter{1, 0, 1}));
}

TEST(Release, that_breaks_a_limit_is_neither_written_nor_verified) {
  using enum ErrorCode;
  struct Case {
    std::function<void(Release&)> change;
    ErrorCode code;
    const char* what;
  };
  const std::vector<Case> cases{
      {[](Release& r) { r.expert = "IT"; }, invalid_argument, "'expert'"},
      {[](Release& r) { r.number = 4; }, invalid_argument, "'number'"},
      {[](Release& r) { r.parent = 0, r.number = 1; }, invalid_argument, "'parent'"},
      {[](Release& r) { r.parent = 0xFFFFFFFF, r.number = 0; }, invalid_argument, "'number'"},
      {[](Release& r) { r.made_ms = -1; }, invalid_argument, "'made_ms'"},
      {[](Release& r) { r.made_ms = kIntegerMax + 1; }, limit_exceeded, "'made_ms'"},
      {[](Release& r) { r.model = "a\nb"; }, invalid_argument, "'model'"},
      {[](Release& r) { r.passages.clear(); }, invalid_argument, "'passages'"},
      {[](Release& r) { r.passages.assign(kReleasePassagesMax + 1, r.passages[0]); },
       limit_exceeded, "'passages'"},
      {[](Release& r) { r.passages[0].text.clear(); }, invalid_argument, "'text'"},
      {[](Release& r) { r.passages[0].text.assign(kPassageBytesMax + 1, 'x'); }, limit_exceeded,
       "'text'"},
      {[](Release& r) { r.passages[0].text = "\xFF"; }, invalid_argument, "not UTF-8"},
      {[](Release& r) { r.passages[0].title = "\x1b[2J"; }, invalid_argument, "'title'"},
      {[](Release& r) { r.passages[0].document.clear(); }, invalid_argument, "'document'"},
      {[](Release& r) { r.questions.assign(kReleaseQuestionsMax + 1, r.questions[0]); },
       limit_exceeded, "'questions'"},
      {[](Release& r) { r.questions[0].question.clear(); }, invalid_argument, "'question'"},
      {[](Release& r) { r.questions[0].answers.clear(); }, invalid_argument, "'answers'"},
      {[](Release& r) { r.questions[0].answers.assign(kExamAnswersMax + 1, "x"); }, limit_exceeded,
       "'answers'"},
      {[](Release& r) { r.exam.n_after = 6; }, invalid_argument, "'exam'"},
      {[](Release& r) { r.exam.n_before = 6; }, invalid_argument, "'exam'"},
      {[](Release& r) { r.exam.n_affected = 41; }, invalid_argument, "'exam'"},
  };
  for (const auto& one : cases) {
    auto release = example_release();
    one.change(release);
    const auto json = to_json(release);
    ASSERT_FALSE(json) << one.what;
    EXPECT_EQ(json.error().code, one.code) << one.what;
    EXPECT_NE(json.error().what.find(one.what), std::string::npos) << json.error().what;
    EXPECT_FALSE(verify_release(release)) << one.what;
  }
}

TEST(Release, as_json_needs_fields_of_the_right_kind) {
  const auto json = *to_json(example_release());
  const auto with = [&](std::string_view from, std::string_view to) {
    auto out = json;
    const auto at = out.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return parse_release(out.replace(at, from.size(), to)).error();
  };
  EXPECT_NE(with(R"("use":"selected")", R"("use":"other")").what.find("'use'"), std::string::npos);
  EXPECT_NE(with(R"("right_after":true)", R"("right_after":1)").what.find("'right_after'"),
            std::string::npos);
  EXPECT_NE(with(R"(["Amstrad","AMS"])", "[1]").what.find("'answers'"), std::string::npos);
  EXPECT_NE(with(R"("exam":{)", R"("exam":[],"x":{)").what.find("'exam'"), std::string::npos);
  EXPECT_EQ(with("1800000000000", "9007199254740992").code, ErrorCode::corrupt_data);
  EXPECT_EQ(with(R"("version":1)", R"("version":2)").code, ErrorCode::unsupported);
  EXPECT_EQ(parse_release(std::string(kReleaseBytesMax + 1, ' ')).error().code,
            ErrorCode::limit_exceeded);
}

}  // namespace
}  // namespace plmm::protocol
