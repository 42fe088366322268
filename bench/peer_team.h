// The peers of a suite: started once, dropped with a word when one fails.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bench/bench.h"
#include "bench/peer.h"

namespace plmm::bench {

/// The peer that the goals speak of.
inline constexpr std::string_view kMainPeer = "llama.cpp";

/// The interpreter of the environment that bench/peers/make_venv.py makes for `kind` ("peers",
/// "reference"); minutes when it is not there yet.
Result<std::string> make_environment(std::string_view kind);
/// transformers in float32, started.
Result<Peer> start_reference(int n_threads);

/// llama.cpp in a process of its own, started.
Result<Peer> start_main_peer(int n_threads);

enum class Peers : std::uint8_t { main_only, all };

class PeerTeam {
 public:
  /// llama.cpp, and for all ik_llama.cpp too.
  static Result<PeerTeam> start(Peers which, int n_threads, const Output& output);
  /// No peers at all.
  explicit PeerTeam(const Output& output) : output_(&output) {}

  std::vector<Peer>& peers() { return peers_; }

  /// Runs `work` with each peer; one that fails is dropped, with a note.
  void each(const std::function<Result<>(Peer& peer)>& work);
  /// The first failure; a goal may have needed the peer that is gone.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  void drop(const Error& error);

  const Output* output_;
  std::vector<Peer> peers_;
  std::optional<Error> failure_;
};

}  // namespace plmm::bench
