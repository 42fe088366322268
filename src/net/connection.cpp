// Sockets that never block: every wait is a poll() with a time of its own.
#include "net/connection.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace plmm::net {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::size_t kReadBytes = 16 << 10;
constexpr milliseconds kDrainMax{1'000};  // for a peer that still sends what nobody reads

/// Waits for `events` or the end of one interval; the caller looks at clock and Cancel in between.
bool ready(int fd, short events) {
  pollfd poll{.fd = fd, .events = events, .revents = 0};
  return ::poll(&poll, 1, static_cast<int>(kPollInterval.count())) > 0;
}

std::unexpected<Error> gone() { return fail(ErrorCode::cancelled, "the other side has gone"); }

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::limit_exceeded:
      return 431;
    case ErrorCode::unsupported:
      return 501;
    default:
      return 400;
  }
}

}  // namespace

Connection::Connection(int fd, const ServerSettings& settings) : fd_(fd), settings_(settings) {}

Connection::~Connection() { ::close(fd_); }

std::expected<void, Connection::Refusal> Connection::read_more(std::string& bytes,
                                                               Clock::time_point until) {
  char buffer[kReadBytes];
  for (;;) {
    if (cancel_.requested()) return std::unexpected(Refusal{});
    if (Clock::now() > until) return std::unexpected(Refusal{408, "the request came too slowly"});
    if (!ready(fd_, POLLIN)) continue;
    const ssize_t n = ::recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (n <= 0) return std::unexpected(Refusal{});
    bytes.append(buffer, static_cast<std::size_t>(n));
    return {};
  }
}

std::expected<Request, Connection::Refusal> Connection::read_request() {
  std::string bytes;
  std::size_t head_end = bytes.npos;
  for (auto until = Clock::now() + settings_.head_max;;) {
    if (auto more = read_more(bytes, until); !more) return std::unexpected(more.error());
    head_end = bytes.find(kHeadEnd);
    if (head_end != bytes.npos) break;
    if (bytes.size() > kHeaderBytesMax)
      return std::unexpected(Refusal{431, "the request's headers are too long"});
  }
  const std::size_t n_head_bytes = head_end + kHeadEnd.size();
  auto head = parse_request_head(std::string_view(bytes).substr(0, n_head_bytes));
  if (!head) return std::unexpected(Refusal{status_of(head.error().code), head.error().what});
  if (head->n_body_bytes > settings_.body_bytes_max) {
    return std::unexpected(
        Refusal{413, "a request may have " + std::to_string(settings_.body_bytes_max) + " bytes"});
  }
  bytes.erase(0, n_head_bytes);
  for (auto until = Clock::now() + settings_.body_max; bytes.size() < head->n_body_bytes;) {
    if (auto more = read_more(bytes, until); !more) return std::unexpected(more.error());
  }
  bytes.resize(head->n_body_bytes);  // no second request is read from this connection
  return Request{std::move(head->method), std::move(head->path), std::move(head->headers),
                 std::move(bytes)};
}

Result<> Connection::write(std::string_view bytes) {
  auto until = Clock::now() + settings_.write_max;
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
      until = Clock::now() + settings_.write_max;
      continue;
    }
    const bool is_full = errno == EAGAIN || errno == EINTR;
    if (!is_full || cancel_.requested() || Clock::now() > until) {
      cancel_.request();
      return gone();
    }
    ready(fd_, POLLOUT);
  }
  wrote_at_ = Clock::now();
  return {};
}

Result<> Connection::write_all(std::string_view bytes) {
  TRY(write(std::exchange(unsent_, {})));
  return write(bytes);
}

Result<> Connection::send(int status, std::string_view content_type, std::string_view body) {
  has_answered_ = true;
  std::string bytes =
      answer_head(status, content_type, {{"Content-Length", std::to_string(body.size())}});
  bytes += body;
  const std::lock_guard guard(write_mutex_);
  return write_all(bytes);
}

Result<> Connection::begin_events() {
  const std::lock_guard guard(write_mutex_);
  if (is_stream_) return {};
  has_answered_ = true;
  TRY(write_all(answer_head(200, kEventStreamType, {})));
  is_stream_ = true;
  return {};
}

Result<> Connection::event(const Event& event) {
  TRY(begin_events());
  const std::lock_guard guard(write_mutex_);
  return write_all(to_text(event));
}

void Connection::tell_still_here() {
  const std::unique_lock lock(write_mutex_, std::try_to_lock);
  if (!lock || !is_stream_ || !unsent_.empty()) return;
  if (Clock::now() - wrote_at_ < settings_.still_here) return;
  const ssize_t n = ::send(fd_, kStillHere.data(), kStillHere.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  wrote_at_ = Clock::now();
  if (n > 0) unsent_ = kStillHere.substr(static_cast<std::size_t>(n));
}

void Connection::refuse(const Refusal& refusal) {
  if (refusal.status == 0) return;
  if (send(refusal.status, "text/plain; charset=utf-8", refusal.what + "\n")) {
    // Closing while bytes are unread would reset the connection, and the peer would not see why.
    ::shutdown(fd_, SHUT_WR);
    std::string ignored;
    const auto until = Clock::now() + kDrainMax;
    while (ignored.size() < settings_.body_bytes_max && read_more(ignored, until)) {
    }
  }
}

void Connection::answer(const Handler& handler) {
  const auto request = read_request();
  if (request) {
    is_answering_ = true;
    handler(*request, *this);
    is_answering_ = false;
    if (!has_answered_) refuse({500, "nothing here answers that"});
  } else {
    refuse(request.error());
  }
  finish();
}

/// The socket itself stays open until the server's thread lets go of it, since that polls it.
void Connection::finish() {
  {
    const std::lock_guard guard(write_mutex_);
    is_stream_ = false;
    if (!unsent_.empty()) static_cast<void>(write_all({}));
  }
  ::shutdown(fd_, SHUT_WR);
  is_done_ = true;
}

}  // namespace plmm::net
