// An expert asked over a real loopback socket: the same as in process, one at a time, and let go of
// when nobody listens any more.
#include "api/expert_service.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>

#include "api/remote_expert.h"
#include "api/scripted_expert_fixture.h"
#include "net/server_fixture.h"
#include "protocol/asking.h"
#include "protocol/json.h"

namespace plmm::api {
namespace {

using std::chrono::milliseconds;

/// An expert, its service and its server.
struct Running {
  explicit Running(std::vector<std::string> words, const ServiceLimits& limits = {})
      : expert(std::move(words)),
        service(ExpertService::create(expert, limits,
                                      [this](const Served& one) { served.push_back(one); })
                    .value()),
        server([this](const net::Request& request, net::Reply& reply) {
          service->answer(request, reply);
        }) {}

  Result<protocol::CheckedAnswer> ask(const Cancel& cancel = Cancel()) const {
    RemoteExpert remote(server.url(), ExpertPin{"it", protocol::example_card().public_key});
    return protocol::ask_and_check(
        remote, protocol::example_card(), protocol::example_ask(),
        [](const protocol::AnswerChunk&) {}, cancel);
  }

  ScriptedExpert expert;
  std::vector<Served> served;
  std::unique_ptr<ExpertService> service;
  net::RunningServer server;
};

TEST(ExpertService, answers_as_the_expert_does_in_process) {
  Running running({"A mutex ", "lets öne\nin.", " [1]"});
  std::vector<protocol::AnswerChunk> here;
  std::vector<protocol::AnswerChunk> there;
  const auto expected = running.expert.ask(
      protocol::example_ask(), [&](const auto& chunk) { here.push_back(chunk); }, Cancel());
  RemoteExpert remote(running.server.url(), std::nullopt);
  const auto end = remote.ask(
      protocol::example_ask(), [&](const auto& chunk) { there.push_back(chunk); }, Cancel());
  ASSERT_TRUE(end) << end.error().what;
  EXPECT_EQ(*end, *expected);
  EXPECT_EQ(there, here);
  EXPECT_EQ(*remote.card(), protocol::example_card());
  EXPECT_TRUE(running.ask());
  running.server.stop();
  ASSERT_EQ(running.served.size(), 2U);
  EXPECT_FALSE(running.served[0].error);
  EXPECT_EQ(running.served[0].price, end->receipt.price);
}

TEST(ExpertService, passes_contributions_on) {
  Running running({});
  RemoteExpert remote(running.server.url(), std::nullopt);
  const auto verdict = remote.contribute(protocol::example_contribution(), Cancel());
  ASSERT_TRUE(verdict) << verdict.error().what;
  EXPECT_EQ(*verdict, protocol::example_verdict());
}

TEST(ExpertService, answers_one_at_a_time_and_turns_away_whoever_is_too_many) {
  Running running({"word"}, {.n_waiting_max = 1});
  std::atomic<bool> go_on = false;
  std::atomic<int> n_at_work = 0;
  std::atomic<int> n_at_work_max = 0;
  running.expert.while_answering = [&](const Cancel&) {
    n_at_work_max = std::max(n_at_work_max.load(), ++n_at_work);
    go_on.wait(false);
    --n_at_work;
  };
  std::atomic<int> n_answered = 0;
  std::atomic<int> n_busy = 0;
  const auto ask = [&] {
    const auto answer = running.ask();
    if (answer) {
      ++n_answered;
    } else if (answer.error().what == "busy: 1 others wait already. Try again in a minute") {
      ++n_busy;
      n_busy.notify_all();
    }
  };
  {
    std::jthread first(ask);
    std::jthread second(ask);
    std::jthread third(ask);
    n_busy.wait(0);
    go_on = true;
    go_on.notify_all();
  }
  EXPECT_EQ(n_answered, 2);
  EXPECT_EQ(n_busy, 1);
  EXPECT_EQ(n_at_work_max, 1);
}

TEST(ExpertService, answers_as_many_at_once_as_it_may_and_judges_alone) {
  Running running({"word"}, {.n_answers_max = 2, .n_waiting_max = 4});
  std::atomic<int> n_at_work = 0;
  std::atomic<int> n_at_work_max = 0;
  std::atomic<bool> both = false;
  running.expert.while_answering = [&](const Cancel&) {
    n_at_work_max = std::max(n_at_work_max.load(), ++n_at_work);
    if (n_at_work == 2) {
      both = true;
      both.notify_all();
    }
    both.wait(false);  // the first waits for the second: one after the other would never end
    --n_at_work;
  };
  std::atomic<int> n_answered = 0;
  {
    std::vector<std::jthread> askers;
    for (int i = 0; i < 4; ++i) {
      askers.emplace_back([&] {
        if (running.ask()) ++n_answered;
      });
    }
  }
  EXPECT_EQ(n_answered, 4);
  EXPECT_EQ(n_at_work_max, 2);
}

TEST(Turns, are_given_in_order_together_or_alone) {
  using Use = Turns::Use;
  Turns turns(2, 3);
  Cancel stop;
  stop.request();  // wait() says at once whether it is one's turn
  std::optional<Turns::Place> first = turns.queue(Use::together).value();
  std::optional<Turns::Place> second = turns.queue(Use::together).value();
  std::optional<Turns::Place> alone = turns.queue(Use::alone).value();
  std::optional<Turns::Place> last = turns.queue(Use::together).value();
  EXPECT_TRUE(first->wait(stop));
  EXPECT_TRUE(second->wait(stop));
  EXPECT_FALSE(alone->wait(stop));
  EXPECT_FALSE(last->wait(stop));
  first.reset();
  EXPECT_FALSE(alone->wait(stop)) << "not while another is at work";
  EXPECT_FALSE(last->wait(stop)) << "who came later does not overtake";
  second.reset();
  EXPECT_TRUE(alone->wait(stop));
  EXPECT_FALSE(last->wait(stop));
  alone.reset();
  EXPECT_TRUE(last->wait(stop));
  std::vector<Turns::Place> more;
  for (int i = 0; i < 4; ++i) more.push_back(turns.queue(Use::together).value());
  const auto refused = turns.queue(Use::together);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::offline);
}

TEST(ExpertService, stops_the_expert_when_the_asker_stops_or_is_gone) {
  Running running({"one", "two"});
  Cancel cancel;
  std::atomic<bool> was_stopped = false;
  running.expert.while_answering = [&](const Cancel& stop) {
    cancel.request();
    while (!stop.requested()) std::this_thread::yield();
    was_stopped = true;
  };
  const auto answer = running.ask(cancel);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::cancelled);
  running.server.stop();
  EXPECT_TRUE(was_stopped);
  ASSERT_EQ(running.served.size(), 1U);
  EXPECT_EQ(running.served[0].error->code, ErrorCode::cancelled);
}

