// A helper program that obeys one command a line: the peers that a suite measures beside us.
#pragma once

#include <sys/types.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace plmm::bench {

/// What a helper answered to a command; keys it did not give stay as they are here.
struct PeerAnswer {
  double seconds = 0;
  int n_rows = 0;  // of raw floats that follow: take them with read_floats()
  int n_columns = 0;
  std::string version;
  std::string info;
};

/// A child process on one socket: it reads commands from standard input and answers each with one
/// JSON object a line on standard output. Its standard error is ours. It ends with this object.
class Peer {
 public:
  /// `words[0]` is looked up in PATH; no shell. io when it cannot be started.
  static Result<Peer> start(std::string name, const std::vector<std::string>& words);
  Peer(Peer&& other) noexcept;
  Peer& operator=(Peer&& other) noexcept;
  ~Peer();

  const std::string& name() const { return name_; }
  pid_t process() const { return pid_; }

  /// One line of input.
  Result<> send_line(std::string_view line);
  /// No more input will come.
  void end_input();
  /// One line of output. io when the child has ended.
  Result<std::string> read_line();
  /// The answer that the child gives unasked, at start.
  Result<PeerAnswer> hello() { return answer(); }
  /// Sends a command and waits for its answer; an "error" in it becomes an Error of kind
  /// unsupported. io when the child ended, corrupt_data when it answered something else.
  Result<PeerAnswer> ask(std::string_view command);
  /// Raw floats behind an answer.
  Result<> read_floats(std::span<float> out);

 private:
  Peer(std::string name, pid_t pid, int socket);
  Result<PeerAnswer> answer();
  Error ended() const;
  void close();

  std::string name_;
  pid_t pid_ = -1;
  int socket_ = -1;
  std::string buffer_;  // read, but not yet taken
};

}  // namespace plmm::bench
