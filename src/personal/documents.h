// The person's own documents: passages sealed in the vault, found again by meaning and by words.
// docs/formats/documents.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/personal.h"
#include "base/result.h"
#include "personal/memory.h"
#include "personal/vault.h"
#include "reader/file_text.h"
#include "search/vectors.h"

namespace plmm::personal {

inline constexpr std::size_t kOwnDocumentsMax = 10'000;
inline constexpr std::size_t kOwnPassagesMax = 100'000;      // of all documents
inline constexpr std::size_t kDocumentPassagesMax = 20'000;  // of one
inline constexpr std::size_t kOwnPassageBytesMax = 4'096;    // of text; the rest is not kept
inline constexpr std::size_t kDocumentPathBytesMax = 4'096;
inline constexpr std::size_t kDocumentDigestBytes = 32;

/// A file that was read.
struct OwnDocument {
  std::int64_t id = 0;
  std::string path;  // absolute
  std::string title;
  std::string kind;  // reader::FileText::kind
  reader::Places places = reader::Places::none;
  std::int64_t n_bytes = 0;      // of the file
  std::int64_t modified_ns = 0;  // when it was changed last, as the file system says
  std::string digest;            // SHA-256 of its bytes
  std::string model;             // that made its embeddings; empty: found by its words only
  std::int64_t time_ms = 0;      // when it was read, since 1970, UTC
  std::int64_t n_passages = 0;
};

/// A piece of a document.
struct OwnPassage {
  std::string title;  // of the document and the headings above
  Personal<std::string> text;
  std::int64_t place = 0;  // the line, page or message in which it begins; 0: none
};

struct FoundPassage {
  std::int64_t document = 0;
  OwnPassage passage;
  float similarity = 0;  // cosine with the question; 0 without embeddings
  double coverage = 0;   // share of the question's words that it has, weighted by rarity
};

/// The passages of a file's text, in their order; at most kDocumentPassagesMax (limit_exceeded).
Result<std::vector<OwnPassage>> cut_document(const reader::FileText& file);

/// Its title and its text, one below the other: what is embedded, and shown to a model.
std::string with_title(const OwnPassage& passage);

/// "trip.md, line 12", "tax.pdf, page 3", "page.html".
std::string place_text(const OwnDocument& document, std::int64_t place);

/// One thread at a time. The vault outlives it. What another process adds meanwhile is seen by the
/// next open(). Errors of the vault.
class Documents {
 public:
  /// Reads the index; texts are read when they are found. Passages with embeddings of another space
  /// are found by their words only.
  static Result<Documents> open(Vault& vault, MemorySpace space);
  /// The documents alone, by rising id.
  static Result<std::vector<OwnDocument>> list(Vault& vault);

  /// By rising id.
  const std::map<std::int64_t, OwnDocument>& all() const { return documents_; }
  /// Null when there is none; until the next change.
  const OwnDocument* find(std::string_view path) const;
  const MemorySpace& space() const { return space_; }
  std::size_t n_passages() const;
  /// Of embeddings and words in memory.
  std::size_t index_bytes() const;

  /// Keeps the document with all its passages, in the place of those that one of the same path had;
  /// all or nothing, on disk when this returns. Its id; id, model and n_passages of `document` do
  /// not count.
  ///   vectors: one for each passage; or empty: found by their words only
  /// limit_exceeded.
  Result<std::int64_t> put(OwnDocument document, std::span<const OwnPassage> passages,
                           std::span<const search::CodedVector> vectors);
  /// The same bytes under another time of change.
  Result<> touch(std::int64_t id, std::int64_t modified_ns);

  /// The passages nearest to the question, best first.
  ///   embedding [dimension] or empty
  Result<std::vector<FoundPassage>> search(const Personal<std::string>& question,
                                           std::span<const float> embedding, int n_max);

  /// Gone from the vault, from the index and from the bytes of the files.
  Result<Traces> forget(std::span<const std::int64_t> ids);

 private:
  /// What finds the passages of one record of the index.
  struct Part {
    std::int64_t record = 0;
    std::int64_t document = 0;
    std::vector<std::int64_t> passages;           // records
    std::vector<std::size_t> ends;                // of each one's words in `words`
    std::vector<std::uint32_t> words;             // codes, rising within a passage
    std::optional<search::VectorMatrix> vectors;  // by place in `passages`; of this space only
  };
  struct Candidate {
    double score = 0;
    const Part* part = nullptr;
    std::size_t at = 0;
    float similarity = 0;
    double coverage = 0;
  };

  Documents(Vault& vault, MemorySpace space) : vault_(&vault), space_(std::move(space)) {}
  Result<Part> read_part(const Record& record) const;
  Result<Part> write_part(Edit& edit, std::int64_t document, std::span<const OwnPassage> passages,
                          std::span<const search::CodedVector> vectors) const;
  Result<> remove_parts(Edit& edit, std::int64_t document) const;
  void drop_parts(std::int64_t document);
  std::vector<Candidate> candidates(std::span<const std::uint32_t> words,
                                    const std::optional<search::CodedVector>& embedding) const;

  Vault* vault_;
  MemorySpace space_;
  std::map<std::int64_t, OwnDocument> documents_;
  std::vector<Part> parts_;
};

}  // namespace plmm::personal
