// A text of a question, checked before it is used.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace plmm::eval {

/// `name` stands for it in errors. corrupt_data for what is empty or no UTF-8; limit_exceeded
/// beyond n_bytes_max.
Result<std::string> checked_text(const std::string& name, std::string text,
                                 std::size_t n_bytes_max);

}  // namespace plmm::eval
