// Embeddings in 8 bits as bytes of a record: (scale:f32 codes:i8{dimension}) for each, one behind
// the other, little-endian.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "search/vectors.h"

namespace plmm::personal {

std::string vectors_to_bytes(std::span<const search::CodedVector> vectors);
/// corrupt_data where bytes end early.
Result<std::vector<search::CodedVector>> vectors_from_bytes(std::span<const std::byte> bytes,
                                                            int dimension);

}  // namespace plmm::personal
