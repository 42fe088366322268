// The server against good, slow, greedy and vanishing peers, each on a real socket.
#include "net/server.h"

#include <gtest/gtest.h>

#include <atomic>

#include "net/client.h"
#include "net/server_fixture.h"

namespace plmm::net {
namespace {

using std::chrono::milliseconds;

void echo(const Request& request, Reply& reply) {
  static_cast<void>(
      reply.send(200, "text/plain", request.method + " " + request.path + " " + request.body));
}

/// The first line of what the server says to these bytes.
std::string first_line(const RunningServer& server, std::string_view bytes) {
  RawClient client(server.port());
  EXPECT_TRUE(client.send(bytes));
  const std::string answer = client.wait_until_gone();
  return answer.substr(0, answer.find("\r\n"));
}

TEST(HttpServer, answers_requests_with_and_without_a_body) {
  RunningServer server(echo);
  const HttpClient client;
  EXPECT_EQ(client.fetch({.url = server.url() + "/a?b"}, Cancel())->body, "GET /a ");
  const std::string body(300'000, 'x');
  EXPECT_EQ(client.fetch(json_post(server.url() + "/c", body), Cancel())->body, "POST /c " + body);
}

TEST(HttpServer, serves_many_peers_at_once) {
  std::atomic<int> n_here = 0;
  RunningServer server([&](const Request& request, Reply& reply) {
    ++n_here;
    while (n_here < 8 && !reply.cancel().requested()) std::this_thread::yield();
    echo(request, reply);
  });
  std::atomic<int> n_good = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        const auto answer = HttpClient().fetch({.url = server.url() + "/x"}, Cancel());
        if (answer && answer->body == "GET /x ") ++n_good;
      });
    }
  }
  EXPECT_EQ(n_good, 8);
}

