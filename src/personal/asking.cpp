// The order of steps: nothing leaves before it is approved, reserved and recorded; nothing is paid
// before the receipt holds.
#include "personal/asking.h"

#include "personal/leave_out.h"
#include "privacy/restore.h"
#include "protocol/asking.h"
#include "protocol/ids.h"
#include "protocol/json.h"
#include "protocol/pricing.h"
#include "protocol/receipt.h"

namespace plmm::personal {
namespace {

constexpr int kLedgerTries = 3;

/// An error means that nobody knows what happened: the same is said again.
template <class Command>
Result<protocol::LedgerReply> until_known(const Command& command) {
  auto reply = command();
  for (int i = 1; i < kLedgerTries && !reply; ++i) reply = command();
  return reply;
}

Preview preview_of(const protocol::ExpertCard& card, const protocol::Ask& ask,
                   const privacy::Redaction& redaction, std::size_t n_left_out) {
  Preview out;
  out.expert = card.name;
  out.release = card.release;
  out.lines = lines_of(redaction.text);
  if (n_left_out > 0) {
    out.lines.push_back("[left out: " + std::to_string(n_left_out) +
                        (n_left_out == 1 ? " sentence" : " sentences") + " about you]");
  }
  out.replaced = replaced_of(redaction.replacements);
  out.n_left_out = n_left_out;
  out.price_max = ask.price_max;
  return out;
}

Result<> check_leaks(const Outgoing& outgoing, const protocol::Ask& ask, std::string_view bytes) {
  const std::string_view texts[] = {ask.question};
  return outgoing.check_leaks(bytes, texts);
}

/// Pays what an answered question costs; of a free one, lets go of what was put aside.
Result<Sending> pay_for(protocol::LedgerPort& ledger, const OutboxEntry& entry) {
  if (entry.reservation.value.is_zero()) return Sending::paid;
  const bool is_free = entry.price.value == 0;
  const auto reply = TRY(until_known([&] {
    return is_free ? ledger.void_(entry.reservation) : ledger.post(entry.reservation, entry.price);
  }));
  return reply.ok() || is_free ? Sending::paid : Sending::unpaid;
}

}  // namespace

/// The answer as the person sees it: with their own words in the place of placeholders.
struct Asking::Received {
  Received(const privacy::Redactor& redactor, const OnAnswerText& to)
      : restorer(redactor.replacements()), on_text(to) {}

  void show(std::string_view text) {
    shown += text;
    if (!text.empty()) on_text(text);
  }

