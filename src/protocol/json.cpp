// The messages as JSON: their fields in both directions.
#include "protocol/json.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "protocol/ids.h"
#include "protocol/json_parts.h"

namespace plmm::protocol {
namespace {

constexpr std::array kOutcomes{
    std::pair{Outcome::answered, std::string_view("answered")},
    std::pair{Outcome::cut, std::string_view("cut")},
    std::pair{Outcome::not_found, std::string_view("not_found")},
};
constexpr std::array kErrorCodes{
    std::pair{ErrorCode::invalid_argument, std::string_view("invalid_argument")},
    std::pair{ErrorCode::not_found, std::string_view("not_found")},
    std::pair{ErrorCode::corrupt_data, std::string_view("corrupt_data")},
    std::pair{ErrorCode::limit_exceeded, std::string_view("limit_exceeded")},
    std::pair{ErrorCode::io, std::string_view("io")},
    std::pair{ErrorCode::offline, std::string_view("offline")},
    std::pair{ErrorCode::cancelled, std::string_view("cancelled")},
    std::pair{ErrorCode::unsupported, std::string_view("unsupported")},
};

Json json_of(const PriceCard& prices) {
  return {{"per_request", prices.per_request.value},
          {"per_1000_tokens_in", prices.per_1000_tokens_in.value},
          {"per_1000_tokens_out", prices.per_1000_tokens_out.value}};
}

Result<PriceCard> read_prices(const Fields& fields) {
  PriceCard out;
  out.per_request = TRY(fields.amount("per_request"));
  out.per_1000_tokens_in = TRY(fields.amount("per_1000_tokens_in"));
  out.per_1000_tokens_out = TRY(fields.amount("per_1000_tokens_out"));
  return out;
}

Json json_of(const Citation& citation) {
  return {{"number", citation.number},
          {"passage", citation.passage},
          {"document", citation.document},
          {"title", citation.title},
          {"text", citation.text}};
}

Result<Citation> read_citation(const Fields& fields) {
  Citation out;
  out.number = TRY(fields.count("number"));
  out.passage = TRY(fields.count("passage"));
  out.document = TRY(fields.text("document"));
  out.title = TRY(fields.text("title"));
  out.text = TRY(fields.text("text"));
  return out;
}

Json json_of(const Receipt& receipt) {
  return {{"request", to_hex(receipt.request.value)},
          {"expert", receipt.expert},
          {"release", receipt.release},
          {"question_sha256", hex_of(receipt.question_sha256)},
          {"answer_sha256", hex_of(receipt.answer_sha256)},
          {"n_tokens_in", receipt.tokens.n_in},
          {"n_tokens_out", receipt.tokens.n_out},
          {"price", receipt.price.value},
          {"signature", hex_of(receipt.signature.bytes)}};
}

Result<Receipt> read_receipt(const Fields& fields) {
  Receipt out;
  out.request.value = TRY(fields.id("request"));
  out.expert = TRY(fields.text("expert"));
  out.release = TRY(fields.small_count("release"));
  TRY(fields.bytes("question_sha256", out.question_sha256));
  TRY(fields.bytes("answer_sha256", out.answer_sha256));
  out.tokens.n_in = TRY(fields.count("n_tokens_in"));
  out.tokens.n_out = TRY(fields.count("n_tokens_out"));
  out.price = TRY(fields.amount("price"));
  TRY(fields.bytes("signature", out.signature.bytes));
  return out;
}

Result<ExpertCard> read(const Fields& fields, ExpertCard out) {
  out.name = TRY(fields.text("name"));
  out.title = TRY(fields.text("title"));
  out.summary = TRY(fields.text("summary"));
  out.topics = TRY(fields.texts("topics", kTopicsMax));
  out.prices = TRY(read_prices(TRY(fields.object("prices"))));
  TRY(fields.bytes("public_key", out.public_key.bytes));
  out.release = TRY(fields.small_count("release"));
  out.base_model = TRY(fields.text("base_model"));
  out.n_passages = TRY(fields.count("n_passages"));
  out.n_tokens_in_max = TRY(fields.count("n_tokens_in_max"));
  return out;
}

Result<Quote> read(const Fields& fields, Quote out) {
  out.expert = TRY(fields.text("expert"));
  out.release = TRY(fields.small_count("release"));
  out.tokens_max.n_in = TRY(fields.count("n_tokens_in_max"));
  out.tokens_max.n_out = TRY(fields.count("n_tokens_out_max"));
  out.price_max = TRY(fields.amount("price_max"));
  return out;
}

Result<Ask> read(const Fields& fields, Ask out) {
  out.request.value = TRY(fields.id("request"));
  out.expert = TRY(fields.text("expert"));
  out.question = TRY(fields.text("question"));
  out.n_answer_tokens_max = TRY(fields.count("n_answer_tokens_max"));
  out.price_max = TRY(fields.amount("price_max"));
  out.reservation.value = TRY(fields.id("reservation"));
  out.payer.value = TRY(fields.id("payer"));
  return out;
}

Result<AnswerChunk> read(const Fields& fields, AnswerChunk out) {
  out.number = TRY(fields.count("number"));
  out.text = TRY(fields.text("text"));
  return out;
}

Result<AnswerEnd> read(const Fields& fields, AnswerEnd out) {
  out.outcome = TRY(fields.one_of("outcome", kOutcomes));
  out.citations = TRY(fields.objects("citations", kCitationsMax, read_citation));
  out.receipt = TRY(read_receipt(TRY(fields.object("receipt"))));
  return out;
}

Result<Receipt> read(const Fields& fields, Receipt) { return read_receipt(fields); }

}  // namespace

Result<std::string> to_json(const ExpertCard& card) {
  TRY(checked(card, "card"));
  Json out = head("card");
  out.update({{"name", card.name},
              {"title", card.title},
              {"summary", card.summary},
              {"topics", card.topics},
              {"prices", json_of(card.prices)},
              {"public_key", hex_of(card.public_key.bytes)},
              {"release", card.release},
              {"base_model", card.base_model},
              {"n_passages", card.n_passages},
              {"n_tokens_in_max", card.n_tokens_in_max}});
  return dump(out);
}

Result<std::string> to_json(const Quote& quote) {
  TRY(checked(quote, "quote"));
  Json out = head("quote");
  out.update({{"expert", quote.expert},
              {"release", quote.release},
              {"n_tokens_in_max", quote.tokens_max.n_in},
              {"n_tokens_out_max", quote.tokens_max.n_out},
              {"price_max", quote.price_max.value}});
  return dump(out);
}

Result<std::string> to_json(const Ask& ask) {
  TRY(checked(ask, "ask"));
  Json out = head("ask");
  out.update({{"request", to_hex(ask.request.value)},
              {"expert", ask.expert},
              {"question", ask.question},
              {"n_answer_tokens_max", ask.n_answer_tokens_max},
              {"price_max", ask.price_max.value},
              {"reservation", to_hex(ask.reservation.value)},
              {"payer", to_hex(ask.payer.value)}});
  return dump(out);
}

Result<std::string> to_json(const AnswerChunk& chunk) {
  TRY(checked(chunk, "chunk"));
  Json out = head("chunk");
  out.update({{"number", chunk.number}, {"text", chunk.text}});
  return dump(out);
}

Result<std::string> to_json(const AnswerEnd& end) {
  TRY(checked(end, "end"));
  Json out = head("end");
  out.update({{"outcome", name_of(kOutcomes, end.outcome)},
              {"citations", list_of(end.citations, json_of)},
              {"receipt", json_of(end.receipt)}});
  return dump(out);
}

Result<std::string> to_json(const Receipt& receipt) {
  TRY(checked(receipt, "receipt"));
  Json out = head("receipt");
  out.update(json_of(receipt));
  return dump(out);
}

Result<std::string> to_json(const Error& error) {
  Json out = head("error");
  out.update(
      {{"code", name_of(kErrorCodes, error.code)}, {"what", error.what.substr(0, kErrorBytesMax)}});
  return dump(out);
}

Result<ExpertCard> parse_card(std::string_view json) {
  return parse<ExpertCard>(json, "card", read);
}
Result<Quote> parse_quote(std::string_view json) { return parse<Quote>(json, "quote", read); }
Result<Ask> parse_ask(std::string_view json) { return parse<Ask>(json, "ask", read); }
Result<AnswerChunk> parse_chunk(std::string_view json) {
  return parse<AnswerChunk>(json, "chunk", read);
}
Result<AnswerEnd> parse_end(std::string_view json) { return parse<AnswerEnd>(json, "end", read); }
Result<Receipt> parse_receipt(std::string_view json) {
  return parse<Receipt>(json, "receipt", read);
}

Result<Error> parse_error(std::string_view json) {
  const auto root = TRY(parse_object(json, "error", kMessageBytesMax));
  const Fields fields(root, "error");
  TRY(check_head(fields));
  Error out{ErrorCode::io, TRY(fields.text("what"))};
  if (out.what.size() > 3 * kErrorBytesMax) {  // a broken byte became U+FFFD, 3 bytes
    return fail(ErrorCode::limit_exceeded, "error: 'what' is too long");
  }
  if (const auto code = fields.one_of("code", kErrorCodes)) out.code = *code;
  return out;
}

}  // namespace plmm::protocol
