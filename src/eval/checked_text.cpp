// One check for all questions.
#include "eval/checked_text.h"

#include "text/unicode.h"

namespace plmm::eval {

Result<std::string> checked_text(const std::string& name, std::string text,
                                 std::size_t n_bytes_max) {
  if (text.find_first_not_of(" \t\r\n") == std::string::npos)
    return fail(ErrorCode::corrupt_data, name + " is empty");
  if (text.size() > n_bytes_max) {
    return fail(ErrorCode::limit_exceeded,
                name + " has more than " + std::to_string(n_bytes_max) + " bytes");
  }
  if (text::valid_bytes(text) != text.size())
    return fail(ErrorCode::corrupt_data, name + " is not UTF-8");
  return text;
}

}  // namespace plmm::eval
