// Fuzz entry of the reader of requests: any bytes; what is accepted is written and read again.
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "fuzz/fuzz.h"
#include "net/request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto head = plmm::net::parse_request_head(bytes);
  if (!head) {
    plmm::fuzz::note(head.error().what);
    return -1;
  }
  CHECK(head->path.starts_with('/') && head->headers.size() <= plmm::net::kHeadersMax);
  std::string written = head->method + " " + head->path + " HTTP/1.1\r\n";
  for (const auto& [name, value] : head->headers) {
    CHECK(plmm::net::is_header_text(name) && plmm::net::is_header_text(value));
    written += name + ": " + value + "\r\n";
  }
  const auto again = plmm::net::parse_request_head(written + "\r\n");
  CHECK(again.has_value());
  CHECK(again->path == head->path && again->headers == head->headers);
  CHECK(again->n_body_bytes == head->n_body_bytes);
  return 0;
}

std::vector<std::string> plmm::fuzz::seeds() {
  return {"GET /v1/card HTTP/1.1\r\nHost: 127.0.0.1:80\r\nAccept: */*\r\n\r\n",
          "POST /v1/ask HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n",
          "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
          "GET /a?b HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"};
}
