// Any bytes as an exam: what is accepted is written and read again; each of its answers is right.
#include <string>

#include "base/check.h"
#include "eval/exam.h"
#include "eval/right.h"
#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view jsonl(reinterpret_cast<const char*>(data), size);
  const auto exam = plmm::eval::read_exam(jsonl);
  if (!exam) {
    plmm::fuzz::note(exam.error().what);
    return -1;
  }
  const auto written = plmm::eval::write_exam(*exam);
  CHECK(written.has_value());
  const auto again = plmm::eval::read_exam(*written);
  CHECK(again.has_value() && *again == *exam);
  for (const auto& question : *exam) {
    for (const auto& answer : question.answers) {
      CHECK(plmm::eval::is_right(answer, question));
      CHECK(plmm::eval::is_right("So (" + answer + ").", question));
    }
  }
  return 0;
}

std::vector<std::string> plmm::fuzz::seeds() {
  return {R"({"question":"What is a mutex?","answers":["lock","a lock"],"topic":"threads"})"
          "\n"
          R"({"question":"How many?","answers":["1,000","-5%","C++","e-mail","the"]})"
          "\n",
          "\n\n", "{}", R"({"question":"q","answers":["caf\u00e9","Moore's law","802.11"]})"};
}
