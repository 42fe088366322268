// Server-sent events: the cases of the standard, cut anywhere, and the limits.
#include "net/sse.h"

#include <gtest/gtest.h>

#include <vector>

namespace plmm::net {
namespace {

/// The events of `text`, given to the parser in pieces of `n` bytes.
Result<std::vector<Event>> parse(std::string_view text, std::size_t n = 1'000,
                                 const EventLimits& limits = {}) {
  EventParser parser(limits);
  std::vector<Event> out;
  for (std::size_t at = 0; at < text.size(); at += n) {
    TRY(parser.push(text.substr(at, n), [&](const Event& event) -> Result<> {
      out.push_back(event);
      return {};
    }));
  }
  return out;
}

TEST(EventParser, reads_types_lines_comments_and_line_ends_of_three_kinds) {
  const std::string text =
      "\xEF\xBB\xBF: a comment\n\n"
      "event: chunk\ndata: one\ndata:two\ndata:  three\n\n"
      "data: a\r\nid: 7\r\nretry: 9\r\nunknown: x\r\n\r\n"
      "event: end\rdata\r\r"
      "event: forgotten\n\n"
      "data: cut";
  const std::vector<Event> expected{{"chunk", "one\ntwo\n three"}, {"message", "a"}, {"end", ""}};
  for (std::size_t n = 1; n < text.size(); ++n) EXPECT_EQ(parse(text, n), expected) << n;
}

TEST(EventParser, reads_what_was_written) {
  const std::vector<Event> events{{"chunk", "{\"a\":1}"}, {"end", "two\nlines\n"}};
  std::string text;
  for (const Event& event : events) text.append(kStillHere).append(to_text(event));
  EXPECT_EQ(parse(text, 3), events);
}

TEST(EventParser, refuses_an_event_over_the_limit_whether_its_line_ends_or_not) {
  const EventLimits limits{.event_bytes_max = 20, .stream_bytes_max = 1'000};
  EXPECT_TRUE(parse("data: 0123456789\n\n\n\ndata: 0123456789\n\n", 4, limits));
  for (const char* text : {"data: 01234567890123456789", "data: 1\ndata: 2\ndata: 3\n",
                           ": a comment that does not end"}) {
    const auto result = parse(text, 4, limits);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code, ErrorCode::limit_exceeded);
    EXPECT_EQ(result.error().what, "an event is longer than 20 bytes");
  }
}

TEST(EventParser, refuses_a_stream_over_the_limit) {
  std::string text;
  for (int i = 0; i < 10; ++i) text += "data: x\n\n";
  const auto result = parse(text, 7, {.event_bytes_max = 20, .stream_bytes_max = 80});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().what, "the stream is longer than 80 bytes");
}

TEST(EventParser, stops_at_the_error_of_whoever_takes_the_events) {
  EventParser parser;
  int n = 0;
  const auto result = parser.push("data: 1\n\ndata: 2\n\n", [&](const Event&) -> Result<> {
    ++n;
    return fail(ErrorCode::io, "enough");
  });
  EXPECT_EQ(result.error().what, "enough");
  EXPECT_EQ(n, 1);
}

}  // namespace
}  // namespace plmm::net
