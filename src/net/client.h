// An HTTP client: limits, timeouts, streams, and a stop at any moment.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/result.h"
#include "net/http.h"
#include "net/sse.h"

namespace plmm::net {

enum class Schemes : std::uint8_t { https_only, https_and_http };

struct ClientSettings {
  Schemes schemes = Schemes::https_and_http;
  std::chrono::milliseconds connect_max{5'000};  // name, connection and TLS together
  std::chrono::milliseconds idle_max{60'000};    // without one byte, either way
  std::chrono::milliseconds whole_max{0};        // of one exchange; 0: no limit
  std::uint64_t body_bytes_max = 8 << 20;        // of an answer; also of one that is streamed
  long redirects_max = 0;                        // none: a 302 is then an answer like any other
};

struct HttpRequest {
  std::string url;  // http:// or https://
  std::string method = "GET";
  Headers headers = {};
  std::string body = {};
};
/// A POST of JSON.
HttpRequest json_post(std::string url, std::string body, std::string_view accept = kJsonType);

/// What stands before the body of the last answer, after all redirects.
struct HttpHead {
  int status = 0;
  Headers headers;
  std::uint64_t n_body_bytes = 0;  // as the server announces; 0 when it does not
};
struct HttpAnswer {
  HttpHead head;
  std::string body;
};

/// The body piece by piece, on the calling thread; an error ends the exchange and is returned.
using OnBody = std::function<Result<>(const HttpHead& head, std::span<const std::byte> bytes)>;
/// Called at least every kPollInterval; an error ends the exchange and is returned.
using OnWait = std::function<Result<>()>;

/// Each call is an exchange of its own on a connection of its own; any thread. Every status is an
/// answer, no error. Errors: invalid_argument for an address that is none, offline when nobody is
/// there, the connection breaks off or a time is over, limit_exceeded for a longer body, cancelled
/// within 100 ms of Cancel, io. Their words are a reason, such as "connection refused", and name
/// neither address nor content. Proxies and certificates are those of the environment; a proxy is
/// never asked for this machine's own addresses.
class HttpClient {
 public:
  explicit HttpClient(const ClientSettings& settings = {}) : settings_(settings) {}

  Result<HttpAnswer> fetch(const HttpRequest& request, const Cancel& cancel) const;

  /// A stream of server-sent events goes to on_event; any other answer comes back whole, and one
  /// with status 200 and no events too: the caller looks at `head`.
  Result<HttpAnswer> events(const HttpRequest& request, const EventLimits& limits,
                            const OnEvent& on_event, const Cancel& cancel) const;

  Result<HttpHead> stream(const HttpRequest& request, const OnBody& on_body,
                          const OnWait& on_wait) const;

 private:
  ClientSettings settings_;
};

/// Whether the address is one of this machine's own: localhost, 127.… in digits, [::1].
bool is_this_machine(std::string_view url);

/// The address as an error may show it: without user, password, query and fragment, which can be
/// secrets.
std::string display_url(std::string_view url);

/// "http://127.0.0.1:8090/" → "http://127.0.0.1:8090": what a service's paths are put behind.
/// invalid_argument, with an example, for what is no http or https address of a service.
Result<std::string> service_url(std::string_view text);

}  // namespace plmm::net
