// What is noticed in a turn becomes facts of the profile, each with its date and its source.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "personal/memory.h"
#include "personal/profile.h"
#include "personal/vault.h"

namespace plmm::personal {

inline constexpr std::size_t kFormerMax = 200;  // facts that hold no more; then the oldest go

struct Noted {
  std::vector<Fact> added;
  std::vector<Fact> ended;  // held until now: replaced by a newer one, or said to be over
};

/// What notice() finds in `turn.said`, and in nothing else: neither the answer nor a note of memory
/// is looked at. What is known already is not added again. A newer value of a slot that holds one
/// (a name, a place …) ends the older one, as liking something ends not liking it; a fuller one
/// ("sister Anna") replaces what is part of it ("sister"). In a slot that is full the oldest
/// noticed one ends.
Result<Noted> note_facts(Vault& vault, const Turn& turn);

}  // namespace plmm::personal
