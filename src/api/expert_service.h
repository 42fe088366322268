// An expert behind HTTP: routes, so many answers at a time, and a queue that ends.
// docs/formats/http.md.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "api/turns.h"
#include "base/result.h"
#include "net/server.h"
#include "protocol/ports.h"

namespace plmm::api {

/// What became of one request; nothing that a user wrote is in it.
struct Served {
  enum class What : std::uint8_t { answer, contribution };
  What what = What::answer;
  std::optional<Error> error{};  // nothing: all went well
  protocol::Outcome outcome{};
  protocol::TokenCount tokens{};
  ledger::Microcredits price{};  // of a contribution: its reward
  std::chrono::milliseconds waited{};
  std::chrono::milliseconds took{};  // without the waiting
};
using OnServed = std::function<void(const Served& served)>;

/// How many at a time.
struct ServiceLimits {
  /// Answers that the expert gives at once: more than 1 only where its ask() is for many threads.
  /// Contributions always have it to themselves.
  std::size_t n_answers_max = 1;
  std::size_t n_waiting_max = 8;  // behind them; who comes then is told so
};

/// answer() is for many threads at once, the expert for as many as the limits say. `on_served` is
/// called by one thread at a time.
class ExpertService {
 public:
  /// The expert outlives the service. The errors of card().
  static Result<std::unique_ptr<ExpertService>> create(protocol::ExpertPort& expert,
                                                       const ServiceLimits& limits,
                                                       const OnServed& on_served);

  void answer(const net::Request& request, net::Reply& reply);

 private:
  ExpertService(protocol::ExpertPort& expert, const ServiceLimits& limits, OnServed on_served)
      : expert_(expert),
        turns_(limits.n_answers_max, limits.n_waiting_max),
        on_served_(std::move(on_served)) {}
  void card(const net::Request& request, net::Reply& reply);
  void ask(const net::Request& request, net::Reply& reply);
  void contribute(const net::Request& request, net::Reply& reply);
  void in_turn(net::Reply& reply, Served::What what,
               const std::function<Result<>(Served& served)>& work);
  Result<> refresh_card();

  protocol::ExpertPort& expert_;
  Turns turns_;
  std::mutex served_mutex_;  // of on_served_
  OnServed on_served_;
  std::mutex card_mutex_;
  std::string card_;  // as JSON, so that it can be read while the expert is at work
};

}  // namespace plmm::api