TEST(HttpServer, says_what_is_wrong_with_a_request) {
  RunningServer server(echo, {.body_bytes_max = 100});
  EXPECT_EQ(first_line(server, "nonsense\r\n\r\n"), "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(first_line(server, "GET / HTTP/3\r\n\r\n"), "HTTP/1.1 501 Not Implemented");
  EXPECT_EQ(first_line(server, "POST / HTTP/1.1\r\nContent-Length: 101\r\n\r\n"),
            "HTTP/1.1 413 Content Too Large");
  EXPECT_EQ(first_line(server, "GET / HTTP/1.1\r\nA: " + std::string(kHeaderBytesMax, 'x')),
            "HTTP/1.1 431 Request Header Fields Too Large");
  RunningServer mute([](const Request&, Reply&) {});
  EXPECT_EQ(first_line(mute, "GET / HTTP/1.1\r\n\r\n"), "HTTP/1.1 500 Internal Server Error");
}

TEST(HttpServer, a_peer_that_drips_or_stalls_is_let_go_of) {
  RunningServer server(echo, {.head_max = milliseconds(150), .body_max = milliseconds(150)});
  RawClient dripping(server.port());
  std::jthread dripper([&](const std::stop_token& stop) {
    while (!stop.stop_requested() && dripping.send("x")) std::this_thread::yield();
  });
  RawClient stalled(server.port());
  EXPECT_TRUE(stalled.send("GET / HTT"));
  EXPECT_TRUE(stalled.wait_until_gone().starts_with("HTTP/1.1 408 Request Timeout\r\n"));
  EXPECT_EQ(first_line(server, "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf"),
            "HTTP/1.1 408 Request Timeout");
  const std::string answer = dripping.wait_until_gone();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 4")) << answer;
}

TEST(HttpServer, turns_away_whoever_finds_no_place_and_has_places_again_later) {
  RunningServer server(echo, {.n_connections_max = 2});
  {
    RawClient first(server.port());
    RawClient second(server.port());
    EXPECT_EQ(first_line(server, ""), "HTTP/1.1 503 Service Unavailable");
  }
  Result<HttpAnswer> answer = fail(ErrorCode::offline, "not asked yet");
  for (int i = 0; i < 1'000 && (!answer || answer->head.status == 503); ++i)
    answer = HttpClient().fetch({.url = server.url()}, Cancel());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->head.status, 200);
}

TEST(HttpServer, streams_events_and_comments_while_it_is_silent) {
  std::atomic<bool> go_on = false;
  RunningServer server(
      [&](const Request&, Reply& reply) {
        EXPECT_TRUE(reply.event({"chunk", "one"}));
        while (!go_on && !reply.cancel().requested()) std::this_thread::yield();
        EXPECT_TRUE(reply.event({"end", "two\nlines"}));
      },
      {.still_here = milliseconds(1)});
  RawClient client(server.port());
  EXPECT_TRUE(client.send("POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_TRUE(client.wait_for(": still here\n\n"));
  go_on = true;
  EXPECT_TRUE(client.wait_until_gone().ends_with("event: end\ndata: two\ndata: lines\n\n"));
}

TEST(HttpServer, notices_who_hangs_up_before_the_first_word_and_within_the_answer) {
  for (const bool has_begun : {false, true}) {
    std::atomic<bool> is_cancelled = false;
    RunningServer server([&](const Request&, Reply& reply) {
      if (has_begun) {
        EXPECT_TRUE(reply.event({"chunk", "one"}));
      }
      while (!reply.cancel().requested()) std::this_thread::yield();
      is_cancelled = true;
      is_cancelled.notify_all();
    });
    RawClient client(server.port());
    EXPECT_TRUE(client.send("POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"));
    if (has_begun) {
      EXPECT_TRUE(client.wait_for("data: one\n\n"));
    }
    client.close();
    is_cancelled.wait(false);
    EXPECT_TRUE(is_cancelled);
  }
}

TEST(HttpServer, a_peer_that_does_not_read_holds_the_writer_up_and_then_ends_it) {
  std::atomic<std::size_t> n_written = 0;
  std::atomic<bool> has_ended = false;
  RunningServer server(
      [&](const Request&, Reply& reply) {
        const std::string text(64 << 10, 'x');
        while (reply.event({"chunk", text})) n_written += text.size();
        EXPECT_TRUE(reply.cancel().requested());
        has_ended = true;
        has_ended.notify_all();
      },
      {.write_max = milliseconds(200)});
  RawClient client(server.port());
  EXPECT_TRUE(client.send("POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"));
  has_ended.wait(false);
  EXPECT_LT(n_written, std::size_t{64} << 20);  // what the system's buffers take
}

TEST(HttpServer, a_stop_cancels_what_runs_and_lets_the_last_words_out) {
  std::atomic<bool> is_running = false;
  RunningServer server([&](const Request&, Reply& reply) {
    EXPECT_TRUE(reply.begin_events());
    is_running = true;
    is_running.notify_all();
    while (!reply.cancel().requested()) std::this_thread::yield();
    EXPECT_TRUE(reply.event({"error", "stopped"}));
  });
  RawClient idle(server.port());
  RawClient client(server.port());
  EXPECT_TRUE(client.send("POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"));
  is_running.wait(false);
  const auto began = std::chrono::steady_clock::now();
  server.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, milliseconds(1'000));
  EXPECT_TRUE(client.wait_until_gone().ends_with("event: error\ndata: stopped\n\n"));
  EXPECT_EQ(HttpClient().fetch({.url = server.url()}, Cancel()).error().what, "connection refused");
}

TEST(HttpServer, says_when_a_port_is_taken_or_an_address_is_none) {
  RunningServer server(echo);
  const auto taken = HttpServer::listen({.port = server.port()});
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::io);
  EXPECT_TRUE(taken.error().what.contains("Address already in use")) << taken.error().what;
  EXPECT_EQ(HttpServer::listen({.address = "localhost"}).error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace plmm::net
