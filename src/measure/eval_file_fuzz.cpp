// Any bytes as a file to measure with: what is accepted is whole, and questions read as written.
#include "measure/eval_file.h"

#include <string>

#include "base/check.h"
#include "eval/line_kind.h"
#include "fuzz/fuzz.h"

namespace plmm::measure {
namespace {

int read(std::string_view bytes) {
  auto file = read_eval_file(bytes, bytes.size() % 2 == 0 ? "f.jsonl" : "f");
  if (!file) {
    fuzz::note(file.error().what);
    return -1;
  }
  CHECK(file->size() > 0);
  for (const auto& [question, line] : file->choices) {
    CHECK(line > 0 && question.answer < question.choices.size());
    const auto written = eval::write_choice_line(question);
    CHECK(eval::kind_of_line(written) == eval::LineKind::choice);
    const auto again = eval::read_choice_line(written);
    CHECK(again && *again == question);
  }
  for (const auto& [question, line] : file->questions) CHECK(line > 0 && !question.answers.empty());
  for (const auto& document : file->texts) CHECK(document.messages.empty());
  for (const auto& document : file->chats) CHECK(!document.messages.empty());
  keep_first(*file, 1);
  CHECK(file->size() <= 4);
  return 0;
}

}  // namespace
}  // namespace plmm::measure

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return plmm::measure::read({reinterpret_cast<const char*>(data), size});
}

std::vector<std::string> plmm::fuzz::seeds() {
  return {R"({"question":"q","choices":["a","b"],"answer":"B"})"
          "\n"
          R"({"question":"q","answers":["a","b"]})"
          "\n"
          R"({"text":"once upon"})"
          "\n"
          R"({"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]})"
          "\n",
          "{\n\"messages\":[{\"role\":\"user\",\"content\":\"a\"},"
          "{\"role\":\"assistant\",\"content\":\"b\"}]}",
          "plain text\n\nof two paragraphs",
          R"({"question":"q","options":["a","b"],"answer":1})",
          "\n\n",
          "{}"};
}
