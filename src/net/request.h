// The head of a request as bytes of a stranger, read strictly; and the head of an answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http.h"

namespace plmm::net {

inline constexpr std::size_t kTargetBytesMax = 1'000;

struct RequestHead {
  std::string method;  // capital letters
  std::string path;    // begins with '/'; the query is cut off, nothing is decoded
  Headers headers;
  std::uint64_t n_body_bytes = 0;
};

/// Reads what stands before the empty line, that line included: "GET /v1/card HTTP/1.1\r\n…\r\n".
/// Lines end with \r\n. corrupt_data for anything that could be read in two ways: a bare \r or \n,
/// a folded line, a space before the colon, two lengths. limit_exceeded for too long a target or
/// more than kHeadersMax headers; unsupported for a body without a length (Transfer-Encoding) and
/// for another version than HTTP/1.0 and 1.1.
Result<RequestHead> parse_request_head(std::string_view bytes);

/// "HTTP/1.1 404 Not Found\r\n" and the headers, up to the empty line.
std::string answer_head(int status, std::string_view content_type, const Headers& more);

}  // namespace plmm::net
