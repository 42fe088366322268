// Heads of requests: what is read, and each way to be refused.
#include "net/request.h"

#include <gtest/gtest.h>

namespace plmm::net {
namespace {

TEST(RequestHead, reads_method_path_headers_and_length) {
  const auto head = parse_request_head(
      "POST /v1/ask?x=1 HTTP/1.1\r\nHost: localhost\r\ncontent-LENGTH:  12 \r\nX-Empty:\r\n\r\n");
  ASSERT_TRUE(head) << head.error().what;
  EXPECT_EQ(head->method, "POST");
  EXPECT_EQ(head->path, "/v1/ask");
  EXPECT_EQ(head->headers,
            (Headers{{"Host", "localhost"}, {"content-LENGTH", "12"}, {"X-Empty", ""}}));
  EXPECT_EQ(head->n_body_bytes, 12U);
  EXPECT_EQ(parse_request_head("GET / HTTP/1.0\r\n\r\n")->n_body_bytes, 0U);
}

struct Wrong {
  std::string bytes;
  ErrorCode code;
  std::string_view what;
};

TEST(RequestHead, refuses_what_could_be_read_in_two_ways) {
  std::string many = "GET / HTTP/1.1\r\n";
  for (std::size_t i = 0; i <= kHeadersMax; ++i) many += "A: b\r\n";
  using enum ErrorCode;
  const std::vector<Wrong> cases{
      {"", corrupt_data, "the request has no request line"},
      {"GET /\r\n\r\n", corrupt_data, "the request has no request line"},
      {"GET / HTTP/1.1\r\n", corrupt_data, "the request is cut short"},
      {"get / HTTP/1.1\r\n\r\n", corrupt_data, "the request has no method"},
      {"GET / HTTP/2\r\n\r\n", unsupported, "only HTTP/1.1 and HTTP/1.0 are spoken here"},
      {"GET x HTTP/1.1\r\n\r\n", corrupt_data, "the request has an address that is none"},
      {"GET /a b HTTP/1.1\r\n\r\n", corrupt_data, "the request has an address that is none"},
      {"GET /\xC3\xA4 HTTP/1.1\r\n\r\n", corrupt_data, "the request has an address that is none"},
      {"GET /" + std::string(kTargetBytesMax, 'a') + " HTTP/1.1\r\n\r\n", limit_exceeded,
       "the request's address is too long"},
      {"GET / HTTP/1.1\r\nA : b\r\n\r\n", corrupt_data, "the request has a broken header"},
      {"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", corrupt_data, "the request has a broken header"},
      {"GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n", corrupt_data, "the request has a broken header"},
      {"GET / HTTP/1.1\r\n: b\r\n\r\n", corrupt_data, "the request has a broken header"},
      {many + "\r\n", limit_exceeded, "the request has too many headers"},
      {std::string(kHeaderBytesMax + 1, 'x'), limit_exceeded, "the request's headers are too long"},
      {"GET / HTTP/1.1\r\n\r\nbody", corrupt_data, "the request goes on behind its headers"},
      {"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", corrupt_data,
       "the request has a length that is none"},
      {"POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n", corrupt_data,
       "the request has a length that is none"},
      {"POST / HTTP/1.1\r\nContent-Length:\r\n\r\n", corrupt_data,
       "the request has a length that is none"},
      {"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", corrupt_data,
       "the request has a length that is none"},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", unsupported,
       "a request needs a Content-Length"},
  };
  for (const Wrong& wrong : cases) {
    const auto head = parse_request_head(wrong.bytes);
    ASSERT_FALSE(head) << wrong.bytes;
    EXPECT_EQ(head.error().code, wrong.code) << wrong.bytes;
    EXPECT_EQ(head.error().what, wrong.what) << wrong.bytes;
  }
}

}  // namespace
}  // namespace plmm::net
