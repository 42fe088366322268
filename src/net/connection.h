// One accepted connection: reads a request, writes an answer, each within its time.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>

#include "net/request.h"
#include "net/server.h"

namespace plmm::net {

/// Owns the socket. answer() runs on the connection's own thread; hang_up(), is_done() and
/// tell_still_here() are for the thread of the server.
class Connection : public Reply {
 public:
  Connection(int fd, const ServerSettings& settings);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Reads the request and has it answered; afterwards the peer has the whole answer or is gone.
  void answer(const Handler& handler);

  Result<> send(int status, std::string_view content_type, std::string_view body) override;
  Result<> event(const Event& event) override;
  Result<> begin_events() override;
  const Cancel& cancel() const override { return cancel_; }

  int fd() const { return fd_; }
  /// Whether the peer's going away means that nobody wants the answer any more.
  bool is_answering() const { return is_answering_.load(); }
  bool is_done() const { return is_done_.load(); }
  void hang_up() { cancel_.request(); }
  /// Sends a comment where a stream has been silent for long, unless the peer is slow to read.
  void tell_still_here();

 private:
  using Clock = std::chrono::steady_clock;

  /// A status for the peer; 0: it is gone, say nothing.
  struct Refusal {
    int status = 0;
    std::string what;
  };
  std::expected<Request, Refusal> read_request();
  std::expected<void, Refusal> read_more(std::string& bytes, Clock::time_point until);
  Result<> write(std::string_view bytes);
  Result<> write_all(std::string_view bytes);
  void refuse(const Refusal& refusal);
  void finish();

  const int fd_;
  const ServerSettings& settings_;
  Cancel cancel_;
  std::atomic<bool> is_answering_{false};
  std::atomic<bool> is_done_{false};
  bool has_answered_ = false;

  std::mutex write_mutex_;  // guards what follows
  bool is_stream_ = false;
  Clock::time_point wrote_at_;
  std::string unsent_;  // of a comment that the peer took half of
};

}  // namespace plmm::net
