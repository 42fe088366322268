// Asking an expert and believing nothing that was not checked.
#pragma once

#include <string>
#include <string_view>

#include "protocol/ports.h"

namespace plmm::protocol {

/// An answer without the " [1]", " [2]" … behind its sentences: 1 is no word of it.
std::string without_marks(std::string_view answer);

struct CheckedAnswer {
  std::string text;  // all pieces, joined
  AnswerEnd end;
};

/// Asks through the port; passes on the pieces whose order and size are right, and then checks the
/// end (check_answer). corrupt_data or limit_exceeded as soon as a piece is wrong: no later one is
/// passed on, whatever the port does. Else as ExpertPort::ask.
Result<CheckedAnswer> ask_and_check(ExpertPort& expert, const ExpertCard& card, const Ask& ask,
                                    const OnChunk& on_chunk, const Cancel& cancel);

}  // namespace plmm::protocol
