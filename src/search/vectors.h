// Embeddings in memory, 8 bits a number, and the nearest of them by looking at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"

namespace plmm::search {

/// A vector in 8 bits: x[i] ≈ scale · codes[i], scale = max|x| / 127. The dot product of two is off
/// by less than 0.01 of the product of their lengths.
struct CodedVector {
  float scale = 0;
  std::vector<std::int8_t> codes;
};

/// invalid_argument where a number is NaN or of more than kVectorMax.
inline constexpr float kVectorMax = 1e6F;  // products of two cannot overflow
Result<CodedVector> encode_vector(std::span<const float> x);

/// Rows [dimension] by id, ids rising. Needs no index up to some 200,000 rows: a search reads
/// dimension bytes of each.
class VectorMatrix {
 public:
  explicit VectorMatrix(int dimension);

  int dimension() const { return dimension_; }
  std::size_t size() const { return ids_.size(); }

  /// Needs: id above all others (CHECK); vector of this dimension (CHECK).
  void append(std::int64_t id, const CodedVector& vector);
  /// Takes rows out; unknown ids are passed over. `ids` rising.
  void remove(std::span<const std::int64_t> ids);
  void clear();

  struct Near {
    std::int64_t id;
    float similarity;  // dot product; a cosine where vectors have length 1
  };
  /// The n rows of the largest similarity, best first; of equal ones the lower id. Integer sums:
  /// exact in any order.
  std::vector<Near> nearest(const CodedVector& query, std::size_t n) const;
  /// Of all rows, by rising id.
  std::vector<Near> similarities(const CodedVector& query) const;
  std::optional<float> similarity(const CodedVector& query, std::int64_t id) const;

 private:
  std::vector<std::int8_t> padded(const CodedVector& vector) const;
  float similarity_at(std::size_t row, const std::int8_t* query, float query_scale) const;

  int dimension_;
  std::size_t stride_;  // dimension rounded up, so that rows end in zeros
  std::vector<std::int64_t> ids_;
  std::vector<float> scales_;
  std::vector<std::int8_t> codes_;  // [size][stride]
};

}  // namespace plmm::search
