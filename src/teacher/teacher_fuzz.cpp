// Fuzz entry of what a teacher reads: a file of gaps, an endpoint's answer, a model's questions.
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "fuzz/fuzz.h"
#include "teacher/endpoint.h"
#include "teacher/gaps_file.h"
#include "teacher/questions.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::uint64_t n_malformed = 0;
  const plmm::teacher::Passage passage{"d", "title", std::string(bytes)};
  for (const auto& pair : plmm::teacher::parse_pairs(bytes, n_malformed)) {
    static_cast<void>(plmm::teacher::fault_of(pair, passage));
  }
  CHECK(plmm::teacher::answer_spans(passage, 8).size() <= 8);
  const auto completion = plmm::teacher::parse_completion(bytes);
  if (!completion) plmm::fuzz::note(completion.error().what);
  const auto gaps = plmm::teacher::read_gaps(bytes);
  if (!gaps) {
    plmm::fuzz::note(gaps.error().what);
    return completion ? 0 : -1;
  }
  const auto written = plmm::teacher::write_gaps(*gaps);
  CHECK(written.has_value());
  const auto again = plmm::teacher::read_gaps(*written);
  CHECK(again.has_value() && *again == *gaps);
  return 0;
}

std::vector<std::string> plmm::fuzz::seeds() {
  teacher::GapsFile gaps{.expert = "it",
                         .release = 1,
                         .model = "people",
                         .made_ms = 1,
                         .sources = {"a"},
                         .questions = {}};
  gaps.questions.push_back(
      {{"Who?", {"She"}, "x"}, teacher::Passage{"d", "t", "She did."}, "He", false});
  gaps.questions.push_back({{"When?", {"1995"}, ""}, std::nullopt, "1995", true});
  return {*teacher::write_gaps(gaps),
          R"({"choices":[{"message":{"content":"<think>a</think>b"}}]})",
          "Q: Which company makes the title?\nA: Amstrad\nQ: Who?\n",
          "\"High water mark\" of Clive Sinclair (1995) and C++."};
}
