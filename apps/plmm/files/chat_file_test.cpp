// Tests of saved chats: golden text, and each error by the smallest file that triggers it.
#include "apps/plmm/files/chat_file.h"

#include <gtest/gtest.h>

namespace plmm::files {
namespace {

constexpr std::string_view kGolden = R"({
  "format": "plmm-chat",
  "version": 1,
  "model": "smollm2-135m",
  "system": "Be brief.",
  "messages": [
    {
      "role": "user",
      "content": "Größe?"
    },
    {
      "role": "assistant",
      "content": "one\ntwo"
    }
  ]
}
)";

std::string error_of(std::string_view json) {
  const auto parsed = parse_chat(json, "f");
  return parsed ? "accepted" : parsed.error().what;
}

/// A chat with these messages.
std::string with(std::string_view messages) {
  return R"({"format":"plmm-chat","version":1,"model":"","system":"","messages":)" +
         std::string(messages) + "}";
}

TEST(ChatFile, is_written_and_read_as_the_golden_text) {
  const SavedChat chat{"smollm2-135m",
                       "Be brief.",
                       {{text::Role::user, "Größe?"}, {text::Role::assistant, "one\ntwo"}}};
  EXPECT_EQ(to_json(chat), kGolden);
  const auto read = parse_chat(kGolden, "f").value();
  EXPECT_EQ(read.model, chat.model);
  EXPECT_EQ(read.system, chat.system);
  ASSERT_EQ(read.messages.size(), 2U);
  EXPECT_EQ(read.messages[1].content, "one\ntwo");
}

TEST(ChatFile, broken_utf8_is_written_as_replacement) {
  const SavedChat chat{"", "\xff", {}};
  EXPECT_EQ(parse_chat(to_json(chat), "f").value().system, "\uFFFD");
}

TEST(ChatFile, each_error_is_named) {
  EXPECT_EQ(error_of(""), "f: not a JSON object");
  EXPECT_EQ(error_of("[]"), "f: not a JSON object");
  EXPECT_EQ(error_of("{"), "f: not a JSON object");
  EXPECT_EQ(error_of("{}"), "f: 'format' is missing or no text");
  EXPECT_EQ(error_of(R"({"format":"x"})"), "f: not a saved chat (format is not 'plmm-chat')");
  EXPECT_EQ(error_of(R"({"format":"plmm-chat"})"), "f: 'version' is missing or no number");
  EXPECT_EQ(error_of(R"({"format":"plmm-chat","version":2})"),
            "f: version 2, this plmm reads version 1");
  EXPECT_EQ(error_of(R"({"format":"plmm-chat","version":1})"), "f: 'model' is missing or no text");
  const std::string no_list = "f: 'messages' must be a list of questions, each with its answer";
  EXPECT_EQ(error_of(with("1")), no_list);
  EXPECT_EQ(error_of(with(R"([{"role":"user","content":"x"}])")), no_list);
  EXPECT_EQ(error_of(with("[1,2]")), "f: message 1: not an object");
  EXPECT_EQ(error_of(with("[{},{}]")), "f: message 1: 'role' is missing or no text");
  EXPECT_EQ(error_of(with(R"([{"role":"assistant"},{}])")),
            "f: message 1: role must be 'user' here");
  EXPECT_EQ(error_of(with(R"([{"role":"user"},{}])")),
            "f: message 1: 'content' is missing or no text");
  EXPECT_EQ(parse_chat(R"({"format":"plmm-chat","version":2})", "f").error().code,
            ErrorCode::unsupported);
}

TEST(ChatFile, is_bounded_in_size_depth_and_count) {
  EXPECT_EQ(error_of(std::string(kChatBytesMax + 1, ' ')), "f: larger than 16777216 bytes");
  EXPECT_EQ(error_of(std::string(100'000, '[')), "f: not a JSON object");
  EXPECT_EQ(error_of(with(std::string(20, '[') + std::string(20, ']'))), "f: not a JSON object");
  std::string many = "[";
  for (std::size_t i = 0; i < kChatMessagesMax + 2; ++i) many += i == 0 ? "{}" : ",{}";
  EXPECT_EQ(error_of(with(many + "]")), "f: more than 10000 messages");
}

}  // namespace
}  // namespace plmm::files
