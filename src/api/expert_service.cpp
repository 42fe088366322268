// From a request to the port and back; see expert_service.h.
#include "api/expert_service.h"

#include <utility>

#include "api/words.h"
#include "protocol/contribution.h"
#include "protocol/json.h"

namespace plmm::api {
namespace {

using Clock = std::chrono::steady_clock;

std::chrono::milliseconds since(Clock::time_point then) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - then);
}

Result<> say_event(net::Reply& reply, std::string_view type, const Result<std::string>& json) {
  if (!json) return std::unexpected(json.error());
  return reply.event({std::string(type), *json});
}

/// The last word of a stream; whoever is gone does not hear it.
void say_error(net::Reply& reply, const Error& error) {
  static_cast<void>(say_event(reply, kErrorEvent, protocol::to_json(error)));
}

/// The answer as events; when the peer is gone, its Cancel is requested and the expert stops.
Result<protocol::AnswerEnd> stream(protocol::ExpertPort& expert, const protocol::Ask& ask,
                                   net::Reply& reply) {
  Result<> sent;
  auto end = expert.ask(
      ask,
      [&](const protocol::AnswerChunk& chunk) {
        if (sent) sent = say_event(reply, kChunkEvent, protocol::to_json(chunk));
      },
      reply.cancel());
  if (!end) return end;
  TRY(std::move(sent));
  TRY(say_event(reply, kEndEvent, protocol::to_json(*end)));
  return end;
}

}  // namespace

Result<std::unique_ptr<ExpertService>> ExpertService::create(protocol::ExpertPort& expert,
                                                             const ServiceLimits& limits,
                                                             const OnServed& on_served) {
  std::unique_ptr<ExpertService> out(new ExpertService(expert, limits, on_served));
  TRY(out->refresh_card());
  return out;
}

Result<> ExpertService::refresh_card() {
  const auto card = TRY(expert_.card());
  auto json = TRY(protocol::to_json(card));
  const std::lock_guard guard(card_mutex_);
  card_ = std::move(json);
  return {};
}

void ExpertService::answer(const net::Request& request, net::Reply& reply) {
  if (request.path == kCardPath) return card(request, reply);
  if (request.path == kAskPath) return ask(request, reply);
  if (request.path == kContributePath) return contribute(request, reply);
  refuse(reply, unknown_path(request.path));
}

void ExpertService::card(const net::Request& request, net::Reply& reply) {
  if (request.method != "GET")
    return refuse(reply, {ErrorCode::unsupported, "this is asked by GET"});
  std::string json;
  {
    const std::lock_guard guard(card_mutex_);
    json = card_;
  }
  say(reply, json);
}

/// Has `work` done when its turn comes; what it fails with is the last word of the stream.
void ExpertService::in_turn(net::Reply& reply, Served::What what,
                            const std::function<Result<>(Served& served)>& work) {
  const bool together = what == Served::What::answer;
  auto place = turns_.queue(together ? Turns::Use::together : Turns::Use::alone);
  if (!place) return refuse(reply, place.error());
  Served served{.what = what};
  const auto queued_at = Clock::now();
  // From here on the peer hears that we are alive, however long the queue and the prompt are.
  if (!reply.begin_events()) return;
  if (const auto turn = place->wait(reply.cancel()); !turn) return say_error(reply, turn.error());
  served.waited = since(queued_at);
  const auto began_at = Clock::now();
  const auto done = work(served);
  served.took = since(began_at);
  if (!done) {
    served.error = done.error();
    say_error(reply, done.error());
  }
  const std::lock_guard guard(served_mutex_);
  on_served_(served);
}

void ExpertService::ask(const net::Request& request, net::Reply& reply) {
  if (const auto post = check_json_post(request); !post) return refuse(reply, post.error());
  const auto ask = protocol::parse_ask(request.body);
  if (!ask) return refuse(reply, ask.error());
  in_turn(reply, Served::What::answer, [&](Served& served) -> Result<> {
    const auto end = TRY(stream(expert_, *ask, reply));
    served.outcome = end.outcome;
    served.tokens = end.receipt.tokens;
    served.price = end.receipt.price;
    return {};
  });
}

void ExpertService::contribute(const net::Request& request, net::Reply& reply) {
  if (const auto post = check_json_post(request); !post) return refuse(reply, post.error());
  const auto contribution = protocol::parse_contribution(request.body);
  if (!contribution) return refuse(reply, contribution.error());
  in_turn(reply, Served::What::contribution, [&](Served& served) -> Result<> {
    const auto verdict = TRY(expert_.contribute(*contribution, reply.cancel()));
    served.price = verdict.reward;
    static_cast<void>(say_event(reply, kEndEvent, protocol::to_json(verdict)));
    static_cast<void>(refresh_card());  // of a new release; where that fails, the old one stands
    return {};
  });
}

}  // namespace plmm::api
