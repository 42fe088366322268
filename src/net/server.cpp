// Accepts, watches who hangs up, and lets go of connections that are done.
#include "net/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <list>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "net/connection.h"

namespace plmm::net {
namespace {

constexpr int kBacklog = 64;

/// An address of either family, as the system wants it.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

Result<Address> parse_address(const std::string& text, std::uint16_t port) {
  Address out;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&out.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&out.storage);
  if (::inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    out.size = sizeof *v4;
    return out;
  }
  if (::inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    out.size = sizeof *v6;
    return out;
  }
  return fail(ErrorCode::invalid_argument,
              "an address to listen on looks like 127.0.0.1, 0.0.0.0 or ::1");
}

std::string url_of(const std::string& text, const Address& bound) {
  const bool is_v6 = bound.storage.ss_family == AF_INET6;
  const auto port = is_v6 ? reinterpret_cast<const sockaddr_in6*>(&bound.storage)->sin6_port
                          : reinterpret_cast<const sockaddr_in*>(&bound.storage)->sin_port;
  return "http://" + (is_v6 ? "[" + text + "]" : text) + ":" + std::to_string(ntohs(port));
}

/// The whole answer for whoever finds no place; small enough that a fresh socket takes it.
void turn_away(int fd) {
  constexpr std::string_view kText = "busy: all connections are taken, try again soon\n";
  std::string bytes = answer_head(503, "text/plain; charset=utf-8",
                                  {{"Content-Length", std::to_string(kText.size())}});
  bytes += kText;
  static_cast<void>(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
  ::shutdown(fd, SHUT_WR);
  ::close(fd);
}

class PollingServer : public HttpServer {
 public:
  PollingServer(int fd, std::string url, const ServerSettings& settings)
      : fd_(fd), url_(std::move(url)), settings_(settings) {}
  ~PollingServer() override { close_port(); }
  PollingServer(const PollingServer&) = delete;
  PollingServer& operator=(const PollingServer&) = delete;

  const std::string& url() const override { return url_; }

  Result<> serve(const Handler& handler, const Cancel& stop) override {
    while (!stop.requested() && fd_ >= 0) {
      wait();
      take_new(handler);
      let_go();
    }
    close_port();  // whoever comes now hears at once that nobody is here
    for (Served& served : all_) served.connection.hang_up();
    all_.clear();
    return {};
  }

 private:
  struct Served {
    Served(int fd, const ServerSettings& settings, const Handler& handler)
        : connection(fd, settings), thread([this, &handler] { connection.answer(handler); }) {}
    Connection connection;
    std::jthread thread;  // joined before the connection goes
  };

  void close_port() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

  /// Until something happens or an interval is over; notes who hung up.
  void wait() {
    polled_.assign(1, {.fd = fd_, .events = POLLIN, .revents = 0});
    std::vector<Connection*> watched;
    for (Served& served : all_) {
      if (!served.connection.is_answering() || served.connection.cancel().requested()) continue;
      polled_.push_back({.fd = served.connection.fd(), .events = POLLRDHUP, .revents = 0});
      watched.push_back(&served.connection);
    }
    ::poll(polled_.data(), polled_.size(), static_cast<int>(kPollInterval.count()));
    for (std::size_t i = 0; i < watched.size(); ++i) {
      if (polled_[i + 1].revents != 0)
        watched[i]->hang_up();
      else
        watched[i]->tell_still_here();
    }
  }

  void take_new(const Handler& handler) {
    for (;;) {
      const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (fd < 0) {
        // Who waits is announced again at once: without a pause the process would spin until it has
        // a descriptor to spare.
        const bool is_short = errno == EMFILE || errno == ENFILE || errno == ENOBUFS;
        if (is_short) std::this_thread::sleep_for(kPollInterval);
        return;
      }
      const int no_delay = 1;  // a word is sent when it is there
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
      if (all_.size() >= settings_.n_connections_max) {
        turn_away(fd);
        continue;
      }
      try {
        all_.emplace_back(fd, settings_, handler);
      } catch (const std::system_error&) {
        return;  // no thread to be had: Served has closed the socket
      }
    }
  }

  void let_go() {
    std::erase_if(all_, [](const Served& served) { return served.connection.is_done(); });
  }

  int fd_;  // -1 when it has served
  const std::string url_;
  const ServerSettings settings_;
  std::list<Served> all_;  // stable addresses; at most n_connections_max
  std::vector<pollfd> polled_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::listen(const ServerSettings& settings) {
  auto address = TRY(parse_address(settings.address, settings.port));
  const int fd = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return fail(ErrorCode::io, std::generic_category().message(errno));
  const int reuse = 1;  // a server that was stopped can be started again at once
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
  if (::bind(fd, address.get(), address.size) != 0 || ::listen(fd, kBacklog) != 0 ||
      ::getsockname(fd, address.get(), &address.size) != 0) {
    const int error = errno;
    ::close(fd);
    return fail(ErrorCode::io, settings.address + ":" + std::to_string(settings.port) + ": " +
                                   std::generic_category().message(error) +
                                   ". Next: another --port, or 0 for any that is free");
  }
  return std::make_unique<PollingServer>(fd, url_of(settings.address, address), settings);
}

}  // namespace plmm::net
