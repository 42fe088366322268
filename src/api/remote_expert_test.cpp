// Experts that are down, die, lie, stall or send too much: each on a real loopback socket.
#include "api/remote_expert.h"

#include <gtest/gtest.h>

#include <atomic>

#include "api/scripted_expert_fixture.h"
#include "net/raw_server_fixture.h"
#include "net/sse.h"
#include "protocol/asking.h"
#include "protocol/json.h"

namespace plmm::api {
namespace {

using std::chrono::milliseconds;

/// What the person's side makes of it: the error's words, or "answered".
std::string ask(const std::string& url, std::string* heard = nullptr,
                milliseconds silence_max = milliseconds(5'000)) {
  RemoteExpert remote(url, ExpertPin{"it", protocol::example_card().public_key}, silence_max);
  const auto answer = protocol::ask_and_check(
      remote, protocol::example_card(), protocol::example_ask(),
      [&](const protocol::AnswerChunk& chunk) {
        if (heard != nullptr) *heard += chunk.text;
      },
      Cancel());
  return answer ? "answered" : answer.error().what;
}

/// Serves these bytes behind the head of an event stream, to any request.
std::string ask_events(const std::string& bytes, std::string* heard = nullptr) {
  net::RawServer server([&](net::RawPeer& peer) {
    peer.request();
    peer.send(std::string(net::kRawEventsHead) + bytes);
  });
  return ask(server.url(), heard);
}

std::string chunk(std::uint64_t number, std::string_view text) {
  return to_text(
      net::Event{"chunk", *protocol::to_json(protocol::AnswerChunk{number, std::string(text)})});
}
std::string end(const protocol::AnswerEnd& end) {
  return to_text(net::Event{"end", *protocol::to_json(end)});
}

TEST(RemoteExpert, says_who_is_down_and_that_nothing_happened) {
  std::string url;
  {
    net::RawServer server([](net::RawPeer&) {});
    url = server.url();
  }
  RemoteExpert remote(url, ExpertPin{"finance-1", {}});
  const auto card = remote.card();
  ASSERT_FALSE(card);
  EXPECT_EQ(card.error().code, ErrorCode::offline);
  EXPECT_EQ(card.error().what,
            "finance-1 does not answer (connection refused). Nothing was sent, nothing was paid");
  EXPECT_EQ(ask(url), "does not answer (connection refused)");
}

TEST(RemoteExpert, believes_a_whole_answer_with_a_good_receipt_only) {
  const std::string answer(protocol::kExampleAnswer);
  auto forged = protocol::example_end();
  forged.receipt.signature.bytes[0] ^= std::byte{1};
  EXPECT_EQ(ask_events(chunk(0, answer) + end(protocol::example_end())), "answered");
  EXPECT_EQ(ask_events(chunk(0, answer) + end(forged)),
            "the receipt of it has a wrong signature; the answer is not to be trusted");
  EXPECT_EQ(ask_events(chunk(0, "Else.") + end(protocol::example_end())),
            "the receipt of it is for another answer; the answer is not to be trusted");
}

TEST(RemoteExpert, an_expert_that_dies_in_mid_stream_has_no_receipt) {
  std::string heard;
  EXPECT_EQ(ask_events(chunk(0, "A mutex "), &heard), "the connection broke off within the answer");
  EXPECT_EQ(heard, "A mutex ");
  EXPECT_EQ(ask_events(""), "the connection broke off within the answer");
}

TEST(RemoteExpert, refuses_pieces_out_of_order_and_words_behind_the_end) {
  constexpr std::string_view kOrder = "a piece of the answer is missing or came twice";
  EXPECT_EQ(ask_events(chunk(1, "b")), kOrder);
  EXPECT_EQ(ask_events(chunk(0, "a") + chunk(0, "a")), kOrder);
  EXPECT_EQ(ask_events(chunk(0, "a") + chunk(2, "c")), kOrder);
  EXPECT_EQ(ask_events(end(protocol::example_end()) + chunk(0, "a")),
            "it goes on behind the end of its answer");
}

TEST(RemoteExpert, refuses_what_is_not_utf8_another_version_and_no_message) {
  EXPECT_EQ(ask_events("event: chunk\ndata: {\"text\":\"\xff\"}\n\n"),
            "chunk: not UTF-8 at byte 9");
  EXPECT_EQ(ask_events("event: chunk\ndata: {\"kind\":\"chunk\",\"version\":7}\n\n"),
            "chunk: the other side speaks version 7 of the protocol, this plmm speaks version 1. "
            "Update the older of the two.");
  EXPECT_EQ(ask_events("event: end\ndata: hello\n\n"), "end: not a JSON object");
}

TEST(RemoteExpert, stops_reading_an_answer_of_100_megabytes) {
  std::atomic<std::size_t> n_sent = 0;
  net::RawServer server([&](net::RawPeer& peer) {
    peer.request();
    peer.send(net::kRawEventsHead);
    const std::string text(10'000, 'x');
    for (std::uint64_t i = 0; i < 10'000 && peer.send(chunk(i, text)); ++i) n_sent += text.size();
  });
  EXPECT_EQ(ask(server.url()), "the answer is over 262144 bytes");
  net::RawServer one_line([](net::RawPeer& peer) {
    peer.request();
    peer.send(std::string(net::kRawEventsHead) + "data: ");
    const std::string text(1 << 20, 'x');
    for (int i = 0; i < 100 && peer.send(text); ++i) {
    }
  });
  EXPECT_EQ(ask(one_line.url()), "an event is longer than 1049600 bytes");
  EXPECT_LT(n_sent, std::size_t{50} << 20);
}

TEST(RemoteExpert, gives_up_on_an_expert_that_stalls) {
  net::RawServer server([](net::RawPeer& peer) {
    peer.request();
    peer.send(std::string(net::kRawEventsHead) + chunk(0, "A "));
    peer.wait_until_gone();
  });
  EXPECT_EQ(ask(server.url(), nullptr, milliseconds(200)), "does not answer (silent for 1 s)");
}

TEST(RemoteExpert, does_not_wait_for_a_card_that_does_not_come) {
  net::RawServer server([](net::RawPeer& peer) { peer.wait_until_gone(); });
  RemoteExpert remote(server.url(), std::nullopt, milliseconds(200));
  EXPECT_EQ(remote.card().error().what,
            "the expert does not answer (silent for 1 s). Nothing was sent, nothing was paid");
}

TEST(RemoteExpert, passes_on_what_the_expert_says_of_its_failure) {
  EXPECT_EQ(ask_events(to_text(
                net::Event{"error", *protocol::to_json(Error{ErrorCode::io, "no space is left"})})),
            "no space is left");
  net::RawServer busy([](net::RawPeer& peer) {
    peer.request();
    peer.send(net::raw_answer("503 Service Unavailable", "application/json",
                              *protocol::to_json(Error{ErrorCode::offline, "busy: later"})));
  });
  EXPECT_EQ(ask(busy.url()), "busy: later");
  net::RawServer page([](net::RawPeer& peer) {
    peer.request();
    peer.send(net::raw_answer("200 OK", "text/html", "<html>"));
  });
  EXPECT_EQ(ask(page.url()), "what answers at that address (status 200) is no plmm of this kind");
}

TEST(RemoteExpert, refuses_a_card_with_a_negative_price_or_another_key) {
  auto json = *protocol::to_json(protocol::example_card());
  net::RawServer server([&](net::RawPeer& peer) {
    peer.request();
    peer.send(net::raw_answer("200 OK", "application/json", json));
  });
  RemoteExpert pinned(server.url(), ExpertPin{"it", protocol::example_card().public_key});
  EXPECT_TRUE(pinned.card());
  RemoteExpert other(server.url(), ExpertPin{"it", {}});
  EXPECT_TRUE(other.card().error().what.starts_with("at the address of it answers another expert"));
  json.replace(json.find("\"per_request\":1000"), 18, "\"per_request\":-100");
  EXPECT_EQ(pinned.card().error().what, "card: 'per_request' is negative");
}

}  // namespace
}  // namespace plmm::api
