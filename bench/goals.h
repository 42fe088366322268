// What the engine promises on the models of the catalogue.
#pragma once

#include <string_view>

#include "bench/report.h"

namespace plmm::bench {

/// Gives a speed its goals: over the best peer where there is one, and of what the machine allows.
/// `what` is "prefill" or "decode". A model that the catalogue does not have is to be as fast as
/// the best peer.
void set_speed_goals(std::string_view what, std::string_view model, Metric& metric);

}  // namespace plmm::bench
