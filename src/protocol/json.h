// Messages as canonical JSON and back. docs/formats/protocol.md.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "protocol/messages.h"

namespace plmm::protocol {

/// The one way to write a message: keys in the order of their bytes, no spaces, UTF-8 as it is. The
/// error of check() when a field breaks its limits, so that what is written can be read.
Result<std::string> to_json(const ExpertCard& card);
Result<std::string> to_json(const Quote& quote);
Result<std::string> to_json(const Ask& ask);
Result<std::string> to_json(const AnswerChunk& chunk);
Result<std::string> to_json(const AnswerEnd& end);
Result<std::string> to_json(const Receipt& receipt);
/// What a peer is told instead of an answer; text over kErrorBytesMax is cut, broken UTF-8
/// replaced.
Result<std::string> to_json(const Error& error);

/// unsupported: the peer speaks version `theirs`, and what to do.
Error other_version(std::string_view theirs);

/// Reads what a stranger sent. Fields that this version does not know are ignored. unsupported
/// names both versions when the peer speaks another one; corrupt_data for what is no such message:
/// not UTF-8, not JSON, a key twice, a field missing or of the wrong type; limit_exceeded for more
/// than kMessageBytesMax or kDepthMax; else the error of check(). Names fields, never their text.
Result<ExpertCard> parse_card(std::string_view json);
Result<Quote> parse_quote(std::string_view json);
Result<Ask> parse_ask(std::string_view json);
Result<AnswerChunk> parse_chunk(std::string_view json);
Result<AnswerEnd> parse_end(std::string_view json);
Result<Receipt> parse_receipt(std::string_view json);
/// The peer's error, so that it can be passed on. A code that this version does not know: io.
Result<Error> parse_error(std::string_view json);

inline constexpr int kDepthMax = 8;  // messages have four levels

}  // namespace plmm::protocol
