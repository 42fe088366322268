// What a line of JSON measures, told by its fields.
#pragma once

#include <cstdint>
#include <string_view>

namespace plmm::eval {

enum class LineKind : std::uint8_t {
  exam,      // "question", no choices: eval/exam.h
  choice,    // "question" and "choices" or "options": eval/choice.h
  document,  // "text" or "messages": train/documents.h
  object,    // another object
  none       // no JSON object
};

LineKind kind_of_line(std::string_view line);

}  // namespace plmm::eval
