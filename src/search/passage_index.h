// Passages on disk, found by their words and by their meaning.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "search/vectors.h"
#include "store/database.h"

namespace plmm::search {

// Limits; docs/formats/search.md lists them.
inline constexpr std::size_t kPassagesMax = 1'000'000;
inline constexpr std::size_t kPassageTextBytesMax = 1U << 16U;
inline constexpr std::size_t kPassageNameBytesMax = 1024;  // of a title, document or model
inline constexpr int kDimensionMax = 8192;

/// What embeddings mean: those of different models cannot be compared.
struct EmbeddingSpace {
  std::string model;  // "all-minilm-l6-v2"
  int dimension;      // 1 … kDimensionMax
};

/// A piece of a document to be kept.
struct Passage {
  std::string title;
  std::string text;
};

/// A passage that was found.
struct Hit {
  std::int64_t id = 0;  // never given to another passage
  std::string document;
  std::string title;
  std::string text;
  double score = 0;      // of the fusion: comparable within one search only
  float similarity = 0;  // cosine of query and passage; 0 where the query has no embedding
  int word_rank = 0;     // place in the search by words, from 1; 0: not found by it
  int vector_rank = 0;   // place in the search by meaning, likewise
};

struct SearchOptions {
  int n_hits_max = 8;
  int n_candidates = 64;  // that each of the two searches hands to the fusion
  double word_weight = 1.0;
  double vector_weight = 1.0;
};

/// One thread at a time. Several processes may have one file open: what another one commits is seen
/// by the next search.
class PassageIndex {
 public:
  /// Makes the file where there is none. invalid_argument when it holds the embeddings of another
  /// space; corrupt_data, io, unsupported (a newer format) as in store/database.h. All embeddings
  /// are read into memory.
  static Result<PassageIndex> open(const std::filesystem::path& path, const EmbeddingSpace& space);
  static Result<PassageIndex> in_memory(const EmbeddingSpace& space);

  /// Keeps `passages` as all of `document`, in the place of those it had.
  ///   embeddings [passages.size()][dimension], each of length 1
  /// All or nothing. invalid_argument for other sizes, or numbers that are none; limit_exceeded.
  Result<> put(std::string_view document, std::span<const Passage> passages,
               std::span<const float> embeddings);
  /// How many passages it had; 0 is no error.
  Result<std::size_t> remove(std::string_view document);

  /// The best passages, by words (bm25, a title counts double) and by meaning, fused by their
  /// ranks. `query` is any text; `embedding` is [dimension] or empty: then words alone decide, as
  /// meaning does where the text has no words. The same file and query give the same hits.
  Result<std::vector<Hit>> search(std::string_view query, std::span<const float> embedding,
                                  const SearchOptions& options = {});

  Result<std::vector<std::string>> documents();  // sorted
  /// All passages by their ids, as they are at the beginning; the first error of `on_passage` ends
  /// it.
  Result<> each(const std::function<Result<>(const Passage& passage)>& on_passage);
  /// A file of its own with the same passages and ids, at a path where there is none: io when there
  /// is. What others commit meanwhile is in it as a whole or not at all.
  Result<> copy_to(const std::filesystem::path& path);
  std::size_t size() const { return vectors_.size(); }
  int dimension() const { return vectors_.dimension(); }

 private:
  PassageIndex(store::Database database, int dimension)
      : database_(std::move(database)), vectors_(dimension) {}
  static Result<PassageIndex> prepare(store::Database database, const EmbeddingSpace& space);

  Result<> claim_space(const EmbeddingSpace& space);
  Result<> load_vectors();
  Result<> refresh();
  Result<std::int64_t> data_version();
  Result<std::vector<std::int64_t>> ids_of(std::string_view document);
  Result<> drop(std::string_view document);
  Result<std::vector<std::int64_t>> insert(std::string_view document,
                                           std::span<const Passage> passages,
                                           std::span<const CodedVector> vectors);
  Result<std::vector<std::int64_t>> find_words(std::string_view query, int n);
  Result<bool> fill(Hit& hit);

  store::Database database_;
  VectorMatrix vectors_;
  std::int64_t seen_version_ = 0;  // SQLite's data_version when vectors_ was read
};

}  // namespace plmm::search
