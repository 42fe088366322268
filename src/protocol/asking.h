// Asking an expert and believing nothing that was not checked.
#pragma once

#include <string>

#include "protocol/ports.h"

namespace plmm::protocol {

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
