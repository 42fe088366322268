// The client against a server of the test's own that answers well, badly, slowly or not at all.
#include "net/client.h"

#include <gtest/gtest.h>

#include <atomic>

#include "net/raw_server_fixture.h"

namespace plmm::net {
namespace {

using std::chrono::milliseconds;

Result<HttpAnswer> get(const std::string& url, const ClientSettings& settings = {}) {
  return HttpClient(settings).fetch({.url = url}, Cancel());
}

TEST(HttpClient, posts_a_body_with_its_headers_and_reads_the_answer) {
  std::string request;
  RawServer server([&](RawPeer& peer) {
    request = peer.request();
    peer.send(raw_answer("201 Created", "application/json", "{\"ok\":true}"));
  });
  auto post = json_post(server.url() + "/v1/x", "{\"a\":1}");
  post.headers.push_back({"Authorization", "Bearer k"});
  const auto answer = HttpClient().fetch(post, Cancel());
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->head.status, 201);
  EXPECT_EQ(find_header(answer->head.headers, "CONTENT-type"), "application/json");
  EXPECT_EQ(answer->body, "{\"ok\":true}");
  EXPECT_TRUE(request.starts_with("POST /v1/x HTTP/1.1\r\n")) << request;
  EXPECT_NE(request.find("Authorization: Bearer k\r\n"), std::string::npos);
  EXPECT_TRUE(request.ends_with("\r\n\r\n{\"a\":1}"));
}

TEST(HttpClient, a_status_is_an_answer_and_redirects_are_followed_only_where_that_is_wanted) {
  RawServer server([](RawPeer& peer) {
    const bool is_second = peer.request().starts_with("GET /second");
    peer.send(is_second ? raw_answer("404 Not Found", "text/plain", "no")
                        : "HTTP/1.1 302 Found\r\nLocation: /second\r\nContent-Length: 0\r\n\r\n");
  });
  EXPECT_EQ(get(server.url())->head.status, 302);
  const auto followed = get(server.url(), {.redirects_max = 3});
  ASSERT_TRUE(followed) << followed.error().what;
  EXPECT_EQ(followed->head.status, 404);
  EXPECT_EQ(followed->body, "no");
  EXPECT_EQ(find_header(followed->head.headers, "location"), "");
}

TEST(HttpClient, knows_this_machine_by_its_addresses) {
  for (const char* url : {"http://localhost", "http://localhost:80/x", "http://127.0.0.2:1",
                          "https://[::1]:80/", "http://user@127.0.0.1/"}) {
    EXPECT_TRUE(is_this_machine(url)) << url;
  }
  for (const char* url : {"http://127.example.org", "http://localhost.example.org:80",
                          "http://127.0.0.1@example.org/", "http://example.org/127.0.0.1", ""}) {
    EXPECT_FALSE(is_this_machine(url)) << url;
  }
}

TEST(HttpClient, says_in_a_few_words_why_nobody_answers) {
  std::string url;
  {
    RawServer server([](RawPeer&) {});
    url = server.url();
  }
  const auto refused = get(url);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::offline);
  EXPECT_EQ(refused.error().what, "connection refused");

  RawServer silent_end([](RawPeer& peer) { peer.request(); });
  EXPECT_EQ(get(silent_end.url()).error().what, "the connection broke off");
  RawServer noise([](RawPeer& peer) {
    peer.request();
    peer.send("SSH-2.0-server\r\n");
  });
  EXPECT_FALSE(get(noise.url()));
}

