// What a teacher teaches from: documents, cut into the passages that a release would add.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "teacher/words.h"

namespace plmm::teacher {

inline constexpr std::size_t kSourcePassagesMax = 200'000;

/// Takes documents one by one; who reads them is the caller's affair.
class Source {
 public:
  /// The passages of one document; what is too long for a title or a name is cut between
  /// characters. limit_exceeded for more than kSourcePassagesMax in all.
  Result<> add(std::string_view name, std::string_view title, std::string_view text);

  const std::vector<Passage>& passages() const { return passages_; }
  std::uint64_t n_documents() const { return n_documents_; }

 private:
  std::vector<Passage> passages_;
  std::uint64_t n_documents_ = 0;
};

/// The order in which passages are asked about: by chance, but the same for the same source and
/// seed, and the first passages of all titles before the second ones. Indices into `passages`.
std::vector<std::size_t> asking_order(const std::vector<Passage>& passages, std::uint64_t seed);

}  // namespace plmm::teacher
