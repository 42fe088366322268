// The limits of each field, for what is sent and for what is received.
#include <algorithm>

#include "protocol/field_checks.h"
#include "protocol/messages.h"

namespace plmm::protocol {
namespace {

Result<> check_tokens(const TokenCount& tokens) {
  TRY(check_count("n_tokens_in", tokens.n_in, kTokensMax));
  return check_count("n_tokens_out", tokens.n_out, kTokensMax);
}

}  // namespace

bool is_name(std::string_view text) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const auto fits_or_dash = [&](char c) { return fits(c) || c == '-'; };
  return !text.empty() && text.size() <= kNameBytesMax && fits(text.front()) &&
         std::ranges::all_of(text, fits_or_dash);
}

Result<> check(const PriceCard& prices) {
  TRY(check_amount("per_request", prices.per_request));
  TRY(check_amount("per_1000_tokens_in", prices.per_1000_tokens_in));
  return check_amount("per_1000_tokens_out", prices.per_1000_tokens_out);
}

Result<> check(const ExpertCard& card) {
  TRY(check_name("name", card.name));
  TRY(check_line("title", card.title, kTitleBytesMax));
  TRY(check_line("summary", card.summary, kSummaryBytesMax));
  TRY(check_count("topics", card.topics.size(), kTopicsMax));
  for (const auto& topic : card.topics) TRY(check_line("topics", topic, kTopicBytesMax));
  TRY(check(card.prices));
  TRY(check_release(card.release));
  TRY(check_line("base_model", card.base_model, kTitleBytesMax));
  TRY(check_count("n_passages", card.n_passages, kIntegerMax));
  return check_count("n_tokens_in_max", card.n_tokens_in_max, kTokensMax);
}

Result<> check(const Quote& quote) {
  TRY(check_name("expert", quote.expert));
  TRY(check_release(quote.release));
  TRY(check_tokens(quote.tokens_max));
  return check_amount("price_max", quote.price_max);
}

Result<> check(const Ask& ask) {
  if (ask.request.value.is_zero()) return wrong("request", "is zero");
  TRY(check_name("expert", ask.expert));
  if (ask.question.empty()) return wrong("question", "is empty");
  TRY(check_text("question", ask.question, kQuestionBytesMax));
  if (ask.n_answer_tokens_max == 0) return wrong("n_answer_tokens_max", "is 0");
  TRY(check_count("n_answer_tokens_max", ask.n_answer_tokens_max, kTokensMax));
  TRY(check_amount("price_max", ask.price_max));
  const bool reserved = !ask.reservation.value.is_zero();
  if (reserved == ask.payer.value.is_zero()) {
    return wrong("payer", "goes with a reservation, and a reservation with a payer");
  }
  if (!reserved && ask.price_max.value != 0) return wrong("price_max", "has no reservation");
  return {};
}

Result<> check(const AnswerChunk& chunk) {
  TRY(check_count("number", chunk.number, kAnswerBytesMax));
  return check_text("text", chunk.text, kChunkBytesMax);
}

Result<> check(const Citation& citation) {
  if (citation.number == 0) return wrong("number", "is 0; citations count from 1");
  TRY(check_count("number", citation.number, kCitationsMax));
  TRY(check_count("passage", citation.passage, kIntegerMax));
  TRY(check_line("document", citation.document, kTitleBytesMax));
  TRY(check_line("title", citation.title, kTitleBytesMax));
  return check_text("text", citation.text, kPassageBytesMax);
}

Result<> check(const Receipt& receipt) {
  if (receipt.request.value.is_zero()) return wrong("request", "is zero");
  TRY(check_name("expert", receipt.expert));
  TRY(check_release(receipt.release));
  TRY(check_tokens(receipt.tokens));
  return check_amount("price", receipt.price);
}

Result<> check(const AnswerEnd& end) {
  TRY(check_count("citations", end.citations.size(), kCitationsMax));
  for (std::size_t i = 0; i < end.citations.size(); ++i) {
    TRY(check(end.citations[i]));
    if (end.citations[i].number != i + 1) return wrong("citations", "are not numbered 1, 2, …");
  }
  return check(end.receipt);
}

}  // namespace plmm::protocol
