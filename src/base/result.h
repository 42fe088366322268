// Errors from outside are values: Error, Result<T>, fail() and TRY.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace plmm {

/// What kind of failure it was; the program maps it to its exit code (apps/plmm/exit_code.h).
enum class ErrorCode : std::uint8_t {
  invalid_argument,  // the caller asked for something that cannot be
  not_found,         // no such file, model or name
  corrupt_data,      // a file or message that lies about itself
  limit_exceeded,    // well formed, but larger than we accept
  io,                // the operating system refused
  offline,           // the network was needed and is not there
  cancelled,         // the user stopped it
  unsupported,       // well formed, but a kind we do not have
};

/// `what` names file, offset, count and what to do next; never text that a user wrote.
struct [[nodiscard]] Error {
  ErrorCode code;
  std::string what;
};

template <class T = void>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorCode code, std::string what) {
  return std::unexpected(Error{code, std::move(what)});
}

}  // namespace plmm

/// The value of `expression` (a Result), or return its error from the enclosing function. Nests:
/// TRY(read(TRY(open(path)))).
#define TRY(expression) PLMM_TRY_NUMBERED(__COUNTER__, expression)
#define PLMM_TRY_NUMBERED(number, expression) PLMM_TRY_AS(number, expression)
#define PLMM_TRY_AS(number, expression)                               \
  __extension__({                                                     \
    auto try_result_##number = (expression);                          \
    if (!try_result_##number) [[unlikely]]                            \
      return std::unexpected(std::move(try_result_##number).error()); \
    *std::move(try_result_##number);                                  \
  })
