// Dot products of bytes, sixteen at a time so that any compiler vectorises them.
#include "search/vectors.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace plmm::search {
namespace {

constexpr std::size_t kStep = 32;
constexpr float kCodeMax = 127.0F;

std::int32_t dot(const std::int8_t* a, const std::int8_t* b, std::size_t n) {
  std::int32_t sum = 0;
  for (std::size_t at = 0; at < n; at += kStep) {
    std::int32_t part = 0;
    for (std::size_t i = at; i < at + kStep; ++i) {
      part += static_cast<std::int16_t>(a[i]) * static_cast<std::int16_t>(b[i]);
    }
    sum += part;
  }
  return sum;
}

bool is_better(const VectorMatrix::Near& a, const VectorMatrix::Near& b) {
  return a.similarity != b.similarity ? a.similarity > b.similarity : a.id < b.id;
}

}  // namespace

Result<CodedVector> encode_vector(std::span<const float> x) {
  float largest = 0;
  for (const float value : x) {
    if (!(std::abs(value) <= kVectorMax)) {
      return fail(ErrorCode::invalid_argument,
                  "an embedding has values that are no numbers, or too large");
    }
    largest = std::max(largest, std::abs(value));
  }
  CodedVector out;
  out.scale = largest / kCodeMax;
  const float inverse = out.scale > 0 ? 1.0F / out.scale : 0.0F;
  for (const float value : x) {
    const float code = std::isfinite(inverse) ? std::nearbyint(value * inverse) : 0.0F;
    out.codes.push_back(static_cast<std::int8_t>(std::clamp(code, -kCodeMax, kCodeMax)));
  }
  return out;
}

VectorMatrix::VectorMatrix(int dimension)
    : dimension_(dimension),
      stride_((static_cast<std::size_t>(dimension) + kStep - 1) / kStep * kStep) {
  CHECK(dimension >= 1);
}

std::vector<std::int8_t> VectorMatrix::padded(const CodedVector& vector) const {
  CHECK(vector.codes.size() == static_cast<std::size_t>(dimension_));
  std::vector<std::int8_t> out = vector.codes;
  out.resize(stride_, 0);
  return out;
}

void VectorMatrix::append(std::int64_t id, const CodedVector& vector) {
  CHECK(ids_.empty() || id > ids_.back());
  const auto row = padded(vector);
  codes_.insert(codes_.end(), row.begin(), row.end());
  scales_.push_back(vector.scale);
  ids_.push_back(id);
}

void VectorMatrix::remove(std::span<const std::int64_t> ids) {
  if (ids.empty()) return;
  std::size_t to = 0;
  for (std::size_t row = 0; row < ids_.size(); ++row) {
    if (std::ranges::binary_search(ids, ids_[row])) continue;
    if (to != row) {
      ids_[to] = ids_[row];
      scales_[to] = scales_[row];
      std::copy_n(codes_.begin() + static_cast<std::ptrdiff_t>(row * stride_), stride_,
                  codes_.begin() + static_cast<std::ptrdiff_t>(to * stride_));
    }
    ++to;
  }
  ids_.resize(to);
  scales_.resize(to);
  codes_.resize(to * stride_);
}

void VectorMatrix::clear() {
  ids_.clear();
  scales_.clear();
  codes_.clear();
}

float VectorMatrix::similarity_at(std::size_t row, const std::int8_t* query,
                                  float query_scale) const {
  const std::int32_t product = dot(codes_.data() + row * stride_, query, stride_);
  return static_cast<float>(product) * (scales_[row] * query_scale);
}

std::vector<VectorMatrix::Near> VectorMatrix::similarities(const CodedVector& query) const {
  const auto codes = padded(query);
  std::vector<Near> all(ids_.size());
  for (std::size_t row = 0; row < ids_.size(); ++row) {
    all[row] = {ids_[row], similarity_at(row, codes.data(), query.scale)};
  }
  return all;
}

std::vector<VectorMatrix::Near> VectorMatrix::nearest(const CodedVector& query,
                                                      std::size_t n) const {
  auto all = similarities(query);
  n = std::min(n, all.size());
  std::ranges::partial_sort(all, all.begin() + static_cast<std::ptrdiff_t>(n), is_better);
  all.resize(n);
  return all;
}

std::optional<float> VectorMatrix::similarity(const CodedVector& query, std::int64_t id) const {
  const auto found = std::ranges::lower_bound(ids_, id);
  if (found == ids_.end() || *found != id) return std::nullopt;
  return similarity_at(static_cast<std::size_t>(found - ids_.begin()), padded(query).data(),
                       query.scale);
}

}  // namespace plmm::search
