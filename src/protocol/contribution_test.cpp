// Tests of contributions and verdicts: golden bytes, signatures, and each way to be wrong.
#include "protocol/contribution.h"

#include <gtest/gtest.h>

#include <functional>

#include "protocol/example.h"

namespace plmm::protocol {
namespace {

constexpr std::string_view kJson =
    R"({"answers":["Ada","Ada of 1987"],"contributor":)"
    R"("fd1724385aa0c75b64fb78cd602fa1d991fdebf76b13c58ed702eac835e9f618","correction":)"
    R"("The naïve mutex was written by Ada in 1987.","expert":"it","id":)"
    R"("11111111111111112222222222222222","kind":"contribution","licence":"CC BY 4.0",)"
    R"("question":"Who wrote the naïve mutex?","signature":)";
constexpr std::string_view kVerdictJson =
    R"({"contribution":"11111111111111112222222222222222","contribution_sha256":)";

std::string hex(std::string_view bytes) { return crypto::to_hex(std::as_bytes(std::span(bytes))); }

TEST(Contribution, is_written_in_one_way_only) {
  const auto json = *to_json(example_contribution());
  EXPECT_TRUE(json.starts_with(kJson)) << json;
  EXPECT_TRUE(json.ends_with(R"(","time_ms":1800000000000,"version":1})")) << json;
  EXPECT_EQ(*parse_contribution(json), example_contribution());
}

TEST(Verdict, is_written_in_one_way_only) {
  const auto json = *to_json(example_verdict());
  EXPECT_TRUE(json.starts_with(kVerdictJson)) << json;
  EXPECT_NE(json.find(R"("expert":"it","kind":"verdict","n_affected":2,"n_exam":40,)"
                      R"("n_right_after":2,"n_right_before":1,"note":"learned",)"
                      R"("reason":"accepted","release":3,"reward":250000,"signature":")"),
            std::string::npos)
      << json;
  EXPECT_EQ(*parse_verdict(json), example_verdict());
}

TEST(Contribution, signs_exactly_the_documented_bytes) {
  EXPECT_EQ(hex(signed_bytes(example_contribution())),
            hex("plmm contribution 1\n") +
                "11111111111111112222222222222222"
                "0002" +
                hex("it") + "0000001b" + hex("Who wrote the naïve mutex?") + "0000002c" +
                hex("The naïve mutex was written by Ada in 1987.") + "0002" + "00000003" +
                hex("Ada") + "0000000b" + hex("Ada of 1987") + "0009" + hex("CC BY 4.0") +
                "000001a3185c5000" + crypto::to_hex(example_contributor().public_key().bytes));
}

TEST(Verdict, signs_exactly_the_documented_bytes) {
  EXPECT_EQ(hex(signed_bytes(example_verdict())),
            hex("plmm verdict 1\n") + "11111111111111112222222222222222" +
                crypto::to_hex(digest_of(example_contribution())) + "0002" + hex("it") +
                "00000003" + "00" + "0007" + hex("learned") + "00000028" + "00000002" + "00000001" +
                "00000002" + "000000000003d090");
}

TEST(Contribution, is_believed_only_as_it_was_signed) {
  EXPECT_TRUE(verify_contribution(example_contribution()));
  const std::vector<std::function<void(Contribution&)>> changes{
      [](auto& c) { c.id.value.low += 1; },
      [](auto& c) { c.expert = "finance"; },
      [](auto& c) { c.question += "?"; },
      [](auto& c) { c.correction += "!"; },
      [](auto& c) { c.answers.pop_back(); },
      [](auto& c) { c.licence = "none"; },
      [](auto& c) { c.time_ms += 1; },
      [](auto& c) { c.signature.bytes[0] ^= std::byte{1}; },
      [](auto& c) { c.contributor = example_key().public_key(); },  // in the name of another
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    auto contribution = example_contribution();
    changes[i](contribution);
    const auto verified = verify_contribution(contribution);
    ASSERT_FALSE(verified) << i;
    EXPECT_EQ(verified.error().code, ErrorCode::corrupt_data) << i;
  }
}

struct Bad {
  std::function<void(Contribution&)> change;
  ErrorCode code;
  const char* what;
};

TEST(Contribution, has_limits_and_names_the_field_that_breaks_one) {
  const auto limit = ErrorCode::limit_exceeded;
  const auto invalid = ErrorCode::invalid_argument;
  const Bad cases[] = {
      {[](auto& c) { c.id = {}; }, invalid, "'id'"},
      {[](auto& c) { c.expert = "It"; }, invalid, "'expert'"},
      {[](auto& c) { c.question = " \n"; }, invalid, "'question'"},
      {[](auto& c) { c.question.assign(kCorrectionBytesMax + 1, 'x'); }, limit, "'question'"},
      {[](auto& c) { c.correction.clear(); }, invalid, "'correction'"},
      {[](auto& c) { c.correction.assign(1 << 20, 'x'); }, limit, "'correction'"},
      {[](auto& c) { c.correction = "\xFF"; }, invalid, "'correction'"},
      {[](auto& c) { c.answers.assign(kCorrectionAnswersMax + 1, "x"); }, limit, "'answers'"},
      {[](auto& c) { c.answers = {std::string(kCorrectionAnswerBytesMax + 1, 'x')}; }, limit,
       "'answers'"},
      {[](auto& c) { c.answers = {""}; }, invalid, "'answers'"},
      {[](auto& c) { c.licence = ""; }, invalid, "'licence'"},
      {[](auto& c) { c.licence = "a\nb"; }, invalid, "'licence'"},
      {[](auto& c) { c.time_ms = -1; }, invalid, "'time_ms'"},
  };
  for (const auto& [change, code, what] : cases) {
    auto contribution = example_contribution();
    change(contribution);
    const auto checked = check(contribution);
    ASSERT_FALSE(checked) << what;
    EXPECT_EQ(checked.error().code, code) << checked.error().what;
    EXPECT_TRUE(checked.error().what.starts_with(what)) << checked.error().what;
    EXPECT_FALSE(to_json(contribution));
  }
}

TEST(Contribution, of_a_megabyte_is_not_even_parsed) {
  const auto parsed = parse_contribution(std::string(1 << 20, ' '));
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, ErrorCode::limit_exceeded);
  EXPECT_EQ(parse_contribution("{\"question\":\"\xFF\"}").error().code, ErrorCode::corrupt_data);
}

TEST(Verdict, is_believed_only_from_the_expert_on_this_contribution) {
  EXPECT_TRUE(check_verdict(example_card(), example_contribution(), example_verdict()));
  const std::vector<std::function<void(Verdict&)>> changes{
      [](auto& v) { v.contribution.value.low += 1; },
      [](auto& v) { v.contribution_sha256[0] ^= std::byte{1}; },
      [](auto& v) { v.expert = "finance"; },
      [](auto& v) { v.release = 1; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    auto verdict = example_verdict();
    changes[i](verdict);
    EXPECT_FALSE(check_verdict(example_card(), example_contribution(), verdict)) << i;
    sign_verdict(verdict, example_key());  // also when the expert itself says so
    const auto checked = check_verdict(example_card(), example_contribution(), verdict);
    ASSERT_FALSE(checked) << i;
    EXPECT_EQ(checked.error().code, ErrorCode::corrupt_data) << i;
  }
  auto forged = example_verdict();
  sign_verdict(forged, example_contributor());
  EXPECT_FALSE(check_verdict(example_card(), example_contribution(), forged));
}

TEST(Verdict, has_figures_that_fit_each_other) {
  const std::vector<std::function<void(Verdict&)>> changes{
      [](auto& v) { v.n_affected = v.n_exam + 1; },
      [](auto& v) { v.n_right_before = v.n_affected + 1; },
      [](auto& v) { v.n_right_after = v.n_affected + 1; },
      [](auto& v) { v.reason = VerdictReason::known; },  // and a reward
      [](auto& v) { v.reward.value = -1; },
      [](auto& v) { v.release = 0; },
      [](auto& v) { v.note = "a\x1b[31m"; },
      [](auto& v) { v.contribution = {}; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    auto verdict = example_verdict();
    changes[i](verdict);
    EXPECT_EQ(check(verdict).error().code, ErrorCode::invalid_argument) << i;
  }
}

}  // namespace
}  // namespace plmm::protocol
