// An HTTP server for a few peers: bounded in connections, sizes and times; it notices who hangs up.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/result.h"
#include "net/http.h"
#include "net/sse.h"

namespace plmm::net {

struct ServerSettings {
  std::string address = "127.0.0.1";  // digits of IPv4 or IPv6: no name is looked up
  std::uint16_t port = 0;             // 0: any that is free
  std::size_t n_connections_max = 64;
  std::size_t body_bytes_max = 1 << 20;         // of a request
  std::chrono::milliseconds head_max{10'000};   // from the connection to the whole head
  std::chrono::milliseconds body_max{30'000};   // from there to the whole body
  std::chrono::milliseconds write_max{30'000};  // in which the peer must take something
  std::chrono::milliseconds still_here{5'000};  // silence of a stream after which a comment is sent
};

struct Request {
  std::string method;
  std::string path;  // without query
  Headers headers;
  std::string body;
};

/// The answer to one request, on its thread: either send(), once, or events until the handler
/// returns. After an error the peer is gone and nothing more needs to be said.
class Reply {
 public:
  virtual ~Reply() = default;

  virtual Result<> send(int status, std::string_view content_type, std::string_view body) = 0;
  /// The first one sends the head of the stream too. Waits for a peer that reads slowly.
  virtual Result<> event(const Event& event) = 0;
  /// Opens the stream, so that it stays alive while nothing is there to be said.
  virtual Result<> begin_events() = 0;
  /// Requested when the peer hangs up, and when the server stops.
  virtual const Cancel& cancel() const = 0;
};
using Handler = std::function<void(const Request& request, Reply& reply)>;

/// One request for each connection, each on a thread of its own: for tens of peers, not for
/// thousands. Who breaks the rules of HTTP or a limit gets a status and one line of text; who comes
/// when all connections are taken gets 503 at once.
class HttpServer {
 public:
  /// Takes the port. io when it is taken or not allowed; invalid_argument for an address that is
  /// none.
  static Result<std::unique_ptr<HttpServer>> listen(const ServerSettings& settings);
  virtual ~HttpServer() = default;

  virtual const std::string& url() const = 0;  // "http://127.0.0.1:8090"

  /// Answers until `stop`; then cancels what is running, waits for it and returns. `handler` is
  /// called by many threads at once.
  virtual Result<> serve(const Handler& handler, const Cancel& stop) = 0;

 protected:
  HttpServer() = default;
};

}  // namespace plmm::net
