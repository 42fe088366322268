// Commands to torch_train.py.
#include "bench/torch_peer.h"

#include <fmt/format.h>
#include <unistd.h>

#include "bench/machine.h"
#include "bench/peer_team.h"
#include "model/lora_file.h"

namespace plmm::bench {

Result<TorchPeer> TorchPeer::start(int n_threads, const Output& output) {
  const auto python = TRY(make_environment("reference"));
  const auto script = TRY(find_in_checkout("bench/peers/torch_train.py"));
  auto peer = TRY(Peer::start("torch", {python, script.string(), std::to_string(n_threads)}));
  const auto hello = TRY(peer.hello());
  output.note(fmt::format("torch {}, {}", hello.version, hello.info));
  return TorchPeer(std::move(peer));
}

Result<> TorchPeer::load(std::string_view dtype, const model::LoraAdapter& adapter,
                         const std::filesystem::path& model) {
  const auto folder =
      std::filesystem::temp_directory_path() / fmt::format("plmm-bench-adapter-{}", getpid());
  const auto saved = model::save_peft(adapter, folder, model.stem().string());
  Result<PeerAnswer> answer;
  if (saved) {
    answer = peer_.ask(fmt::format("load {} {} {}", dtype, folder.string(), model.string()));
  }
  std::error_code gone;
  std::filesystem::remove_all(folder, gone);
  if (!saved) return saved;
  if (!answer) return std::unexpected(answer.error());
  return {};
}

Result<> TorchPeer::optimizer(double rate) {
  TRY(peer_.ask(fmt::format("optimizer {}", rate)));
  return {};
}

Result<PeerAnswer> TorchPeer::ask(std::string_view command, std::span<const text::TokenId> tokens) {
  std::string line(command);
  for (const auto id : tokens) line += fmt::format(" {}", id);
  return peer_.ask(line);
}

Result<TorchPeer::Step> TorchPeer::step(std::span<const text::TokenId> tokens) {
  const auto answer = TRY(ask("step", tokens));
  float loss = 0;
  TRY(peer_.read_floats({&loss, 1}));
  return Step{answer.seconds, loss};
}

Result<std::vector<float>> TorchPeer::gradients(std::span<const text::TokenId> tokens,
                                                std::size_t n) {
  const auto answer = TRY(ask("gradients", tokens));
  if (static_cast<std::size_t>(answer.n_columns) != n)
    return fail(ErrorCode::corrupt_data, "torch: gradients of another adapter");
  std::vector<float> out(n);
  TRY(peer_.read_floats(out));
  return out;
}

}  // namespace plmm::bench