TEST(HttpClient, refuses_other_schemes_and_headers_with_line_ends) {
  EXPECT_EQ(get("file:///etc/hostname").error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(get("http://127.0.0.1/", {.schemes = Schemes::https_only}).error().code,
            ErrorCode::invalid_argument);
  EXPECT_EQ(HttpClient()
                .fetch({.url = "http://127.0.0.1/", .headers = {{"A", "b\r\nC: d"}}}, Cancel())
                .error()
                .code,
            ErrorCode::invalid_argument);
}

TEST(HttpClient, stops_an_answer_that_is_longer_than_the_limit) {
  RawServer endless([](RawPeer& peer) {
    peer.request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n");
    const std::string megabyte(1 << 20, 'x');
    for (int i = 0; i < 100 && peer.send(megabyte); ++i) {
    }
  });
  const auto body = get(endless.url(), {.body_bytes_max = 100'000});
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().code, ErrorCode::limit_exceeded);
  EXPECT_EQ(body.error().what, "the server sends more than 100000 bytes");

  RawServer headers([](RawPeer& peer) {
    peer.request();
    peer.send("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 100'000 && peer.send("X-Noise: 0123456789012345678901234567890\r\n"); ++i) {
    }
  });
  const auto head = get(headers.url());
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().what, "the answer has too many headers");
}

TEST(HttpClient, gives_up_on_a_peer_that_stalls) {
  RawServer stalled([](RawPeer& peer) {
    if (peer.request().starts_with("GET /half")) {
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
    }
    peer.wait_until_gone();
  });
  for (const char* path : {"/", "/half"}) {
    const auto result = get(stalled.url() + path, {.idle_max = milliseconds(150)});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::offline);
    EXPECT_EQ(result.error().what, "silent for 1 s");
  }
  RawServer dripping([](RawPeer& peer) {
    peer.request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
    while (peer.send("x")) {
    }
  });
  EXPECT_EQ(get(dripping.url(), {.whole_max = milliseconds(150)}).error().what,
            "not done within 1 s");
}

TEST(HttpClient, a_cancel_returns_within_100_ms_while_the_server_is_silent) {
  Cancel cancel;
  std::atomic<std::chrono::steady_clock::time_point> asked_at{};
  RawServer server([&](RawPeer& peer) {
    peer.request();
    asked_at = std::chrono::steady_clock::now();
    cancel.request();
    peer.wait_until_gone();
  });
  const auto result = HttpClient().fetch({.url = server.url()}, cancel);
  const auto waited = std::chrono::steady_clock::now() - asked_at.load();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::cancelled);
  EXPECT_LT(waited, milliseconds(100));
}

TEST(HttpClient, reads_events_as_they_come_and_other_answers_whole) {
  RawServer server([](RawPeer& peer) {
    if (peer.request().starts_with("POST /busy")) {
      peer.send(raw_answer("503 Service Unavailable", "application/json", "{\"busy\":1}"));
      return;
    }
    peer.send(std::string(kRawEventsHead) + "event: chunk\nda");
    peer.send("ta: one\n\n: still here\n\nevent: end\ndata: two\n\n");
  });
  std::vector<Event> events;
  const auto keep = [&](const Event& event) -> Result<> {
    events.push_back(event);
    return {};
  };
  const HttpClient client;
  const auto answer = client.events(json_post(server.url(), "{}"), {}, keep, Cancel());
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(events, (std::vector<Event>{{"chunk", "one"}, {"end", "two"}}));
  EXPECT_EQ(answer->body, "");
  const auto busy = client.events(json_post(server.url() + "/busy", "{}"), {}, keep, Cancel());
  ASSERT_TRUE(busy) << busy.error().what;
  EXPECT_EQ(busy->head.status, 503);
  EXPECT_EQ(busy->body, "{\"busy\":1}");
  EXPECT_EQ(events.size(), 2U);
}

TEST(HttpClient, the_error_of_whoever_takes_the_events_ends_the_stream) {
  std::atomic<bool> is_gone = false;
  {
    RawServer server([&](RawPeer& peer) {
      peer.request();
      peer.send(std::string(kRawEventsHead) + "data: one\n\n");
      peer.wait_until_gone();
      is_gone = true;
    });
    const auto answer = HttpClient().events(
        json_post(server.url(), "{}"), {},
        [](const Event&) -> Result<> { return fail(ErrorCode::corrupt_data, "no such event"); },
        Cancel());
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().what, "no such event");
  }
  EXPECT_TRUE(is_gone);
}

TEST(ServiceUrl, takes_the_address_of_a_service_and_nothing_else) {
  EXPECT_EQ(service_url("http://127.0.0.1:8090/"), "http://127.0.0.1:8090");
  EXPECT_EQ(service_url("https://example.org/it//"), "https://example.org/it");
  for (const char* text : {"", "127.0.0.1:80", "ftp://host", "http://", "https:///x", "http://a b",
                           "http://u:p@host", "http://host/?q", "http://host#f", "http://h\n"}) {
    EXPECT_FALSE(service_url(text)) << text;
  }
}

TEST(DisplayUrl, shows_no_secrets) {
  EXPECT_EQ(display_url("https://user:pw@host/a/m.gguf?token=1#x"), "https://host/a/m.gguf");
  EXPECT_EQ(display_url("https://host/a@b/m.gguf"), "https://host/a@b/m.gguf");
}

}  // namespace
}  // namespace plmm::net
