// A server for tests that says to each connection exactly what the test wants, also what is wrong.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace plmm::net {

/// One connection of a RawServer. Waits at most 10 s, so that no broken test waits for ever.
class RawPeer {
 public:
  explicit RawPeer(int fd) : fd_(fd) {}

  /// The bytes of one request: its head, and as much body as it announces.
  std::string request() {
    std::string out;
    while (out.find("\r\n\r\n") == out.npos && read_some(out)) {
    }
    const std::size_t head = out.find("\r\n\r\n");
    const std::size_t length = out.find("Content-Length: ");
    if (head == out.npos || length == out.npos || length > head) return out;
    const std::size_t size = head + 4 + std::stoul(out.substr(length + 16));
    while (out.size() < size && read_some(out)) {
    }
    return out;
  }
  /// False when the other side has gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  /// All bytes until the other side has gone.
  std::string wait_until_gone() {
    std::string out;
    while (read_some(out)) {
    }
    return out;
  }
  /// Reads until `text` has come; false when the other side goes before.
  bool wait_for(std::string_view text) {
    std::string out;
    while (out.find(text) == out.npos) {
      if (!read_some(out)) return false;
    }
    return true;
  }

 private:
  bool read_some(std::string& out) {
    pollfd poll{.fd = fd_, .events = POLLIN, .revents = 0};
    char buffer[4096];
    if (::poll(&poll, 1, 10'000) <= 0) return false;
    const ssize_t n = ::recv(fd_, buffer, sizeof buffer, 0);
    if (n <= 0) return false;
    out.append(buffer, static_cast<std::size_t>(n));
    return true;
  }

  int fd_;
};

/// Serves one connection after the other with `serve`, on a port of the loopback interface.
class RawServer {
 public:
  using Serve = std::function<void(RawPeer& peer)>;

  explicit RawServer(Serve serve)
      : serve_(std::move(serve)), fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(fd_, 8), 0);
    EXPECT_EQ(::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this] {
      for (int client; (client = ::accept(fd_, nullptr, nullptr)) >= 0;) {
        RawPeer peer(client);
        serve_(peer);
        ::shutdown(client, SHUT_RDWR);
        ::close(client);
      }
    });
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;
  ~RawServer() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
  }

  const std::string& url() const { return url_; }

 private:
  Serve serve_;
  int fd_;
  std::string url_;
  std::thread thread_;
};

inline std::string raw_answer(std::string_view status, std::string_view type,
                              std::string_view body) {
  return "HTTP/1.1 " + std::string(status) + "\r\nContent-Type: " + std::string(type) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" +
         std::string(body);
}

/// The head of an event stream that ends with the connection.
inline constexpr std::string_view kRawEventsHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";

}  // namespace plmm::net
