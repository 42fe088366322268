// The state machine of server-sent events; see sse.h.
#include "net/sse.h"

#include <utility>

#include "base/check.h"

namespace plmm::net {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

Result<> EventParser::end_line(const OnEvent& on_event) {
  std::string line = std::exchange(line_, {});
  std::string_view rest = line;
  if (std::exchange(at_start_, false) && rest.starts_with(kByteOrderMark)) {
    rest.remove_prefix(kByteOrderMark.size());
  }
  if (rest.empty()) {
    n_event_bytes_ = 0;
    Event event{std::exchange(type_, {}), std::exchange(data_, {})};
    if (event.data.empty()) return {};
    event.data.pop_back();
    if (event.type.empty()) event.type = "message";
    return on_event(event);
  }
  const std::size_t colon = rest.find(':');
  const std::string_view field = rest.substr(0, colon);
  std::string_view value = colon == rest.npos ? std::string_view() : rest.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    data_ += value;
    data_ += '\n';
  } else if (field == "event") {
    type_ = value;
  }
  return {};
}

Result<> EventParser::push(std::string_view bytes, const OnEvent& on_event) {
  for (const char c : bytes) {
    if (++n_stream_bytes_ > limits_.stream_bytes_max) {
      return fail(
          ErrorCode::limit_exceeded,
          "the stream is longer than " + std::to_string(limits_.stream_bytes_max) + " bytes");
    }
    if (c == '\n' && std::exchange(after_carriage_return_, false)) continue;
    after_carriage_return_ = c == '\r';
    if (++n_event_bytes_ > limits_.event_bytes_max) {
      return fail(ErrorCode::limit_exceeded,
                  "an event is longer than " + std::to_string(limits_.event_bytes_max) + " bytes");
    }
    if (c == '\n' || c == '\r') {
      TRY(end_line(on_event));
    } else {
      line_ += c;
    }
  }
  return {};
}

std::string to_text(const Event& event) {
  CHECK(event.type.find_first_of("\r\n") == std::string::npos);
  CHECK(event.data.find('\r') == std::string::npos);
  std::string out = "event: " + event.type + "\n";
  std::string_view rest = event.data;
  for (;;) {
    const std::size_t end = rest.find('\n');
    out += "data: ";
    out += rest.substr(0, end);
    out += '\n';
    if (end == rest.npos) break;
    rest.remove_prefix(end + 1);
  }
  return out + "\n";
}

}  // namespace plmm::net
