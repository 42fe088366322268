// "What do you know about me?" and "forget where I live", understood without a model.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "personal/profile.h"

namespace plmm::personal {

/// What a person wants done with what is known about them.
struct ProfileWish {
  enum class Kind : std::uint8_t { show, forget, forget_all } kind = Kind::show;
  std::vector<Fact> facts;  // forget: those that are meant; may be none
};

/// Whether a line begins as one that profile_wish() understands, whatever the facts are.
bool may_be_wish(std::string_view said);

/// Nothing: the line is for a model. "forget …" is understood where it names what a slot holds
/// ("where I live"), says a fact ("that I like tea", "my sister Anna") that is there, or says one
/// that is not; never where it is about the conversation ("forget it", "forget my last question").
std::optional<ProfileWish> profile_wish(std::string_view said, std::span<const Fact> facts);

/// Those that `words` say or name: "where I live", "my sister", "tea".
std::vector<Fact> facts_meant(std::string_view words, std::span<const Fact> facts);

}  // namespace plmm::personal