  privacy::StreamRestorer restorer;
  const OnAnswerText& on_text;
  std::string shown;
};

Result<Preview> Asking::prepare(const Personal<std::string>& question,
                                std::uint64_t n_answer_tokens_max) {
  prepared_.reset();
  TRY(outgoing_.learn());
  const auto card = TRY(parts_.expert.card());
  TRY(protocol::check(card));
  const auto kept = keep_what_is_asked(question.reveal(Purpose::redact), parts_.redactor);
  const auto redaction = parts_.redactor.redact(kept.text);
  const auto quote = TRY(protocol::quote(card, n_answer_tokens_max));

  protocol::Ask ask;
  ask.request.value = protocol::make_id();
  ask.expert = card.name;
  ask.question = redaction.text;
  ask.n_answer_tokens_max = n_answer_tokens_max;
  ask.price_max = quote.price_max;
  if (ask.price_max.value > 0) {
    ask.reservation.value = ask.request.value;
    ask.payer = parts_.payer;
  }
  auto preview = preview_of(card, ask, redaction, kept.n_left_out);
  preview.bytes = TRY(protocol::to_json(ask));
  TRY(check_leaks(outgoing_, ask, preview.bytes));
  preview.consent =
      TRY(ConsentBook(parts_.vault, parts_.clock).mode_of(card.name, card.public_key));
  preview.key = TRY(outgoing_.key_standing(card));
  prepared_ = Prepared{card, ask, preview};
  return preview;
}

Result<> Asking::check_approval(const Prepared& prepared, Approval approval) {
  const protocol::ExpertCard& card = prepared.card;
  const auto consent =
      TRY(ConsentBook(parts_.vault, parts_.clock).mode_of(card.name, card.public_key));
  // Also what was said after the preview: a consent for always is not taken back here.
  if (consent == ConsentMode::always) return {};
  if (approval == Approval::person) return outgoing_.remember_key(card, prepared.preview.key);
  return fail(ErrorCode::invalid_argument,
              card.name + ": you have not said that it may always be asked. Nothing was sent");
}

Result<> Asking::reserve(Prepared& prepared) {
  protocol::Ask& ask = prepared.ask;
  if (ask.price_max.value == 0) return {};
  const protocol::Reservation wanted{.payer = ask.payer,
                                     .expert = protocol::holder_of(prepared.card.public_key),
                                     .request = ask.request,
                                     .price_max = ask.price_max,
                                     .expires_ms = parts_.clock() + kReservationMs};
  const auto reply = until_known([&] { return parts_.ledger.reserve(wanted); });
  if (!reply) {
    return fail(reply.error().code, "the ledger does not answer (" + reply.error().what +
                                        "). Nothing was sent, nothing was paid");
  }
  if (reply->ok()) {
    ask.reservation = reply->transfer;
    return {};
  }
  if (reply->answer == ledger::Answer::exceeds_credits) {
    return fail(ErrorCode::invalid_argument,
                "your wallet has less than the " + to_text(ask.price_max) +
                    " that the answer may cost. Nothing was sent. Next: plmm wallet");
  }
  return fail(ErrorCode::invalid_argument, "the ledger refused to put the price aside (" +
                                               std::string(ledger::name_of(reply->answer)) +
                                               "). Nothing was sent");
}

Result<OutboxEntry> Asking::record(const Prepared& prepared) {
  const protocol::Ask& ask = prepared.ask;
  OutboxEntry entry;
  entry.time_ms = parts_.clock();
  entry.expert = ask.expert;
  std::string bytes = TRY(protocol::to_json(ask));
  TRY(check_leaks(outgoing_, ask, bytes));
  entry.bytes = Personal(std::move(bytes));
  entry.request = ask.request;
  entry.reservation = ask.reservation;
  entry.price_max = ask.price_max;
  entry.id = TRY(Outbox(parts_.vault).add(entry));
  return entry;
}

Result<protocol::AnswerEnd> Asking::receive(const Prepared& prepared, Received& received,
                                            const Cancel& cancel) {
  auto answer = protocol::ask_and_check(
      parts_.expert, prepared.card, prepared.ask,
      [&](const protocol::AnswerChunk& chunk) {
        received.show(received.restorer.push(chunk.text));
      },
      cancel);
  received.show(received.restorer.finish());
  if (!answer) return std::unexpected(std::move(answer).error());
  return std::move(answer->end);
}

std::unexpected<Error> Asking::give_up(const Prepared& prepared, OutboxEntry* entry, Error error) {
  const protocol::Ask& ask = prepared.ask;
  std::string what = ask.expert + ": " + error.what.substr(0, kErrorBytesShown);
  bool is_let_go = true;
  if (!ask.reservation.value.is_zero()) {
    is_let_go = until_known([&] { return parts_.ledger.void_(ask.reservation); }).has_value();
  }
  what += is_let_go ? ". Nothing was paid"
                    : ". Nothing was paid; what was put aside for it comes back in " +
                          std::to_string(kReservationMs / 60'000) + " minutes at the latest";
  if (entry != nullptr && is_let_go) {
    entry->state = Sending::failed;
    const auto kept = Outbox(parts_.vault).update(*entry);
    if (!kept) what += "; the outbox could not be brought up to date: " + kept.error().what;
  }
  return fail(error.code, std::move(what));
}

ExpertAnswer Asking::pay(OutboxEntry& entry, const protocol::AnswerEnd& end) {
  if (const auto state = pay_for(parts_.ledger, entry)) {
    entry.state = *state;
    // Where this fails, settle() says the same to the ledger again, which changes nothing.
    static_cast<void>(Outbox(parts_.vault).update(entry));
  }
  ExpertAnswer out;
  out.outcome = end.outcome;
  out.citations = end.citations;
  out.receipt = end.receipt;
  out.payment = entry.state;
  out.outbox_id = entry.id;
  out.n_bytes = entry.bytes.reveal(Purpose::compare).size();
  return out;
}

Result<ExpertAnswer> Asking::send(Approval approval, const OnAnswerText& on_text,
                                  const Cancel& cancel) {
  if (!prepared_) {
    return fail(ErrorCode::invalid_argument, "no question is prepared, so nothing was sent");
  }
  Prepared prepared = std::move(*prepared_);
  prepared_.reset();
  TRY(check_approval(prepared, approval));
  TRY(check_leaks(outgoing_, prepared.ask, prepared.preview.bytes));
  if (cancel.requested()) return fail(ErrorCode::cancelled, "stopped. Nothing was sent");
  if (const auto reserved = reserve(prepared); !reserved) return std::unexpected(reserved.error());
  auto entry = record(prepared);
  if (!entry) return give_up(prepared, nullptr, std::move(entry).error());
  Received received(parts_.redactor, on_text);
  const auto end = receive(prepared, received, cancel);
  if (!end) return give_up(prepared, &*entry, end.error());
  // The receipt is on disk before the money moves, so that settle() can finish after a crash.
  entry->receipt = end->receipt;
  entry->price = end->receipt.price;
  entry->state = Sending::answered;
  if (const auto kept = Outbox(parts_.vault).update(*entry); !kept) {
    return give_up(prepared, nullptr, kept.error());
  }
  auto answer = pay(*entry, *end);
  answer.text = Personal(std::move(received.shown));
  return answer;
}

Result<Settled> settle(Vault& vault, protocol::LedgerPort& ledger, const Clock& clock) {
  Outbox outbox(vault);
  Settled out;
  for (OutboxEntry& entry : TRY(outbox.list())) {
    if (entry.kind != OutboxKind::question) continue;  // its verdict can still be asked for
    if (entry.state == Sending::answered) {
      entry.state = TRY(pay_for(ledger, entry));
      if (entry.state == Sending::paid) ++out.n_paid;
      TRY(outbox.update(entry));
    } else if (entry.state == Sending::on_its_way && entry.time_ms + kReservationMs <= clock()) {
      // Another program may still be waiting for a younger one.
      if (!entry.reservation.value.is_zero()) {
        TRY(until_known([&] { return ledger.void_(entry.reservation); }));
      }
      entry.state = Sending::failed;
      ++out.n_let_go;
      TRY(outbox.update(entry));
    }
  }
  return out;
}

}  // namespace plmm::personal
