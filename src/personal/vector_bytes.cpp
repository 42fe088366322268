// Codes and scales in a row; see vector_bytes.h.
#include "personal/vector_bytes.h"

#include <cstdint>
#include <utility>

#include "base/bytes.h"

namespace plmm::personal {

std::string vectors_to_bytes(std::span<const search::CodedVector> vectors) {
  std::string out;
  for (const auto& vector : vectors) {
    append_value(out, vector.scale);
    for (const std::int8_t code : vector.codes) out.push_back(static_cast<char>(code));
  }
  return out;
}

Result<std::vector<search::CodedVector>> vectors_from_bytes(std::span<const std::byte> bytes,
                                                            int dimension) {
  std::vector<search::CodedVector> out;
  ByteReader reader(bytes);
  while (reader.remaining() > 0) {
    search::CodedVector vector;
    vector.scale = TRY(reader.read<float>("the scale of an embedding"));
    const auto codes =
        TRY(reader.take(static_cast<std::size_t>(dimension), "the codes of an embedding"));
    for (const std::byte code : codes) vector.codes.push_back(static_cast<std::int8_t>(code));
    out.push_back(std::move(vector));
  }
  return out;
}

}  // namespace plmm::personal
