// nlohmann-json parses without exceptions here; each field is checked before it is used.
#include "protocol/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "crypto/hash.h"
#include "protocol/ids.h"
#include "text/unicode.h"

namespace plmm::protocol {
namespace {

using Json = nlohmann::json;  // keeps keys in the order of their bytes

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

template <class Names, class Value>
std::string_view name_of(const Names& names, Value value) {
  return std::ranges::find(names, value, &Names::value_type::first)->second;
}

template <std::size_t n>
std::string hex_of(const std::array<std::byte, n>& bytes) {
  return crypto::to_hex(bytes);
}

/// Stops the parser at what it need not read to the end: too deep, or a key twice in one object.
class Watch {
 public:
  bool operator()(int depth, Json::parse_event_t event, const Json& value) {
    if (depth > kDepthMax) too_deep_ = true;
    const auto level = static_cast<std::size_t>(std::clamp(depth, 0, kDepthMax));
    if (event == Json::parse_event_t::object_start) keys_[std::min(level + 1, kLevels - 1)].clear();
    if (event == Json::parse_event_t::key) {
      twice_ = twice_ || !keys_[level].insert(value.get_ref<const std::string&>()).second;
    }
    return !too_deep_ && !twice_;
  }
  bool too_deep() const { return too_deep_; }
  bool twice() const { return twice_; }

 private:
  static constexpr std::size_t kLevels = kDepthMax + 1;
  std::array<std::set<std::string>, kLevels> keys_;  // of the open object at each depth
  bool too_deep_ = false;
  bool twice_ = false;
};

/// Reads the fields of one object; `where_` names it in errors.
class Fields {
 public:
  Fields(const Json& object, std::string where) : object_(&object), where_(std::move(where)) {}

  std::unexpected<Error> wrong(std::string_view key, std::string_view what) const {
    return fail(ErrorCode::corrupt_data, fmt::format("{}: '{}' {}", where_, key, what));
  }
  const std::string& where() const { return where_; }

  Result<const Json*> any(const char* key) const {
    const auto found = object_->find(key);
    if (found == object_->end()) return wrong(key, "is missing");
    return &*found;
  }

  Result<std::string> text(const char* key) const {
    const Json* value = TRY(any(key));
    if (!value->is_string()) return wrong(key, "is not a string");
    return value->get<std::string>();
  }

  Result<std::uint64_t> count(const char* key) const {
    const Json* value = TRY(any(key));
    if (!value->is_number_unsigned()) return wrong(key, "is not a whole number of 0 or more");
    return value->get<std::uint64_t>();
  }

  Result<std::uint32_t> small_count(const char* key) const {
    const auto value = TRY(count(key));
    if (!std::in_range<std::uint32_t>(value)) return wrong(key, "is over 4,294,967,295");
    return static_cast<std::uint32_t>(value);
  }

  /// Negative ones pass: check() refuses them in its own words.
  Result<ledger::Microcredits> amount(const char* key) const {
    const Json* value = TRY(any(key));
    if (!value->is_number_integer()) return wrong(key, "is not a whole number of micro-credits");
    if (value->is_number_unsigned() && value->get<std::uint64_t>() > kIntegerMax) {
      return wrong(key, "is over 2^53 - 1");
    }
    return ledger::Microcredits{value->get<std::int64_t>()};
  }

  Result<ledger::Id128> id(const char* key) const {
    const auto id = id_from_hex(TRY(text(key)));
    if (!id) return wrong(key, "is not an id of 32 hex digits");
    return *id;
  }

  template <std::size_t n>
  Result<> bytes(const char* key, std::array<std::byte, n>& out) const {
    const auto bytes = crypto::from_hex(TRY(text(key)));
    if (!bytes || bytes->size() != n) {
      return wrong(key, fmt::format("is not {} bytes as hex digits", n));
    }
    std::ranges::copy(*bytes, out.begin());
    return {};
  }

  Result<Fields> object(const char* key) const {
    const Json* value = TRY(any(key));
    if (!value->is_object()) return wrong(key, "is not an object");
    return Fields(*value, where_ + "." + key);
  }

  Result<const Json*> list(const char* key, std::size_t n_max) const {
    const Json* value = TRY(any(key));
    if (!value->is_array()) return wrong(key, "is not a list");
    if (value->size() > n_max) {
      return fail(ErrorCode::limit_exceeded,
                  fmt::format("{}: '{}' has more than {} items", where_, key, n_max));
    }
    return value;
  }

