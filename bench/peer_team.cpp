// Makes the peers' environments and starts their drivers.
#include "bench/peer_team.h"

#include <fmt/format.h>

#include "bench/machine.h"

namespace plmm::bench {
namespace {

struct Started {
  Peer peer;
  PeerAnswer hello;
};

Result<Started> start_llama(std::string_view name, const std::string& python,
                            const std::string& module, int n_threads) {
  const auto script = TRY(find_in_checkout("bench/peers/llama_peer.py"));
  auto peer = TRY(
      Peer::start(std::string(name), {python, script.string(), module, std::to_string(n_threads)}));
  auto hello = TRY(peer.hello());
  return Started{std::move(peer), std::move(hello)};
}

Result<Peer> start_shown(std::string_view name, const std::string& python,
                         const std::string& module, int n_threads, const Output& output) {
  auto started = TRY(start_llama(name, python, module, n_threads));
  output.note(fmt::format("{} {}: {}", name, started.hello.version, started.hello.info));
  return std::move(started.peer);
}

}  // namespace

Result<std::string> make_environment(std::string_view kind) {
  const auto script = TRY(find_in_checkout("bench/peers/make_venv.py"));
  auto maker = TRY(Peer::start("make_venv.py", {"python3", script.string(), std::string(kind)}));
  return maker.read_line();
}

Result<Peer> start_reference(int n_threads) {
  const auto python = TRY(make_environment("reference"));
  const auto script = TRY(find_in_checkout("bench/peers/reference.py"));
  auto peer =
      TRY(Peer::start("transformers", {python, script.string(), std::to_string(n_threads)}));
  TRY(peer.hello());
  return peer;
}

Result<Peer> start_main_peer(int n_threads) {
  const auto python = TRY(make_environment("peers"));
  auto started = TRY(start_llama(kMainPeer, python, "llama_cpp", n_threads));
  return std::move(started.peer);
}

Result<PeerTeam> PeerTeam::start(Peers which, int n_threads, const Output& output) {
  const auto python = TRY(make_environment("peers"));
  PeerTeam out(output);
  out.peers_.push_back(TRY(start_shown(kMainPeer, python, "llama_cpp", n_threads, output)));
  if (which == Peers::main_only) return out;
  auto ik = start_shown("ik_llama.cpp", python, "ik_llama_cpp", n_threads, output);
  if (ik) {
    out.peers_.push_back(std::move(*ik));
  } else {
    out.drop(ik.error());
  }
  return out;
}

void PeerTeam::drop(const Error& error) {
  output_->note(fmt::format("{}; it is left out from here on", error.what));
  if (!failure_) failure_ = error;
}

void PeerTeam::each(const std::function<Result<>(Peer& peer)>& work) {
  for (auto peer = peers_.begin(); peer != peers_.end();) {
    if (const auto done = work(*peer); !done) {
      drop(done.error());
      peer = peers_.erase(peer);
    } else {
      ++peer;
    }
  }
}

}  // namespace plmm::bench
