// An expert behind HTTP: routes, one answer at a time, and a queue that ends. docs/formats/http.md.
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

/// answer() is for many threads at once; the expert is only ever used by one of them. `on_served`
/// is called under the same turn.
class ExpertService {
 public:
  /// The expert outlives the service. n_waiting_max: how many may wait behind the one that is
  /// answered; who comes then is told so. The errors of card().
  static Result<std::unique_ptr<ExpertService>> create(protocol::ExpertPort& expert,
                                                       std::size_t n_waiting_max,
                                                       const OnServed& on_served);

  void answer(const net::Request& request, net::Reply& reply);

 private:
  ExpertService(protocol::ExpertPort& expert, std::size_t n_waiting_max, OnServed on_served)
      : expert_(expert), turns_(n_waiting_max), on_served_(std::move(on_served)) {}
  void card(const net::Request& request, net::Reply& reply);
  void ask(const net::Request& request, net::Reply& reply);
  void contribute(const net::Request& request, net::Reply& reply);
  void in_turn(net::Reply& reply, Served::What what,
               const std::function<Result<>(Served& served)>& work);
  Result<> refresh_card();

  protocol::ExpertPort& expert_;
  Turns turns_;
  OnServed on_served_;
  std::mutex card_mutex_;
  std::string card_;  // as JSON, so that it can be read while the expert is at work
};

}  // namespace plmm::api
