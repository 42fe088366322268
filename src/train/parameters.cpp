// Adapters to one array and back.
#include "train/parameters.h"

#include <algorithm>

namespace plmm::train {
namespace {

std::size_t at(int row, int width) {
  return static_cast<std::size_t>(row) * static_cast<std::size_t>(width);
}

}  // namespace

Parameters::Parameters(const model::LoraAdapter& adapter) {
  std::size_t n = 0;
  shape_.rank = adapter.rank;
  shape_.alpha = adapter.alpha;
  shape_.architecture = adapter.architecture;
  shape_.base_fingerprint = adapter.base_fingerprint;
  shape_.layers.resize(adapter.layers.size());
  places_.resize(adapter.layers.size());
  values.reserve(adapter.n_parameters());
  for (std::size_t i = 0; i < adapter.layers.size(); ++i) {
    for (std::size_t j = 0; j < model::kLoraTargets; ++j) {
      const model::LoraPair& pair = adapter.layers[i][j];
      PairPlace& place = places_[i][j];
      place = {.rank = pair.rank, .n_in = pair.n_in, .n_out = pair.n_out, .a = n};
      model::LoraPair& shape = shape_.layers[i][j];
      shape.rank = pair.rank;
      shape.n_in = pair.n_in;
      shape.n_out = pair.n_out;
      if (pair.empty()) continue;
      place.scaling = adapter.scaling(pair);
      place.b = n + pair.a.size();
      n = place.b + pair.b.size();
      rank_max_ = std::max(rank_max_, pair.rank);
      values.insert(values.end(), pair.a.begin(), pair.a.end());
      for (int r = 0; r < pair.rank; ++r) {
        for (int o = 0; o < pair.n_out; ++o) {
          values.push_back(pair.b[at(o, pair.rank) + static_cast<std::size_t>(r)]);
        }
      }
    }
  }
  gradients.assign(n, 0.0F);
}

model::LoraAdapter Parameters::shaped(std::span<const float> numbers) const {
  model::LoraAdapter out = shape_;
  for (std::size_t i = 0; i < out.layers.size(); ++i) {
    for (std::size_t j = 0; j < model::kLoraTargets; ++j) {
      const PairPlace& place = places_[i][j];
      if (place.empty()) continue;
      model::LoraPair& pair = out.layers[i][j];
      const float* a = numbers.data() + place.a;
      pair.a.assign(a, a + at(place.rank, place.n_in));
      pair.b.resize(at(place.n_out, place.rank));
      for (int r = 0; r < place.rank; ++r) {
        for (int o = 0; o < place.n_out; ++o) {
          pair.b[at(o, place.rank) + static_cast<std::size_t>(r)] =
              numbers[place.b + at(r, place.n_out) + static_cast<std::size_t>(o)];
        }
      }
    }
  }
  return out;
}

int Parameters::first_layer() const {
  const auto learns = [](const auto& places) {
    return std::ranges::any_of(places, [](const PairPlace& place) { return !place.empty(); });
  };
  return static_cast<int>(std::ranges::find_if(places_, learns) - places_.begin());
}

}  // namespace plmm::train
