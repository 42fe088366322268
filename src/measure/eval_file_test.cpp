// Files of every kind read; each error by the smallest file that has it, with its line.
#include "measure/eval_file.h"

#include <gtest/gtest.h>

namespace plmm::measure {
namespace {

constexpr const char* kChoice = R"({"question":"q","choices":["a","b"],"answer":1})";
constexpr const char* kQuestion = R"({"question":"q","answers":["a"],"text":"not a document"})";
constexpr const char* kText = R"({"text":"Once upon a time."})";
constexpr const char* kChat =
    R"({"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]})";

TEST(EvalFile, tells_kinds_apart_by_their_fields) {
  const std::string bytes = std::string("\xEF\xBB\xBF") + kText + "\n\n" + kChoice + "\r\n" +
                            kQuestion + "\n" + kChat + "\n" + kChoice;
  auto file = read_eval_file(bytes, "mixed.jsonl");
  ASSERT_TRUE(file) << file.error().what;
  ASSERT_EQ(file->choices.size(), 2U);
  EXPECT_EQ(file->choices[0].line, 3U);
  EXPECT_EQ(file->choices[1].line, 6U);
  ASSERT_EQ(file->questions.size(), 1U);
  EXPECT_EQ(file->questions[0].line, 4U);
  ASSERT_EQ(file->texts.size(), 1U);
  ASSERT_EQ(file->chats.size(), 1U);
  EXPECT_EQ(file->chats[0].line, 5U);
  keep_first(*file, 1);
  EXPECT_EQ(file->size(), 4U);
}

TEST(EvalFile, takes_plain_text_as_one_document) {
  const auto file = read_eval_file("One.\n\nTwo, {three}.", "book.txt");
  ASSERT_TRUE(file) << file.error().what;
  ASSERT_EQ(file->texts.size(), 1U);
  EXPECT_EQ(file->texts[0].text, "One.\n\nTwo, {three}.");
}

TEST(EvalFile, takes_a_saved_chat_over_many_lines) {
  const auto file = read_eval_file(
      "{\n\"system\":\"S\",\"messages\":[{\"role\":\"user\",\n"
      "\"content\":\"a\"},{\"role\":\"assistant\","
      "\"content\":\"b\"}]}\n",
      "chat.json");
  ASSERT_TRUE(file) << file.error().what;
  ASSERT_EQ(file->chats.size(), 1U);
  EXPECT_EQ(file->chats[0].messages.size(), 3U);
}

struct Bad {
  std::string bytes;
  const char* name;
  ErrorCode code;
  const char* what;
};

TEST(EvalFile, names_file_and_line_of_what_it_refuses) {
  const std::string good = std::string(kChoice) + "\n";
  const Bad cases[] = {
      {" \n\n", "f", ErrorCode::corrupt_data, "f: is empty"},
      {"ab\nc\xFF", "f", ErrorCode::corrupt_data, "f: line 2: it is no UTF-8"},
      {std::string("a\0b", 3), "f", ErrorCode::corrupt_data, "f: line 1: it is no UTF-8"},
      {"[1]", "f.json", ErrorCode::corrupt_data, "f.json: line 1: it is no JSON object"},
      {good + "{", "f", ErrorCode::corrupt_data, "f: line 2: it is no JSON object"},
      {good + "word", "f", ErrorCode::corrupt_data, "f: line 2: it is no JSON object"},
      {good + "{\"x\":1}", "f", ErrorCode::corrupt_data, "f: line 2: a line has \"question\""},
      {good + R"({"question":"q"})", "f", ErrorCode::corrupt_data, "f: line 2: 'answers'"},
      {good + R"({"question":"q","choices":1,"answer":1})", "f", ErrorCode::corrupt_data,
       "f: line 2: 'choices'"},
      {good + R"({"text":1})", "f", ErrorCode::corrupt_data, "f: line 2: has no"},
      {good + R"({"text":"t","prompt":"a","chosen":"b","rejected":"c"})", "f",
       ErrorCode::corrupt_data, "f: line 2: a pair of answers"},
      {good + R"({"text":" "})", "f", ErrorCode::corrupt_data, "f: line 2: its text is empty"},
      {good + R"({"messages":[{"role":"user","content":"a"}]})", "f", ErrorCode::corrupt_data,
       "f: line 2: there is no answer"},
      {good + "{\"text\":\"" + std::string(kEvalLineBytesMax, 'x') + "\"}", "f",
       ErrorCode::limit_exceeded, "f: line 2: it has more than 16777216 bytes"},
  };
  for (const auto& [bytes, name, code, what] : cases) {
    const auto file = read_eval_file(bytes, name);
    ASSERT_FALSE(file) << what;
    EXPECT_EQ(file.error().code, code) << file.error().what;
    EXPECT_TRUE(file.error().what.starts_with(what)) << file.error().what;
  }
  EXPECT_EQ(read_eval_file(std::string(kEvalBytesMax + 1, 'x'), "f").error().code,
            ErrorCode::limit_exceeded);
  EXPECT_EQ(read_eval_file("/no/such/file").error().code, ErrorCode::not_found);
}

TEST(EvalFile, has_a_limit_of_lines) {
  std::string bytes;
  for (std::size_t i = 0; i <= kEvalItemsMax; ++i) bytes += "{\"text\":\"x\"}\n";
  const auto file = read_eval_file(bytes, "f");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::limit_exceeded);
}

}  // namespace
}  // namespace plmm::measure
