// Any bytes as questions with preferences: what is accepted has answers that are options.
#include "base/check.h"
#include "eval/preference_questions.h"
#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view lines(reinterpret_cast<const char*>(data), size);
  const auto questions = plmm::eval::parse_preference_questions(lines);
  if (!questions) {
    plmm::fuzz::note(questions.error().what);
    return -1;
  }
  CHECK(!questions->empty());
  for (const auto& question : *questions) {
    CHECK(question.options.size() >= 2 && !question.preferences.empty());
    for (const auto& preference : question.preferences)
      CHECK(preference.answer < question.options.size());
  }
  return 0;
}

std::vector<std::string> plmm::fuzz::seeds() {
  return {R"({"topic":"tea","kind":"implied","question":"Which?","options":["a","b","c"],)"
          R"("preferences":[{"text":"I like b.","answer":1},{"text":"No b.","answer":0}]})"
          "\n\n"
          R"({"question":"What?","options":["c","d"],"preference":"I like c.","answer":0})"
          "\n",
          "{}", R"({"question":"q","options":["caf\u00e9","x"],"preference":"p","answer":1})"};
}
