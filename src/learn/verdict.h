// Whether what was learnt may be used: better on the person's own words beyond chance, and hardly
// worse on everybody else's.
#pragma once

#include <cstdint>

namespace plmm::learn {

/// Perplexities of the model alone and of the model with the adapter, on the same tokens.
struct Figures {
  double own_before = 0;
  double own_after = 0;
  double own_ratio_low = 0;   // after over before in 95 % of samples of the conversations
  double own_ratio_high = 0;  // 1 or more: it may be chance
  double general_before = 0;
  double general_after = 0;
  bool operator==(const Figures&) const = default;
};

inline constexpr double kGeneralRatioMax = 1.02;

/// The numbers stand in the vault.
enum class Verdict : std::uint8_t { promoted = 1, not_better = 2, forgets_general = 3 };

Verdict verdict_on(const Figures& figures);

}  // namespace plmm::learn
