// Fuzz entry of the event parser: any bytes, whole and cut at every place that the first byte says.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "fuzz/fuzz.h"
#include "net/sse.h"

namespace {

using plmm::net::Event;

constexpr plmm::net::EventLimits kLimits{.event_bytes_max = 64, .stream_bytes_max = 512};

/// The events and, at the end, the error as an event of its own.
std::vector<Event> parse(std::string_view text, std::size_t n) {
  plmm::net::EventParser parser(kLimits);
  std::vector<Event> out;
  for (std::size_t at = 0; at < text.size(); at += n) {
    const auto result = parser.push(text.substr(at, n), [&](const Event& event) -> plmm::Result<> {
      CHECK(event.data.size() <= kLimits.event_bytes_max);
      out.push_back(event);
      return {};
    });
    if (result) continue;
    plmm::fuzz::note(result.error().what);
    out.push_back({"error", result.error().what});
    break;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return -1;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto events = parse(text, std::max<std::size_t>(text.size(), 1));
  CHECK(parse(text, 1 + data[0] % 16) == events);
  std::string written;
  for (const Event& event : events) {
    const bool is_plain = event.type.find_first_of("\r\n") == std::string::npos;
    if (is_plain && event.type != "error") written += plmm::net::to_text(event);
  }
  plmm::fuzz::note(events.empty() ? "none" : "some");
  return events.empty() || events.back().type == "error" ? -1 : 0;
}

std::vector<std::string> plmm::fuzz::seeds() {
  return {"\1event: chunk\ndata: {\"number\":0}\n\n", "\2data: a\r\ndata: b\r\n\r\n",
          "\3\xEF\xBB\xBF: comment\n\ndata\n\n", "\4id: 1\nretry: 2\nevent\ndata: x\r\r",
          "\5data: " + std::string(80, 'x')};
}
