// Counts what is new since the newest version; see moment.h.
#include "learn/moment.h"

#include <algorithm>
#include <cstdint>

#include "base/narrow.h"

namespace plmm::learn {

std::size_t n_new_missing(std::span<const Version> versions, std::string_view model,
                          const Material& material) {
  const Version* newest = nullptr;
  for (const Version& version : versions) {
    if (version.model == model && (newest == nullptr || newest->number < version.number))
      newest = &version;
  }
  if (newest == nullptr || newest->standing == Standing::forgotten) return 0;
  const auto n_then = newest->n_turns + newest->n_turns_held_back + newest->n_corrections;
  const auto n_now = narrow<std::int64_t>(material.n_turns + material.n_turns_held_back +
                                          material.corrections.size());
  const auto n_min = narrow<std::int64_t>(kNewMin);
  return narrow<std::size_t>(std::clamp<std::int64_t>(n_min - (n_now - n_then), 0, n_min));
}

}  // namespace plmm::learn