  template <class Names>
  auto one_of(const char* key, const Names& names) const
      -> Result<typename Names::value_type::first_type> {
    const auto value = TRY(text(key));
    const auto found = std::ranges::find(names, value, &Names::value_type::second);
    if (found == names.end()) return wrong(key, "has a value that this version does not know");
    return found->first;
  }

 private:
  const Json* object_;
  std::string where_;
};

Result<> check_utf8(std::string_view text, std::string_view kind) {
  const auto at = text::valid_bytes(text);
  if (at == text.size()) return {};
  return fail(ErrorCode::corrupt_data, fmt::format("{}: not UTF-8 at byte {}", kind, at));
}

Result<Json> parse_object(std::string_view json, std::string_view kind) {
  if (json.size() > kMessageBytesMax) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("{}: larger than {} bytes", kind, kMessageBytesMax));
  }
  TRY(check_utf8(json, kind));
  Watch watch;
  auto root = Json::parse(
      json,
      [&](int depth, Json::parse_event_t event, Json& value) { return watch(depth, event, value); },
      false);
  if (watch.too_deep()) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("{}: nested deeper than {} levels", kind, kDepthMax));
  }
  if (watch.twice()) return fail(ErrorCode::corrupt_data, fmt::format("{}: a key twice", kind));
  if (root.is_discarded() || !root.is_object()) {
    return fail(ErrorCode::corrupt_data, fmt::format("{}: not a JSON object", kind));
  }
  return root;
}

/// The message's version and kind, before any other field is looked at.
Result<> check_head(const Fields& fields) {
  const auto version = TRY(fields.count("version"));
  if (version != kVersion) {
    return fail(ErrorCode::unsupported,
                fmt::format("{}: the other side speaks version {} of the protocol, this plmm "
                            "speaks version {}. Update the older of the two.",
                            fields.where(), version, kVersion));
  }
  if (TRY(fields.text("kind")) != fields.where()) {
    return fail(ErrorCode::corrupt_data,
                fmt::format("{}: the message is of another kind", fields.where()));
  }
  return {};
}

Json head(const char* kind) { return {{"kind", kind}, {"version", kVersion}}; }

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// check() of both directions, with the message's kind before its words.
template <class Message>
Result<> checked(const Message& message, std::string_view kind) {
  auto result = check(message);
  if (!result) result.error().what = fmt::format("{}: {}", kind, result.error().what);
  return result;
}

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
  for (const auto& topic : *TRY(fields.list("topics", kTopicsMax))) {
    if (!topic.is_string()) return fields.wrong("topics", "has an item that is not a string");
    out.topics.push_back(topic.get<std::string>());
  }
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
  for (const auto& item : *TRY(fields.list("citations", kCitationsMax))) {
    if (!item.is_object()) return fields.wrong("citations", "has an item that is not an object");
    out.citations.push_back(TRY(read_citation(Fields(item, fields.where() + ".citations"))));
  }
  out.receipt = TRY(read_receipt(TRY(fields.object("receipt"))));
  return out;
}

Result<Receipt> read(const Fields& fields, const Receipt&) { return read_receipt(fields); }

template <class Message>
Result<Message> parse(std::string_view json, const char* kind) {
  const auto root = TRY(parse_object(json, kind));
  const Fields fields(root, kind);
  TRY(check_head(fields));
  auto message = TRY(read(fields, Message{}));
  TRY(checked(message, kind));
  return message;
}

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
  Json citations = Json::array();
  for (const auto& citation : end.citations) citations.push_back(json_of(citation));
  out.update({{"outcome", name_of(kOutcomes, end.outcome)},
              {"citations", std::move(citations)},
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

Result<ExpertCard> parse_card(std::string_view json) { return parse<ExpertCard>(json, "card"); }
Result<Quote> parse_quote(std::string_view json) { return parse<Quote>(json, "quote"); }
Result<Ask> parse_ask(std::string_view json) { return parse<Ask>(json, "ask"); }
Result<AnswerChunk> parse_chunk(std::string_view json) { return parse<AnswerChunk>(json, "chunk"); }
Result<AnswerEnd> parse_end(std::string_view json) { return parse<AnswerEnd>(json, "end"); }
Result<Receipt> parse_receipt(std::string_view json) { return parse<Receipt>(json, "receipt"); }

Result<Error> parse_error(std::string_view json) {
  const auto root = TRY(parse_object(json, "error"));
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
