// Several adapters of one model become one. docs/formats/merge.md.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "base/thread_pool.h"
#include "model/config.h"
#include "model/lora.h"

namespace plmm::merge {

/// What becomes of the changes Δ = scaling · B·A of a matrix, w being the adapters' weights:
///   linear    Σ w Δ / Σ w
///   task      Σ w Δ, task arithmetic (Ilharco et al. 2023)
///   ties      of each Δ its largest entries; of these, where signs differ, the heavier sign; their
///             mean by w (Yadav et al. 2023)
///   dare      as task, of entries that are dropped by chance, the others made larger for it (Yu et
///             al. 2024)
///   dare_ties as ties, of entries that are dropped by chance in place of the small ones
enum class Method : std::uint8_t { linear, task, ties, dare, dare_ties };
std::optional<Method> method_from_name(std::string_view name);  // "linear" … "dare-ties"

inline constexpr std::size_t kAdaptersMax = 16;
inline constexpr float kWeightMax = 10.0F;  // of an adapter, either sign

struct MergeOptions {
  Method method = Method::linear;
  std::vector<float> weights;  // one for each adapter
  double density = 0.5;        // share of entries that ties and dare keep, above 0 … 1
  int rank = 0;                // of the result; 0: the sum of the adapters' ranks, as far as may be
  std::uint64_t seed = 0;      // of dare's choice
};

struct Merged {
  model::LoraAdapter adapter;
  /// How much of the change its rank cannot hold: 0 … 1, the share of its squared size.
  double lost = 0;
};

/// Sums of low-rank changes are cut exactly; what ties and dare make is of full rank and is cut by
/// a seeded projection (matrix.h). `on_matrix(done, total)` counts matrices. The adapters fit the
/// model (load_lora()). invalid_argument for fewer than 1 or too many adapters, weights that are
/// too large, that sum to 0 (linear) or are not positive (ties), for density and rank, and for a
/// result that changes nothing or holds numbers that an adapter may not; cancelled. The same bits
/// for every number of threads.
Result<Merged> merge_adapters(std::span<const model::LoraAdapter> adapters,
                              const MergeOptions& options, const model::ModelConfig& config,
                              ThreadPool& pool, const Cancel& cancel,
                              const std::function<void(int done, int total)>& on_matrix = {});

}  // namespace plmm::merge
