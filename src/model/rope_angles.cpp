// The angles of rotary positions.
#include "model/rope_angles.h"

#include <cmath>
#include <cstddef>

namespace plmm::model {

void fill_rope_angles(const ModelConfig& config, std::span<const float> factors, bool local,
                      int first, int n, float* cosines, float* sines) {
  const int half = config.head_dim / 2;
  const double theta = local ? config.rope_theta_local : config.rope_theta;
  for (int i = 0; i < half; ++i) {
    auto frequency = static_cast<float>(1.0 / std::pow(theta, 2.0 * i / config.head_dim));
    if (!local && config.rope_scale != 1.0F) frequency /= config.rope_scale;
    if (!local && !factors.empty()) frequency /= factors[static_cast<std::size_t>(i)];
    for (int t = 0; t < n; ++t) {
      const double angle = static_cast<float>(first + t) * frequency;
      const auto at = static_cast<std::size_t>(t) * static_cast<std::size_t>(half) +
                      static_cast<std::size_t>(i);
      cosines[at] = static_cast<float>(std::cos(angle));
      sines[at] = static_cast<float>(std::sin(angle));
    }
  }
}

}  // namespace plmm::model
