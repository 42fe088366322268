// Server-sent events: bytes to events and back, as a state machine without I/O.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace plmm::net {

struct Event {
  std::string type;  // "message" where the stream names none
  std::string data;  // its lines joined by \n
  bool operator==(const Event&) const = default;
};
/// An error ends the reading and is returned by whoever feeds the parser.
using OnEvent = std::function<Result<>(const Event& event)>;

struct EventLimits {
  std::size_t event_bytes_max = 2 << 20;    // one event, comments before it included
  std::size_t stream_bytes_max = 64 << 20;  // all events together
};

/// Takes a stream in pieces of any size; the events do not depend on where it was cut. Lines end
/// with \n, \r\n or \r; comments, ids and retry times are read over. What stands behind the last
/// empty line is no event. Source: HTML Living Standard, §9.2.6.
class EventParser {
 public:
  explicit EventParser(const EventLimits& limits = {}) : limits_(limits) {}

  /// limit_exceeded when an event or the stream gets too long; else the error of on_event.
  Result<> push(std::string_view bytes, const OnEvent& on_event);

 private:
  Result<> end_line(const OnEvent& on_event);

  EventLimits limits_;
  std::string line_;
  std::string type_;
  std::string data_;  // each line with a \n behind it
  std::size_t n_stream_bytes_ = 0;
  std::size_t n_event_bytes_ = 0;
  bool after_carriage_return_ = false;
  bool at_start_ = true;
};

/// "event: TYPE\ndata: …\n\n"; each line of `data` becomes one of its own. Needs: `type` has no
/// line end, `data` no \r.
std::string to_text(const Event& event);

/// A line that readers pass over: it shows that the sender is alive.
inline constexpr std::string_view kStillHere = ": still here\n\n";

}  // namespace plmm::net
