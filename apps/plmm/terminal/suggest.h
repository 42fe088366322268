// "Did you mean": the nearest of some known words.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace plmm::terminal {

/// Edits between two words: insert, delete, replace, or swap neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The known word nearest to `word`, when it is near enough to be a slip of the hand; else empty.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

}  // namespace plmm::terminal
