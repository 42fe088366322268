// When there is enough new to learn again.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "learn/adapters.h"
#include "learn/material.h"

namespace plmm::learn {

/// Turns and corrections that make another try worth its minutes.
inline constexpr std::size_t kNewMin = 20;

/// How many more of them it takes; 0: now. Counted from the newest version of this model, whether
/// it is in use, was undone by the person or refused by the tests; one that was forgotten with what
/// it had learnt from leaves a gap that is closed at once. What does not suffice at all is not
/// looked at here (Material::suffices()).
std::size_t n_new_missing(std::span<const Version> versions, std::string_view model,
                          const Material& material);

}  // namespace plmm::learn
