// A server of ours on a thread of the test, and a socket that says what no client of ours would.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "net/raw_server_fixture.h"
#include "net/server.h"

namespace plmm::net {

/// Serves until it goes.
class RunningServer {
 public:
  explicit RunningServer(Handler handler, const ServerSettings& settings = {})
      : handler_(std::move(handler)), server_(HttpServer::listen(settings).value()) {
    thread_ = std::thread([this] { EXPECT_TRUE(server_->serve(handler_, stop_)); });
  }
  ~RunningServer() { stop(); }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  const std::string& url() const { return server_->url(); }
  std::uint16_t port() const {
    return static_cast<std::uint16_t>(std::stoul(url().substr(url().rfind(':') + 1)));
  }
  void stop() {
    stop_.request();
    if (thread_.joinable()) thread_.join();
  }

 private:
  Handler handler_;
  std::unique_ptr<HttpServer> server_;
  Cancel stop_;
  std::thread thread_;
};

/// A connection to this machine; RawPeer's waits hold.
class RawClient : public RawPeer {
 public:
  explicit RawClient(std::uint16_t port) : RawClient(connected(port)) {}
  ~RawClient() { close(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  struct Socket {
    int fd;
  };
  explicit RawClient(Socket socket) : RawPeer(socket.fd), fd_(socket.fd) {}
  static Socket connected(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return {fd};
  }
  int fd_;
};

}  // namespace plmm::net
