// A tiny model with an adapter in double precision, every sum in plain order: what gradients are
// compared with. For tests only.
#pragma once

#include <cmath>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "model/lora.h"
#include "model/model.h"
#include "model/tiny_model.h"
#include "train/sequence.h"

namespace plmm::train {

class DoubleModel {
 public:
  using Vector = std::vector<double>;

  DoubleModel(const model::TinyModel& tiny, const model::ModelConfig& config,
              const model::LoraAdapter& adapter)
      : c_(config) {
    for (const auto& [name, tensor] : tiny.tensors) {
      const auto decoded = tensor.decoded();
      weights_[name] = {decoded.begin(), decoded.end()};
    }
    if (config.rope_pairs == model::RopePairs::neighbours) {
      for (int i = 0; i < c_.n_layers; ++i) {
        halve(weights_.at(name_of(i, "attn_q.weight")), c_.n_heads);
        halve(weights_.at(name_of(i, "attn_k.weight")), c_.n_kv_heads);
      }
    }
    for (const auto& layer : adapter.layers) {
      for (const auto& pair : layer) {
        pairs_.push_back({pair.rank, pair.empty() ? 0.0 : double{adapter.scaling(pair)},
                          Vector(pair.a.begin(), pair.a.end()),
                          Vector(pair.b.begin(), pair.b.end())});
      }
    }
  }

  struct Pair {
    int rank;
    double scaling;
    Vector a;  // [rank][n_in]
    Vector b;  // [n_out][rank]
  };
  Pair& pair(int layer, int target) {
    return pairs_[static_cast<std::size_t>(layer * model::kLoraTargets + target)];
  }

  /// Σ weight · −log p of the next token, or the teacher's mixture with it (loss.h).
  double loss(const Sequence& sequence) const {
    const auto n_shared = static_cast<std::size_t>(sequence.n_shared);
    double sum = 0;
    SoftLabels teacher = sequence.teacher;
    const auto n = sequence.tokens.size();
    auto starts = sequence.segment_starts;
    if (starts.empty()) starts.push_back(0);
    std::vector<double> losses;
    for (std::size_t s = 0; s < starts.size(); ++s) {
      const auto begin = static_cast<std::size_t>(starts[s]);
      const auto end = s + 1 < starts.size() ? static_cast<std::size_t>(starts[s + 1]) : n;
      auto tokens = prefix_and(sequence.tokens, n_shared, begin, end);
      losses.push_back(
          segment_loss(tokens, prefix_and(sequence.weights, n_shared, begin, end), teacher));
      sum += losses.back();
    }
    if (!sequence.is_choice) return sum;
    double total = 0;
    for (const double loss : losses) total += std::exp(losses[0] - loss);
    return std::log(total) + double{sequence.likelihood} * losses[0];
  }

 private:
  template <class T>
  static std::vector<T> prefix_and(const std::vector<T>& all, std::size_t n, std::size_t begin,
                                   std::size_t end) {
    std::vector<T> out(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(n));
    out.insert(out.end(), all.begin() + static_cast<std::ptrdiff_t>(begin),
               all.begin() + static_cast<std::ptrdiff_t>(end));
    return out;
  }
  static std::string name_of(int layer, const std::string& name) {
    return "blk." + std::to_string(layer) + "." + name;
  }
  /// Rows in pairs (2i, 2i + 1) become rows in pairs (i, i + d/2).
  void halve(Vector& w, int n_heads) const;
  static void add(Vector& x, const Vector& y) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += y[i];
  }
  static Vector multiply(const Vector& w, const Vector& x) {
    Vector y(w.size() / x.size());
    for (std::size_t row = 0; row < y.size(); ++row) {
      for (std::size_t i = 0; i < x.size(); ++i) y[row] += w[row * x.size() + i] * x[i];
    }
    return y;
  }
  Vector adapted(int layer, int target, const char* name, const Vector& x) const;
  Vector norm(const Vector& x, const std::string& weight) const {
    double squares = 0;
    for (const double value : x) squares += value * value;
    const double root = std::sqrt(squares / static_cast<double>(x.size()) + c_.norm_epsilon);
    Vector out(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = x[i] / root * weights_.at(weight)[i];
    return out;
  }
  void rotate(Vector& head, int position, int layer) const;
  /// The heads of query (0), key (1) or value (2).
  std::vector<Vector> heads(int layer, int target, const Vector& x, int position) const;
  Vector attend(const std::vector<Vector>& queries, const std::vector<std::vector<Vector>>& keys,
                const std::vector<std::vector<Vector>>& values, std::size_t t, int layer) const;
  void layer(int i, std::vector<Vector>& x) const;
  double activate(double g) const {
    if (c_.activation == model::Activation::silu) return g / (1.0 + std::exp(-g));
    const double inner = std::sqrt(2.0 / M_PI) * (g + 0.044715 * g * g * g);
    return 0.5 * g * (1.0 + std::tanh(inner));
  }
  /// Takes the rows of the segment from the front of `teacher`.
  double segment_loss(std::span<const text::TokenId> tokens, std::span<const float> weights,
                      SoftLabels& teacher) const;
  static double row_loss(const Vector& logits, text::TokenId next, SoftLabels& teacher);

  model::ModelConfig c_;
  std::map<std::string, Vector> weights_;
  std::vector<Pair> pairs_;
};

}  // namespace plmm::train
