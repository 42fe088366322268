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
                                                             std::size_t n_waiting_max,
                                                             const OnServed& on_served) {
  std::unique_ptr<ExpertService> out(new ExpertService(expert, n_waiting_max, on_served));
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

void ExpertService::ask(const net::Request& request, net::Reply& reply) {
  if (const auto post = check_json_post(request); !post) return refuse(reply, post.error());
  const auto ask = protocol::parse_ask(request.body);
  if (!ask) return refuse(reply, ask.error());
  auto place = turns_.queue();
  if (!place) return refuse(reply, place.error());
  Served served;
  const auto queued_at = Clock::now();
  // From here on the peer hears that we are alive, however long the queue and the prompt are.
  if (!reply.begin_events()) return;
  if (const auto turn = place->wait(reply.cancel()); !turn) return say_error(reply, turn.error());
  served.waited = since(queued_at);
  const auto began_at = Clock::now();
  const auto end = stream(expert_, *ask, reply);
  served.took = since(began_at);
  if (end) {
    served.outcome = end->outcome;
    served.tokens = end->receipt.tokens;
    served.price = end->receipt.price;
  } else {
    served.error = end.error();
    say_error(reply, end.error());
  }
  on_served_(served);
}

void ExpertService::contribute(const net::Request& request, net::Reply& reply) {
  if (const auto post = check_json_post(request); !post) return refuse(reply, post.error());
  const auto contribution = protocol::parse_contribution(request.body);
  if (!contribution) return refuse(reply, contribution.error());
  auto place = turns_.queue();
  if (!place) return refuse(reply, place.error());
  Served served{.what = Served::What::contribution};
  const auto queued_at = Clock::now();
  if (!reply.begin_events()) return;
  if (const auto turn = place->wait(reply.cancel()); !turn) return say_error(reply, turn.error());
  served.waited = since(queued_at);
  const auto began_at = Clock::now();
  const auto verdict = expert_.contribute(*contribution, reply.cancel());
  served.took = since(began_at);
  if (verdict) {
    served.price = verdict->reward;
    static_cast<void>(say_event(reply, kEndEvent, protocol::to_json(*verdict)));
    static_cast<void>(refresh_card());  // of a new release; where that fails, the old one stands
  } else {
    served.error = verdict.error();
    say_error(reply, verdict.error());
  }
  on_served_(served);
}

}  // namespace plmm::api
