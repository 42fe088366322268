// The optimizer, element by element.
#include "train/optimizer.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "train/rows.h"

namespace plmm::train {
namespace {

constexpr std::size_t kBlock = 1 << 14;  // numbers of one task

int n_blocks(std::size_t n) { return static_cast<int>((n + kBlock - 1) / kBlock); }

}  // namespace

double learning_rate(const TrainOptions& options, int step) {
  if (step < options.n_warm_up)
    return options.learning_rate * (step + 1) / static_cast<double>(options.n_warm_up);
  const int n = std::max(1, options.n_steps - options.n_warm_up);
  const double done = std::min(1.0, static_cast<double>(step - options.n_warm_up) / n);
  const double cosine = (1.0 + std::cos(std::numbers::pi * done)) / 2.0;
  const double end = options.learning_rate_end;
  return options.learning_rate * (end + (1.0 - end) * cosine);
}

double norm_of(std::span<const float> values, ThreadPool& pool) {
  std::vector<double> squares(static_cast<std::size_t>(n_blocks(values.size())));
  for_each_task(pool, n_blocks(values.size()), [&](int block, int) {
    const std::size_t begin = static_cast<std::size_t>(block) * kBlock;
    double sum = 0;
    for (const float value : values.subspan(begin, std::min(kBlock, values.size() - begin)))
      sum += static_cast<double>(value) * value;
    squares[static_cast<std::size_t>(block)] = sum;
  });
  double sum = 0;
  for (const double square : squares) sum += square;
  return std::sqrt(sum);
}

void adam_step(std::span<float> values, std::span<const float> gradients, Moments& moments,
               const TrainOptions& options, double rate, float factor, int step, ThreadPool& pool) {
  const auto beta1 = static_cast<float>(options.beta1), beta2 = static_cast<float>(options.beta2);
  const auto rest1 = static_cast<float>(1.0 - options.beta1);
  const auto rest2 = static_cast<float>(1.0 - options.beta2);
  const auto keep = static_cast<float>(1.0 - rate * options.weight_decay);
  const auto size = static_cast<float>(rate / (1.0 - std::pow(options.beta1, step)));
  const auto root = static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(options.beta2, step)));
  const auto epsilon = static_cast<float>(options.epsilon);
  for_each_task(pool, n_blocks(values.size()), [&](int block, int) {
    const std::size_t begin = static_cast<std::size_t>(block) * kBlock;
    const std::size_t end = std::min(begin + kBlock, values.size());
    float *mean = moments.mean.data(), *square = moments.square.data(), *value = values.data();
    for (std::size_t i = begin; i < end; ++i) {
      const float g = gradients[i] * factor;
      mean[i] = mean[i] * beta1 + g * rest1;
      square[i] = square[i] * beta2 + g * g * rest2;
      value[i] = value[i] * keep - size * (mean[i] / (std::sqrt(square[i]) * root + epsilon));
    }
  });
}

}  // namespace plmm::train
