// What a person answers when they are asked for their name.
#pragma once

#include <optional>
#include <string>

#include "base/personal.h"

namespace plmm::personal {

struct Introduction {
  Personal<std::string> name;
  bool says_more = false;  // "I'm Ada, I teach geology"
};

/// The name in "Ada", "I'm Ada." or "My name is Ada Lovelace": what stands behind the usual words,
/// up to four words of it, to the first comma. Nothing when the line is no name: a question, a
/// command, a sentence, or nothing that clean_value() takes.
std::optional<Introduction> introduction_in(const Personal<std::string>& line);

}  // namespace plmm::personal
