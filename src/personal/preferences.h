// Signs in a person's wording of what they like, need or avoid, and of a question that this may
// matter to.
#pragma once

#include <cstdint>
#include <string_view>

namespace plmm::personal {

/// Whether a sentence tells a taste, a need, a habit or a limit of the person who says it.
enum class Preference : std::uint8_t {
  none,
  passing,  // "I love tea", "I only have an hour": said in any conversation
  firm,     // "I avoid crowds", "I much prefer trains": meant for the next time too
};
/// English wording.
Preference preference_in(std::string_view sentence);

/// Whether a question asks what to do, take, choose or see, or how: then a preference may decide
/// the answer though it shares no word with it.
bool asks_advice(std::string_view question);

}  // namespace plmm::personal
