// torch with PEFT as a helper program: bench/peers/torch_train.py.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bench/bench.h"
#include "bench/peer.h"
#include "model/lora.h"
#include "text/tokenizer.h"

namespace plmm::bench {

class TorchPeer {
 public:
  /// In the environment "reference", which is made where it is missing.
  static Result<TorchPeer> start(int n_threads, const Output& output);

  /// dtype "float32" or "bfloat16". The adapter goes through a folder that is removed again.
  Result<> load(std::string_view dtype, const model::LoraAdapter& adapter,
                const std::filesystem::path& model);
  Result<> optimizer(double rate);

  struct Step {
    double seconds = 0;
    double loss = 0;  // before the step
  };
  Result<Step> step(std::span<const text::TokenId> tokens);
  /// Of the mean loss: layer by layer, in the order of LoraTarget, A before B.
  Result<std::vector<float>> gradients(std::span<const text::TokenId> tokens, std::size_t n);

 private:
  explicit TorchPeer(Peer peer) : peer_(std::move(peer)) {}
  Result<PeerAnswer> ask(std::string_view command, std::span<const text::TokenId> tokens);

  Peer peer_;
};

}  // namespace plmm::bench
