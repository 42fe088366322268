// The double model's stages.
#include "train/double_model.h"

#include <cmath>
#include <string>
#include <utility>

namespace plmm::train {

using Vector = DoubleModel::Vector;

void DoubleModel::halve(Vector& w, int n_heads) const {
  const auto width = w.size() / static_cast<std::size_t>(n_heads * c_.head_dim);
  const Vector from = w;
  for (int row = 0; row < n_heads * c_.head_dim; ++row) {
    const int head = row / c_.head_dim, i = row % c_.head_dim, half = c_.head_dim / 2;
    const int source = head * c_.head_dim + (i < half ? 2 * i : 2 * (i - half) + 1);
    for (std::size_t k = 0; k < width; ++k) {
      w[static_cast<std::size_t>(row) * width + k] =
          from[static_cast<std::size_t>(source) * width + k];
    }
  }
}

Vector DoubleModel::adapted(int layer, int target, const char* name, const Vector& x) const {
  Vector y = multiply(weights_.at(name_of(layer, name)), x);
  const auto& pair = pairs_[static_cast<std::size_t>(layer * model::kLoraTargets + target)];
  if (pair.rank == 0) return y;
  Vector change = multiply(pair.b, multiply(pair.a, x));
  for (double& value : change) value *= pair.scaling;
  add(y, change);
  return y;
}

void DoubleModel::rotate(Vector& head, int position, int layer) const {
  const double theta = c_.is_local(layer) ? c_.rope_theta_local : c_.rope_theta;
  const std::size_t half = head.size() / 2;
  for (std::size_t i = 0; i < half; ++i) {
    const double angle =
        position * std::pow(theta, -static_cast<double>(i) / static_cast<double>(half));
    const double x = head[i], y = head[i + half];
    head[i] = x * std::cos(angle) - y * std::sin(angle);
    head[i + half] = x * std::sin(angle) + y * std::cos(angle);
  }
}

std::vector<Vector> DoubleModel::heads(int layer, int target, const Vector& x, int position) const {
  constexpr const char* kNames[] = {"attn_q", "attn_k", "attn_v"};
  const std::string name = kNames[target];
  Vector all = adapted(layer, target, (name + ".weight").c_str(), x);
  if (c_.qkv_bias) add(all, weights_.at(name_of(layer, name + ".bias")));
  std::vector<Vector> out;
  for (auto at = all.begin(); at != all.end(); at += c_.head_dim) {
    Vector head(at, at + c_.head_dim);
    if (target < 2 && c_.qk_norm) head = norm(head, name_of(layer, name + "_norm.weight"));
    if (target < 2) rotate(head, position, layer);
    out.push_back(std::move(head));
  }
  return out;
}

Vector DoubleModel::attend(const std::vector<Vector>& queries,
                           const std::vector<std::vector<Vector>>& keys,
                           const std::vector<std::vector<Vector>>& values, std::size_t t,
                           int layer) const {
  std::size_t first = 0;
  if (const auto window = static_cast<std::size_t>(c_.sliding_window);
      c_.is_local(layer) && t + 1 > window) {
    first = t + 1 - window;
  }
  Vector out;
  for (std::size_t h = 0; h < queries.size(); ++h) {
    const std::size_t kv = h / static_cast<std::size_t>(c_.n_heads / c_.n_kv_heads);
    Vector mixed(queries[h].size());
    double total = 0;
    for (std::size_t j = first; j <= t; ++j) {
      double score = 0;
      for (std::size_t d = 0; d < mixed.size(); ++d) score += queries[h][d] * keys[j][kv][d];
      const double p = std::exp(score / std::sqrt(static_cast<double>(mixed.size())));
      total += p;
      for (std::size_t d = 0; d < mixed.size(); ++d) mixed[d] += p * values[j][kv][d];
    }
    for (const double value : mixed) out.push_back(value / total);
  }
  return out;
}

void DoubleModel::layer(int i, std::vector<Vector>& x) const {
  std::vector<std::vector<Vector>> keys, values;
  for (std::size_t t = 0; t < x.size(); ++t) {
    const Vector normed = norm(x[t], name_of(i, "attn_norm.weight"));
    const int position = static_cast<int>(t);
    keys.push_back(heads(i, 1, normed, position));
    values.push_back(heads(i, 2, normed, position));
  }
  for (std::size_t t = 0; t < x.size(); ++t) {
    const Vector normed = norm(x[t], name_of(i, "attn_norm.weight"));
    const auto queries = heads(i, 0, normed, static_cast<int>(t));
    Vector y = adapted(i, 3, "attn_output.weight", attend(queries, keys, values, t, i));
    if (c_.post_norms) y = norm(y, name_of(i, "post_attention_norm.weight"));
    add(x[t], y);
  }
  for (Vector& row : x) {
    const Vector normed = norm(row, name_of(i, "ffn_norm.weight"));
    Vector gate = adapted(i, 4, "ffn_gate.weight", normed);
    const Vector up = adapted(i, 5, "ffn_up.weight", normed);
    for (std::size_t k = 0; k < gate.size(); ++k) gate[k] = activate(gate[k]) * up[k];
    Vector y = adapted(i, 6, "ffn_down.weight", gate);
    if (c_.post_norms) y = norm(y, name_of(i, "post_ffw_norm.weight"));
    add(row, y);
  }
}

double DoubleModel::row_loss(const Vector& logits, text::TokenId next, SoftLabels& teacher) {
  const auto log_of_sum = [&](double temperature) {
    double total = 0;
    for (const double value : logits) total += std::exp(value / temperature);
    return std::log(total);
  };
  const double told = log_of_sum(1.0) - logits[static_cast<std::size_t>(next)];
  if (teacher.rows.empty()) return told;
  const double t = teacher.temperature, all = log_of_sum(t);
  double divergence = -teacher.rows.front().entropy;
  for (const SoftLabel& label : teacher.labels.first(teacher.rows.front().n_labels))
    divergence += label.probability * (all - logits[static_cast<std::size_t>(label.token)] / t);
  teacher.labels = teacher.labels.subspan(teacher.rows.front().n_labels);
  teacher.rows = teacher.rows.subspan(1);
  return (1.0 - teacher.share) * told + teacher.share * t * t * divergence;
}

double DoubleModel::segment_loss(std::span<const text::TokenId> tokens,
                                 std::span<const float> weights, SoftLabels& teacher) const {
  const auto width = static_cast<std::size_t>(c_.n_embd);
  std::vector<Vector> x;
  for (const auto id : tokens) {
    const auto from = weights_.at("token_embd.weight").begin() +
                      static_cast<std::ptrdiff_t>(static_cast<std::size_t>(id) * width);
    x.emplace_back(from, from + c_.n_embd);
    for (double& value : x.back()) value *= c_.embedding_scale;
  }
  for (int i = 0; i < c_.n_layers; ++i) layer(i, x);
  const bool tied = !weights_.contains("output.weight");
  double sum = 0;
  for (std::size_t t = 0; t + 1 < x.size(); ++t) {
    if (weights[t] == 0.0F) continue;
    const Vector logits = multiply(weights_.at(tied ? "token_embd.weight" : "output.weight"),
                                   norm(x[t], "output_norm.weight"));
    sum += weights[t] * row_loss(logits, tokens[t + 1], teacher);
  }
  return sum;
}

}  // namespace plmm::train
