// Tests of an OpenAI-compatible endpoint: a server of the test's own that answers well and badly.
#include "teacher/endpoint.h"

#include <gtest/gtest.h>

#include "net/raw_server_fixture.h"

namespace plmm::teacher {
namespace {

using net::raw_answer;
using net::RawPeer;
using net::RawServer;

constexpr std::string_view kKey = "secret-of-the-test";

Result<std::string> ask(const std::string& url, std::string_view key = {}) {
  auto backend = EndpointBackend::create({.url = url, .model = "big", .key = std::string(key)});
  if (!backend) return std::unexpected(backend.error());
  return (*backend)->complete({"Be short.", "Who?"}, 32, Cancel());
}

/// What the caller is told when the server answers so.
Error told(const std::string& answer) {
  RawServer server([&](RawPeer& peer) {
    peer.request();
    peer.send(answer);
  });
  const auto text = ask(server.url(), kKey);
  EXPECT_FALSE(text);
  const auto error = text ? Error{ErrorCode::io, ""} : text.error();
  EXPECT_EQ(error.what.find(kKey), std::string::npos) << error.what;
  return error;
}

TEST(Endpoint, is_asked_in_the_protocol_that_all_of_them_speak) {
  std::string request;
  RawServer server([&](RawPeer& peer) {
    request = peer.request();
    peer.send(raw_answer("200 OK", "application/json",
                         R"({"choices":[{"message":{"role":"assistant","content":" She. "}}]})"));
  });
  EXPECT_EQ(ask(server.url(), kKey).value_or("?"), "She.");
  EXPECT_TRUE(request.starts_with("POST /v1/chat/completions HTTP/1.1\r\n")) << request;
  EXPECT_NE(request.find("Authorization: Bearer secret-of-the-test\r\n"), std::string::npos);
  EXPECT_TRUE(request.ends_with(
      R"({"max_tokens":32,"messages":[{"content":"Be short.","role":"system"},)"
      R"({"content":"Who?","role":"user"}],"model":"big","seed":0,"stream":false,)"
      R"("temperature":0})"))
      << request;
  EXPECT_EQ(ask(server.url() + "/v1").value_or("?"), "She.");
  EXPECT_EQ(request.find("Authorization"), std::string::npos);
}

TEST(Endpoint, a_status_that_is_no_success_says_what_to_do) {
  const auto refused = told(raw_answer("401 Unauthorized", "text/plain", kKey));
  EXPECT_EQ(refused.code, ErrorCode::io);
  EXPECT_NE(refused.what.find("PLMM_TEACHER_KEY"), std::string::npos);
  EXPECT_NE(told(raw_answer("500 Oops", "text/plain", "x")).what.find("status 500"),
            std::string::npos);
  EXPECT_NE(told(raw_answer("404 Not Found", "text/plain", "x")).what.find("--model"),
            std::string::npos);
  EXPECT_NE(told(raw_answer("429 Slow", "text/plain", "x")).what.find("later"), std::string::npos);
}

TEST(Endpoint, an_answer_that_is_none_is_refused) {
  const auto body = [](std::string_view json) {
    return told(raw_answer("200 OK", "application/json", json));
  };
  EXPECT_NE(body("<html>").what.find("not JSON"), std::string::npos);
  EXPECT_NE(body("[]").what.find("not JSON"), std::string::npos);
  EXPECT_NE(body("{}").what.find("'choices'"), std::string::npos);
  EXPECT_NE(body(R"({"choices":[]})").what.find("'choices'"), std::string::npos);
  EXPECT_NE(body(R"({"choices":[7]})").what.find("'message'"), std::string::npos);
  EXPECT_NE(body(R"({"choices":[{"message":{}}]})").what.find("'content'"), std::string::npos);
  EXPECT_NE(body(R"({"choices":[{"message":{"content":null}}]})").what.find("'content'"),
            std::string::npos);
  EXPECT_NE(body("\"\xFF\"").what.find("UTF-8"), std::string::npos);
  EXPECT_NE(body(std::string(100, '[')).what.find("not JSON"), std::string::npos);
}

TEST(Endpoint, an_answer_of_100_mb_is_not_read_to_its_end) {
  const auto error = told(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
      "Content-Length: 100000000\r\n\r\n" +
      std::string(2 << 20, ' '));
  EXPECT_EQ(error.code, ErrorCode::limit_exceeded);
}

TEST(Endpoint, that_nobody_runs_is_offline) {
  std::string url;
  {
    RawServer server([](RawPeer&) {});
    url = server.url();
  }
  const auto answer = ask(url);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::offline);
  EXPECT_NE(answer.error().what.find("Is the endpoint running?"), std::string::npos);
}

TEST(Endpoint, a_key_does_not_travel_unencrypted_to_another_machine) {
  const auto make = [](const std::string& url, const std::string& model, const std::string& key) {
    const auto made = EndpointBackend::create({url, model, key});
    return made ? "" : made.error().what;
  };
  EXPECT_NE(make("http://example.org", "m", "k").find("unencrypted"), std::string::npos);
  EXPECT_NE(make("http://127.evil.example.org.", "m", "k"), "") << "a name, not an address";
  EXPECT_EQ(make("http://example.org", "m", ""), "");
  EXPECT_EQ(make("https://example.org", "m", "k"), "");
  EXPECT_EQ(make("http://localhost:8080", "m", "k"), "");
  EXPECT_NE(make("http://localhost.example.org", "m", "k"), "");
  EXPECT_NE(make("ftp://example.org", "m", ""), "");
  EXPECT_NE(make("http://127.0.0.1", "", ""), "");
  EXPECT_NE(make("http://127.0.0.1", "m", "a\r\nb"), "");
}

TEST(Endpoint, a_models_thinking_is_no_part_of_its_answer) {
  EXPECT_EQ(
      *parse_completion(R"({"choices":[{"message":{"content":"<think>hm</think>\n\nShe."}}]})"),
      "She.");
}

}  // namespace
}  // namespace plmm::teacher
