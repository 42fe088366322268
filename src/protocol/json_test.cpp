// Tests of the messages as JSON: golden bytes, and each way to be wrong.
#include "protocol/json.h"

#include <gtest/gtest.h>

#include <array>

#include "protocol/example.h"

namespace plmm::protocol {
namespace {

// Also in docs/formats/protocol.md.
constexpr std::string_view kAskJson =
    R"({"expert":"it","kind":"ask","n_answer_tokens_max":64,)"
    R"("payer":"00000000000000030000000000000004","price_max":3560,)"
    R"("question":"What is a mutex?\nBriefly, naïvely.",)"
    R"("request":"0123456789abcdef00000000000000ff",)"
    R"("reservation":"00000000000000010000000000000002","version":1})";

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out(text);
  const auto at = out.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? out : out.replace(at, from.size(), to);
}

TEST(ProtocolJson, is_written_in_one_way_only) {
  EXPECT_EQ(*to_json(example_ask()), kAskJson);
  EXPECT_EQ(*to_json(example_chunk()),
            R"({"kind":"chunk","number":3,"text":" thread","version":1})");
  EXPECT_EQ(*to_json(example_quote()),
            R"({"expert":"it","kind":"quote","n_tokens_in_max":1024,"n_tokens_out_max":64,)"
            R"("price_max":3560,"release":2,"version":1})");
  EXPECT_EQ(*to_json(Error{ErrorCode::offline, "nobody there"}),
            R"({"code":"offline","kind":"error","version":1,"what":"nobody there"})");
  EXPECT_EQ(*to_json(example_card()),
            R"({"base_model":"qwen2.5-coder-1.5b","kind":"card","n_passages":15000,)"
            R"("n_tokens_in_max":1024,"name":"it","prices":{"per_1000_tokens_in":2000,)"
            R"("per_1000_tokens_out":8000,"per_request":1000},"public_key":)"
            R"("ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c",)"
            R"("release":2,"summary":"Computing terms and commands","title":"IT",)"
            R"("topics":["programming","networks"],"version":1})");
}

TEST(ProtocolJson, an_end_carries_citations_and_a_receipt) {
  const auto json = *to_json(example_end());
  EXPECT_TRUE(json.starts_with(
      R"({"citations":[{"document":"foldoc","number":1,"passage":812,)"
      R"("text":"A mutex lets one thread in at a time.","title":"mutex"}],"kind":"end",)"
      R"("outcome":"answered","receipt":{"answer_sha256":)"))
      << json;
}

TEST(ProtocolJson, reads_what_it_writes) {
  EXPECT_EQ(*parse_card(*to_json(example_card())), example_card());
  EXPECT_EQ(*parse_quote(*to_json(example_quote())), example_quote());
  EXPECT_EQ(*parse_ask(*to_json(example_ask())), example_ask());
  EXPECT_EQ(*parse_chunk(*to_json(example_chunk())), example_chunk());
  EXPECT_EQ(*parse_end(*to_json(example_end())), example_end());
  EXPECT_EQ(*parse_receipt(*to_json(example_end().receipt)), example_end().receipt);
  const auto error = parse_error(*to_json(Error{ErrorCode::cancelled, "stopped"}));
  EXPECT_EQ(error->code, ErrorCode::cancelled);
  EXPECT_EQ(error->what, "stopped");
}

TEST(ProtocolJson, ignores_fields_that_it_does_not_know) {
  EXPECT_EQ(*parse_ask(replaced(kAskJson, "{", R"({"a":{"b":[1,{"c":null}]},)")), example_ask());
}

TEST(ProtocolJson, refuses_another_version_and_names_both) {
  const auto result = parse_ask(replaced(kAskJson, R"("version":1)", R"("version":2)"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::unsupported);
  EXPECT_EQ(result.error().what,
            "ask: the other side speaks version 2 of the protocol, this plmm speaks version 1. "
            "Update the older of the two.");
}

TEST(ProtocolJson, looks_at_the_version_before_any_other_field) {
  EXPECT_EQ(parse_card(R"({"version":7})").error().code, ErrorCode::unsupported);
}

TEST(ProtocolJson, an_error_with_a_code_of_the_future_is_still_an_error) {
  const auto error = parse_error(R"({"code":"tired","kind":"error","version":1,"what":"zzz"})");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::io);
  EXPECT_EQ(error->what, "zzz");
}

TEST(ProtocolJson, an_error_that_is_cut_inside_a_character_is_still_utf8) {
  const auto json = to_json(Error{ErrorCode::io, "x" + std::string(kErrorBytesMax, '\xC3')});
  EXPECT_TRUE(parse_error(*json));
}

struct Wrong {
  const char* name;
  std::string json;
  ErrorCode code;
  const char* what;  // in the error's text
};

class WrongAsk : public testing::TestWithParam<Wrong> {};

TEST_P(WrongAsk, is_refused_with_the_field_named) {
  const auto result = parse_ask(GetParam().json);
  ASSERT_FALSE(result) << GetParam().name;
  EXPECT_EQ(result.error().code, GetParam().code) << result.error().what;
  EXPECT_NE(result.error().what.find(GetParam().what), std::string::npos) << result.error().what;
}

std::string nested(int depth) {
  std::string out = R"({"a":)";
  for (int i = 0; i < depth; ++i) out += '[';
  for (int i = 0; i < depth; ++i) out += ']';
  return out + "}";
}

std::vector<Wrong> wrong_asks() {
  using enum ErrorCode;
  const auto with = [](std::string_view from, std::string_view to) {
    return replaced(kAskJson, from, to);
  };
  const std::string too_long(kQuestionBytesMax + 1, 'x');
  return {
      {"empty", "", corrupt_data, "not a JSON object"},
      {"not_json", "{", corrupt_data, "not a JSON object"},
      {"list", "[]", corrupt_data, "not a JSON object"},
      {"more_behind", std::string(kAskJson) + "{}", corrupt_data, "not a JSON object"},
      {"not_utf8", with("naïvely", "na\xEFvely"), corrupt_data, "not UTF-8 at byte"},
      {"huge", std::string(kMessageBytesMax + 1, ' '), limit_exceeded, "larger than"},
      {"deep", nested(kDepthMax + 1), limit_exceeded, "nested deeper"},
      {"very_deep", nested(100'000), limit_exceeded, "nested deeper"},
      {"twice", with("{", R"({"expert":"art",)"), corrupt_data, "a key twice"},
      {"twice_below", with("{", R"({"x":[{"a":1,"b":2,"a":3}],)"), corrupt_data, "a key twice"},
      {"no_version", with(R"(,"version":1)", ""), corrupt_data, "'version'"},
      {"kind", with(R"("kind":"ask")", R"("kind":"card")"), corrupt_data, "another kind"},
      {"missing", with(R"("expert":"it",)", ""), corrupt_data, "'expert' is missing"},
      {"type", with(R"("expert":"it")", R"("expert":7)"), corrupt_data, "'expert'"},
      {"name", with(R"("it")", R"("IT")"), invalid_argument, "'expert'"},
      {"path", with(R"("it")", R"("../it")"), invalid_argument, "'expert'"},
      {"id", with("0123456789abcdef", "0123"), corrupt_data, "'request'"},
      {"zero_id", with("0123456789abcdef00000000000000ff", std::string(32, '0')), invalid_argument,
       "'request'"},
      {"fraction", with("3560", "3560.5"), corrupt_data, "'price_max'"},
      {"negative", with("3560", "-1"), invalid_argument, "'price_max' is negative"},
      {"amount", with("3560", "9007199254740992"), corrupt_data, "'price_max'"},
      {"tokens", with(":64", ":1000001"), limit_exceeded, "'n_answer_tokens_max'"},
      {"no_tokens", with(":64", ":0"), invalid_argument, "'n_answer_tokens_max'"},
      {"minus_tokens", with(":64", ":-64"), corrupt_data, "'n_answer_tokens_max'"},
      {"question", with("What is", too_long), limit_exceeded, "'question'"},
      {"payer", with("00000000000000030000000000000004", std::string(32, '0')), invalid_argument,
       "'payer'"},
  };
}

INSTANTIATE_TEST_SUITE_P(ProtocolJson, WrongAsk, testing::ValuesIn(wrong_asks()),
                         [](const auto& wrong) { return std::string(wrong.param.name); });

TEST(ProtocolJson, an_error_never_repeats_what_a_user_wrote) {
  const auto result = parse_ask(replaced(kAskJson, ":64", ":0"));
  EXPECT_EQ(result.error().what.find("mutex"), std::string::npos);
}

TEST(ProtocolJson, does_not_write_what_nobody_would_read) {
  auto card = example_card();
  card.prices.per_request.value = -1;
  EXPECT_EQ(to_json(card).error().code, ErrorCode::invalid_argument);
  card = example_card();
  card.title = "two\nlines";
  EXPECT_EQ(to_json(card).error().code, ErrorCode::invalid_argument);
  card = example_card();
  card.topics.assign(kTopicsMax + 1, "x");
  EXPECT_EQ(to_json(card).error().code, ErrorCode::limit_exceeded);
  auto chunk = example_chunk();
  chunk.text = "\xFF";
  EXPECT_EQ(to_json(chunk).error().code, ErrorCode::invalid_argument);
  auto end = example_end();
  end.citations.assign(kCitationsMax + 1, end.citations[0]);
  EXPECT_EQ(to_json(end).error().code, ErrorCode::limit_exceeded);
}

}  // namespace
}  // namespace plmm::protocol
