// What BERT's uncased models do to a text before it is cut into words.
#pragma once

#include <string>
#include <string_view>

namespace plmm::text {

/// `utf8` without control characters and accents, in lower case, every white-space character a
/// plain space, and spaces around each CJK ideograph.
///   Broken UTF-8 is dropped, as U+FFFD is. Accents are the characters of class Mn that a canonical
///   decomposition leaves.
/// Source: BertNormalizer of Hugging Face tokenizers, with all its switches on.
std::u32string normalize_uncased(std::string_view utf8);

}  // namespace plmm::text
