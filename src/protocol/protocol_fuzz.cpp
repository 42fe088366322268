// Fuzz entry of the messages: any bytes, read as each kind; what is accepted is written and read
// again.
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "fuzz/fuzz.h"
#include "protocol/example.h"
#include "protocol/json.h"
#include "protocol/ledger_example.h"

namespace {

using plmm::Result;

/// 1 when `parse` accepted the bytes.
template <class Message>
int try_as(std::string_view json, Result<Message> (*parse)(std::string_view)) {
  const auto message = parse(json);
  if (!message) {
    plmm::fuzz::note(message.error().what);
    return 0;
  }
  const auto written = plmm::protocol::to_json(*message);
  CHECK(written.has_value());
  const auto again = parse(*written);
  CHECK(again.has_value() && *again == *message);
  CHECK(*plmm::protocol::to_json(*again) == *written);
  return 1;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  int n_accepted = try_as(json, plmm::protocol::parse_card);
  n_accepted += try_as(json, plmm::protocol::parse_quote);
  n_accepted += try_as(json, plmm::protocol::parse_ask);
  n_accepted += try_as(json, plmm::protocol::parse_chunk);
  n_accepted += try_as(json, plmm::protocol::parse_end);
  n_accepted += try_as(json, plmm::protocol::parse_receipt);
  n_accepted += try_as(json, plmm::protocol::parse_release);
  n_accepted += try_as(json, plmm::protocol::parse_contribution);
  n_accepted += try_as(json, plmm::protocol::parse_verdict);
  n_accepted += try_as(json, plmm::protocol::parse_ledger_command);
  n_accepted += try_as(json, plmm::protocol::parse_ledger_reply);
  n_accepted += try_as(json, plmm::protocol::parse_reservation);
  n_accepted += try_as(json, plmm::protocol::parse_balance);
  n_accepted += try_as(json, plmm::protocol::parse_statement);
  if (const auto error = plmm::protocol::parse_error(json)) {
    CHECK(plmm::protocol::to_json(*error).has_value());
    ++n_accepted;
  }
  CHECK(n_accepted <= 1);  // a message says itself what it is
  return n_accepted == 1 ? 0 : -1;
}

std::vector<std::string> plmm::fuzz::seeds() {
  return {*protocol::to_json(protocol::example_card()),
          *protocol::to_json(protocol::example_quote()),
          *protocol::to_json(protocol::example_ask()),
          *protocol::to_json(protocol::example_chunk()),
          *protocol::to_json(protocol::example_end()),
          *protocol::to_json(protocol::example_end().receipt),
          *protocol::to_json(protocol::example_release()),
          *protocol::to_json(protocol::example_contribution()),
          *protocol::to_json(protocol::example_command()),
          *protocol::to_json(protocol::example_reply()),
          *protocol::to_json(protocol::example_reservation()),
          *protocol::to_json(protocol::example_balance()),
          *protocol::to_json(protocol::example_statement()),
          *protocol::to_json(protocol::example_verdict()),
          *protocol::to_json(plmm::Error{plmm::ErrorCode::io, "disk full"})};
}
