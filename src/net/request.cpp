// A strict reader: no two readers on the way may see different requests in the same bytes.
#include "net/request.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace plmm::net {
namespace {

constexpr std::size_t kMethodBytesMax = 16;

std::unexpected<Error> wrong(std::string_view what) {
  return fail(ErrorCode::corrupt_data, "the request " + std::string(what));
}

bool is_token_byte(char c) {
  const bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return is_word || std::string_view("!#$%&'*+-.^_`|~").contains(c);
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_byte);
}

bool is_visible(char c) { return c > ' ' && c < 0x7F; }

/// The text up to the next \r\n, which is taken off too; nothing when there is none.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const std::size_t end = rest.find("\r\n");
  if (end == rest.npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 2);
  return line;
}

Result<> read_first_line(std::string_view line, RequestHead& out) {
  const std::size_t method_end = line.find(' ');
  const std::size_t target_end = line.rfind(' ');
  if (method_end == line.npos || method_end == target_end) return wrong("has no request line");
  const std::string_view method = line.substr(0, method_end);
  const std::string_view target = line.substr(method_end + 1, target_end - method_end - 1);
  const std::string_view version = line.substr(target_end + 1);
  if (method.empty() || method.size() > kMethodBytesMax ||
      !std::ranges::all_of(method, [](char c) { return c >= 'A' && c <= 'Z'; })) {
    return wrong("has no method");
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return fail(ErrorCode::unsupported, "only HTTP/1.1 and HTTP/1.0 are spoken here");
  }
  if (target.size() > kTargetBytesMax) {
    return fail(ErrorCode::limit_exceeded, "the request's address is too long");
  }
  if (!target.starts_with('/') || !std::ranges::all_of(target, is_visible)) {
    return wrong("has an address that is none");
  }
  out.method = method;
  out.path = target.substr(0, target.find('?'));
  return {};
}

Result<> read_header(std::string_view line, RequestHead& out) {
  const std::size_t colon = line.find(':');
  if (colon == line.npos || !is_token(line.substr(0, colon))) return wrong("has a broken header");
  std::string_view value = line.substr(colon + 1);
  while (value.starts_with(' ') || value.starts_with('\t')) value.remove_prefix(1);
  while (value.ends_with(' ') || value.ends_with('\t')) value.remove_suffix(1);
  if (!is_header_text(value)) return wrong("has a broken header");
  if (out.headers.size() == kHeadersMax) {
    return fail(ErrorCode::limit_exceeded, "the request has too many headers");
  }
  out.headers.push_back({std::string(line.substr(0, colon)), std::string(value)});
  return {};
}

Result<> read_length(RequestHead& out) {
  if (!find_header(out.headers, "transfer-encoding").empty()) {
    return fail(ErrorCode::unsupported, "a request needs a Content-Length");
  }
  const auto is_length = [](const Header& header) {
    return same_word(header.name, "content-length");
  };
  const auto n_lengths = std::ranges::count_if(out.headers, is_length);
  if (n_lengths == 0) return {};
  const std::string_view digits = find_header(out.headers, "content-length");
  const char* const end = digits.data() + digits.size();
  const auto [read_to, error] = std::from_chars(digits.data(), end, out.n_body_bytes);
  if (n_lengths > 1 || digits.empty() || error != std::errc() || read_to != end) {
    return wrong("has a length that is none");
  }
  return {};
}

std::string_view reason(int status) {
  constexpr std::array kReasons{
      std::pair{200, std::string_view("OK")},
      std::pair{400, std::string_view("Bad Request")},
      std::pair{404, std::string_view("Not Found")},
      std::pair{408, std::string_view("Request Timeout")},
      std::pair{413, std::string_view("Content Too Large")},
      std::pair{431, std::string_view("Request Header Fields Too Large")},
      std::pair{500, std::string_view("Internal Server Error")},
      std::pair{501, std::string_view("Not Implemented")},
      std::pair{503, std::string_view("Service Unavailable")},
  };
  const auto found = std::ranges::find(kReasons, status, &std::pair<int, std::string_view>::first);
  return found == kReasons.end() ? "Answer" : found->second;
}

}  // namespace

Result<RequestHead> parse_request_head(std::string_view bytes) {
  RequestHead out;
  if (bytes.size() > kHeaderBytesMax) {
    return fail(ErrorCode::limit_exceeded, "the request's headers are too long");
  }
  auto line = take_line(bytes);
  if (!line) return wrong("has no request line");
  TRY(read_first_line(*line, out));
  for (;;) {
    line = take_line(bytes);
    if (!line) return wrong("is cut short");
    if (line->empty()) break;
    TRY(read_header(*line, out));
  }
  if (!bytes.empty()) return wrong("goes on behind its headers");
  TRY(read_length(out));
  return out;
}

std::string answer_head(int status, std::string_view content_type, const Headers& more) {
  std::string out = "HTTP/1.1 " + std::to_string(status) + " " + std::string(reason(status)) +
                    "\r\nContent-Type: " + std::string(content_type) +
                    "\r\nConnection: close\r\nCache-Control: no-store\r\n"
                    "X-Content-Type-Options: nosniff\r\n";
  for (const auto& [name, value] : more) out += name + ": " + value + "\r\n";
  return out + "\r\n";
}

}  // namespace plmm::net
