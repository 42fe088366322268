// Signs in a question's wording that this device is to answer it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "personal/router.h"

namespace plmm::personal {

enum class Strength : std::uint8_t {
  weak,  // unless an expert fits very well
  strong,
};
struct LocalSign {
  Reason reason;
  Strength strength;
};

/// The clearest sign, or nothing. English wording; other languages are left to the embeddings.
std::optional<LocalSign> find_local_sign(std::string_view question);

/// Lower-case words between single spaces, with one at both ends: " whats my name ". Apostrophes
/// vanish, so that "what's" and "whats" are one word; other signs separate words.
std::string to_words(std::string_view text);

}  // namespace plmm::personal