TEST(ExpertService, a_server_that_stops_says_so_to_whoever_is_answered) {
  Running running({"one", "two"});
  std::atomic<bool> is_answering = false;
  running.expert.while_answering = [&](const Cancel& stop) {
    is_answering = true;
    is_answering.notify_all();
    while (!stop.requested()) std::this_thread::yield();
  };
  std::jthread stopper([&] {
    is_answering.wait(false);
    running.server.stop();
  });
  const auto answer = running.ask();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::offline);
  EXPECT_EQ(answer.error().what, "it was stopped");
}

TEST(ExpertService, refuses_politely_what_it_does_not_speak) {
  Running running({});
  const net::HttpClient client;
  const auto says = [&](const net::HttpRequest& request) {
    const auto answer = client.fetch(request, Cancel());
    return std::to_string(answer->head.status) + " " +
           protocol::parse_error(answer->body).value().what;
  };
  const std::string url = running.server.url();
  EXPECT_EQ(says({.url = url + "/v2/card"}),
            "501 the other side speaks version 2 of the protocol, this plmm speaks version 1. "
            "Update the older of the two.");
  EXPECT_EQ(says({.url = url + "/v1/nothing"}), "404 nothing is at that path");
  EXPECT_EQ(says({.url = url + "/v1/ask"}), "501 this is asked by POST");
  EXPECT_EQ(says({.url = url + "/v1/ask",
                  .method = "POST",
                  .headers = {{"Content-Type", "text/plain"}},
                  .body = *protocol::to_json(protocol::example_ask())}),
            "501 this is asked in application/json");
  EXPECT_EQ(says(net::json_post(url + "/v1/ask", R"({"version":2,"kind":"ask"})")),
            "501 ask: the other side speaks version 2 of the protocol, this plmm speaks version "
            "1. Update the older of the two.");
  EXPECT_EQ(says(net::json_post(url + "/v1/ask", "{\"version\":1,\"kind\":\"\xff\"}")),
            "400 ask: not UTF-8 at byte 21");
}

}  // namespace
}  // namespace plmm::api
