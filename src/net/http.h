// Requests and answers of HTTP as values, for client and server.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace plmm::net {

struct Header {
  std::string name;
  std::string value;
  bool operator==(const Header&) const = default;
};
using Headers = std::vector<Header>;

/// The first value of a header, whatever the case of its name; empty where there is none.
std::string_view find_header(const Headers& headers, std::string_view name);

/// Whether two header names or media types are the same: ASCII letters in any case.
bool same_word(std::string_view a, std::string_view b);

/// Whether the text can stand in a header: no control characters, so that no value adds a line.
bool is_header_text(std::string_view text);

/// Of all header lines of one message together, at both ends.
inline constexpr std::size_t kHeaderBytesMax = 32 << 10;
inline constexpr std::size_t kHeadersMax = 100;

/// How often whoever waits for the network looks whether to stop.
inline constexpr std::chrono::milliseconds kPollInterval{40};

/// "text/event-stream; charset=utf-8" → "text/event-stream"
std::string_view media_type(std::string_view content_type);

inline constexpr std::string_view kJsonType = "application/json";
inline constexpr std::string_view kEventStreamType = "text/event-stream";

}  // namespace plmm::net
