// Starts helpers with posix_spawn and speaks with them over a socket pair.
#include "bench/peer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

namespace plmm::bench {
namespace {

constexpr std::size_t kLineBytesMax = 1 << 20;

}  // namespace

Peer::Peer(std::string name, pid_t pid, int socket)
    : name_(std::move(name)), pid_(pid), socket_(socket) {}

Peer::Peer(Peer&& other) noexcept
    : name_(std::move(other.name_)),
      pid_(std::exchange(other.pid_, -1)),
      socket_(std::exchange(other.socket_, -1)),
      buffer_(std::move(other.buffer_)) {}

Peer& Peer::operator=(Peer&& other) noexcept {
  std::swap(name_, other.name_);
  std::swap(pid_, other.pid_);
  std::swap(socket_, other.socket_);
  std::swap(buffer_, other.buffer_);
  return *this;
}

Peer::~Peer() { close(); }

void Peer::close() {
  if (socket_ >= 0) ::close(socket_);
  if (pid_ > 0) {
    // It only measures: nothing is lost, and waiting for it to free its memory takes seconds.
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  socket_ = -1;
  pid_ = -1;
}

Result<Peer> Peer::start(std::string name, const std::vector<std::string>& words) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return fail(ErrorCode::io, fmt::format("{}: no socket: {}", name, std::strerror(errno)));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t pid = -1;
  const int failure =
      posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  Peer out(std::move(name), failure == 0 ? pid : -1, ends[0]);
  if (failure != 0) {
    return fail(ErrorCode::io, fmt::format("{}: cannot start {}: {}", out.name_, words[0],
                                           std::strerror(failure)));
  }
  return out;
}

Error Peer::ended() const {
  return {ErrorCode::io, fmt::format("{}: the helper ended; its last words are above", name_)};
}

Result<std::string> Peer::read_line() {
  while (true) {
    if (const auto end = buffer_.find('\n'); end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    if (buffer_.size() > kLineBytesMax)
      return fail(ErrorCode::corrupt_data, fmt::format("{}: a line without an end", name_));
    std::array<char, 4096> chunk{};
    const ssize_t n = read(socket_, chunk.data(), chunk.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return std::unexpected(ended());
    buffer_.append(chunk.data(), static_cast<std::size_t>(n));
  }
}

Result<PeerAnswer> Peer::answer() {
  const std::string line = TRY(read_line());
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object())
    return fail(ErrorCode::corrupt_data, fmt::format("{}: an answer that is no object", name_));
  const auto text = [&](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const auto number = [&](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_number() ? found->get<double>() : 0.0;
  };
  if (json.contains("error"))
    return fail(ErrorCode::unsupported, fmt::format("{}: {}", name_, text("error")));
  PeerAnswer out;
  out.seconds = number("seconds");
  out.n_rows = static_cast<int>(std::clamp(number("rows"), 0.0, 1e6));
  out.n_columns = static_cast<int>(std::clamp(number("columns"), 0.0, 1e8));
  out.version = text("version");
  out.info = text("info");
  return out;
}

Result<> Peer::send_line(std::string_view text) {
  std::string line(text);
  line += '\n';
  for (std::size_t done = 0; done < line.size();) {
    const ssize_t n = send(socket_, line.data() + done, line.size() - done, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return std::unexpected(ended());
    done += static_cast<std::size_t>(n);
  }
  return {};
}

void Peer::end_input() { shutdown(socket_, SHUT_WR); }

Result<PeerAnswer> Peer::ask(std::string_view command) {
  TRY(send_line(command));
  return answer();
}

Result<> Peer::read_floats(std::span<float> out) {
  const auto bytes = std::as_writable_bytes(out);
  const std::size_t buffered = std::min(buffer_.size(), bytes.size());
  std::memcpy(bytes.data(), buffer_.data(), buffered);
  buffer_.erase(0, buffered);
  for (std::size_t done = buffered; done < bytes.size();) {
    const ssize_t n = read(socket_, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return std::unexpected(ended());
    done += static_cast<std::size_t>(n);
  }
  return {};
}

}  // namespace plmm::bench
