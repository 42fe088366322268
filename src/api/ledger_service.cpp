// The rules of who may do what with whose money; see ledger_service.h.
#include "api/ledger_service.h"

#include <utility>

#include "api/words.h"
#include "protocol/ids.h"
#include "protocol/json.h"

namespace plmm::api {
namespace {

using protocol::LedgerAction;
using protocol::LedgerCommand;

constexpr std::int64_t kSweepMs = 10'000;

std::unexpected<Error> not_yours(std::string_view what) {
  return fail(ErrorCode::invalid_argument, std::string(what));
}

template <class Message>
Result<std::string> json_of(const Result<Message>& message) {
  if (!message) return std::unexpected(message.error());
  return protocol::to_json(*message);
}

}  // namespace

Result<> ReplayGuard::admit(const ledger::Id128& nonce, std::int64_t time_ms, std::int64_t now_ms) {
  const std::int64_t behind = now_ms - time_ms;
  if (behind > kCommandAgeMsMax || behind < -kCommandAgeMsMax) {
    return fail(ErrorCode::invalid_argument,
                "the clocks of this device and the ledger differ by " +
                    std::to_string((behind < 0 ? -behind : behind) / 1'000) + " s; at most " +
                    std::to_string(kCommandAgeMsMax / 1'000) +
                    " s are accepted. Next: set the clock");
  }
  const std::lock_guard guard(mutex_);
  if (now_ms - swept_ms_ >= kSweepMs || now_ms < swept_ms_) {
    std::erase_if(seen_, [&](const auto& item) { return item.second < now_ms; });
    swept_ms_ = now_ms;
  }
  if (seen_.contains(nonce))
    return fail(ErrorCode::invalid_argument, "this command was said before");
  if (seen_.size() >= kRememberedMax)
    return fail(ErrorCode::offline, "busy: too many commands. Try again in a minute");
  seen_.emplace(nonce, time_ms + kCommandAgeMsMax);
  return {};
}

void LedgerService::answer(const net::Request& request, net::Reply& reply) {
  if (request.path != kLedgerPath) return refuse(reply, unknown_path(request.path));
  if (const auto post = check_json_post(request); !post) return refuse(reply, post.error());
  const auto command = protocol::parse_ledger_command(request.body);
  if (!command) return refuse(reply, command.error());
  if (!protocol::verify_command(*command))
    return refuse(reply, {ErrorCode::corrupt_data, "the command has a wrong signature"});
  const auto admitted = guard_.admit(command->nonce, command->time_ms, ledger_.clock());
  if (!admitted) return refuse(reply, admitted.error());
  say(reply, perform(*command));
}

Result<std::string> LedgerService::perform(const LedgerCommand& command) {
  const ledger::HolderId self = protocol::holder_of(command.key);
  switch (command.action) {
    case LedgerAction::open_wallet:
      return json_of(ledger_.port.open_wallet(self));
    case LedgerAction::open_expert:
      TRY(ledger_.open_expert(self));
      return json_of(ledger_.port.balance({ledger::AccountKind::expert_revenue, self}));
    case LedgerAction::reserve:
      if (command.payer != self)
        return not_yours("only the owner of a wallet can put its money aside");
      return json_of(ledger_.port.reserve({.payer = self,
                                           .expert = command.expert,
                                           .request = {command.reference},
                                           .price_max = command.amount,
                                           .expires_ms = command.expires_ms}));
    case LedgerAction::reward:
      if (command.expert != self) return not_yours("only an expert can pay from its reward pool");
      return json_of(ledger_.port.reward({.expert = self,
                                          .contributor = command.payer,
                                          .contribution = command.reference,
                                          .amount = command.amount}));
    case LedgerAction::balance:
      if (command.account.holder != self) return not_yours("only its holder can see an account");
      return json_of(ledger_.port.balance(command.account));
    case LedgerAction::statement:
      if (command.account.holder != self) return not_yours("only its holder can see an account");
      return json_of(ledger_.port.statement(command.account, command.from, command.n_lines_max));
    case LedgerAction::post:
    case LedgerAction::void_:
    case LedgerAction::reservation:
      return settle(command);
  }
  return not_yours("there is no such command");
}

/// What only the two sides of a reservation may say. To others it is as if there were none.
Result<std::string> LedgerService::settle(const LedgerCommand& command) {
  const ledger::HolderId self = protocol::holder_of(command.key);
  const auto held = TRY(ledger_.any_reservation(command.reservation));
  if (held.payer != self && held.expert != self)
    return fail(ErrorCode::not_found, "there is no reservation of yours with that id");
  const auto open = ledger_.port.reservation(command.reservation);
  if (!open && open.error().code != ErrorCode::not_found) return std::unexpected(open.error());
  if (command.action == LedgerAction::reservation) return json_of(open);
  const bool is_expert = held.expert == self;
  if (command.action == LedgerAction::void_) {
    // Else a payer could read an answer to its last word and then take the money back.
    if (open && !is_expert)
      return not_yours("only the expert can let go of it before its time is over");
    return json_of(ledger_.port.void_(command.reservation));
  }
  if (open && !is_expert && command.amount != held.price_max)
    return not_yours("only the expert can take less than what was put aside");
  return json_of(ledger_.port.post(command.reservation, command.amount));
}

}  // namespace plmm::api
