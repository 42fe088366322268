// Sentences that tell about a person and that a question beside them does not need.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "privacy/redact.h"

namespace plmm::personal {

struct Kept {
  std::string text;
  std::size_t n_left_out = 0;  // sentences
};

/// Leaves out statements that begin in the first person and hold a personal value or bring in
/// somebody by name ("my broker is Lena Vogt"). Without a question in the rest, all of it is kept.
Kept keep_what_is_asked(std::string_view text, const privacy::Redactor& redactor);

}  // namespace plmm::personal
