// An expert's folder: its card, its key and the passages that it answers from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "crypto/sign.h"
#include "protocol/messages.h"
#include "reader/documents.h"
#include "search/passage_index.h"

namespace plmm::expert {

/// Sentence embeddings as the caller has them (infer::Embedder, a stub in tests).
struct TextEmbedder {
  search::EmbeddingSpace space;
  /// out [texts.size()][space.dimension], each of length 1.
  std::function<Result<>(std::span<const std::string_view> texts, std::span<float> out)> embed;
};

struct ExpertOptions {
  std::string name;   // "it"
  std::string title;  // "Computing"
  std::string summary;
  std::vector<std::string> topics;
  protocol::PriceCard prices;
  std::string base_model;  // the catalogue's name: who opens the library loads it
  /// Of a prompt, passages included: bounds price and time until the first word.
  std::uint64_t n_tokens_in_max = 1'024;
  reader::ReadOptions reading;
};

struct Progress {
  std::uint64_t n_passages = 0;  // embedded
  std::uint64_t n_passages_total = 0;
};
using OnProgress = std::function<void(const Progress& progress)>;

using NewPassage = search::Passage;

/// Where the passages of a release are: FOLDER/library.sqlite, from release 2 on
/// FOLDER/library-RELEASE.sqlite. So the card, written in one go, says which file counts.
std::filesystem::path index_file(const std::filesystem::path& folder, std::uint32_t release);

/// FOLDER/card.json (docs/formats/protocol.md) · FOLDER/key, 32 bytes that only the owner can read
/// · the file of index_file(). docs/formats/expert.md. One thread at a time.
class Library {
 public:
  /// Reads `documents` (files, folders, dictionaries: documents.h) into a new folder. The card is
  /// written last, and an error leaves nothing: what was killed is no expert yet, and create()
  /// again makes it anew. Errors: invalid_argument when there is an expert already, for a card that
  /// breaks the protocol's limits and when there is nothing to read; not_found; io; cancelled;
  /// those of the embedder.
  static Result<Library> create(const std::filesystem::path& folder, const ExpertOptions& options,
                                std::span<const std::filesystem::path> documents,
                                TextEmbedder embedder, const OnProgress& on_progress,
                                const Cancel& cancel);
  /// not_found when the folder is no expert's; corrupt_data for a card or a key that is damaged, or
  /// that do not belong together; invalid_argument for the embeddings of another model.
  static Result<Library> open(const std::filesystem::path& folder, TextEmbedder embedder);

  /// Opens the release that the card names now, where another process has put in a newer one.
  Result<> refresh();

  const std::filesystem::path& folder() const { return folder_; }
  const protocol::ExpertCard& card() const { return card_; }
  const crypto::KeyPair& key() const { return key_; }
  const TextEmbedder& embedder() const { return embedder_; }
  /// What create() read and left out; empty after open().
  const reader::ReadReport& report() const { return report_; }

  /// The best passages for a question, best first.
  Result<std::vector<search::Hit>> find(std::string_view question, int n_hits_max);
  /// All passages by their ids; the first error of `on_passage` ends it.
  Result<> each(const std::function<Result<>(const NewPassage& passage)>& on_passage) {
    return index_.each(on_passage);
  }
  Result<std::vector<std::string>> documents() { return index_.documents(); }

  /// Changes belong to a staged copy (staging.h): a receipt names a release, and what stands in a
  /// release stays.
  ///
  /// Keeps `passages` as all of `document`, in the place of those it had. limit_exceeded for a
  /// title over protocol::kTitleBytesMax or a text over protocol::kPassageBytesMax bytes,
  /// invalid_argument for one that is empty or not UTF-8; those of the embedder.
  Result<> add(std::string_view document, std::span<const NewPassage> passages);
  /// How many passages the document had; 0 is no error.
  Result<std::size_t> remove(std::string_view document);

 private:
  friend class StagedLibrary;
  static Result<Library> make(const std::filesystem::path& folder, const ExpertOptions& options,
                              std::span<const std::filesystem::path> documents,
                              TextEmbedder embedder, const OnProgress& on_progress,
                              const Cancel& cancel);
  Library(std::filesystem::path folder, protocol::ExpertCard card, crypto::KeyPair key,
          TextEmbedder embedder, search::PassageIndex index);

  std::filesystem::path folder_;
  protocol::ExpertCard card_;
  crypto::KeyPair key_;
  TextEmbedder embedder_;
  search::PassageIndex index_;
  reader::ReadReport report_;
};

}  // namespace plmm::expert
