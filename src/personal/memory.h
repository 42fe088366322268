// What was said in earlier conversations: every turn in the vault, found again by its meaning and
// by its words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/personal.h"
#include "base/result.h"
#include "personal/preferences.h"
#include "personal/vault.h"
#include "personal/word_index.h"
#include "search/vectors.h"

namespace plmm::personal {

inline constexpr std::size_t kTurnBytesMax = 16U << 10U;  // of each side; the rest is not kept
inline constexpr std::size_t kTurnsMax = 100'000;         // then the oldest go
inline constexpr std::size_t kPiecesMax = 17;             // of a turn: the whole, and 16 sentences

/// What a person said, and what was answered.
struct Turn {
  std::int64_t id = 0;
  std::int64_t time_ms = 0;       // since 1970, UTC
  std::int64_t conversation = 0;  // the same for the turns of one, such as the time it began
  Personal<std::string> said;
  Personal<std::string> answer;
  std::string answered_by;  // an expert's name; empty: the model on this device
};

struct Recalled {
  Turn turn;
  double score = 0;      // comparable within one search only
  float similarity = 0;  // cosine of the question and the nearest sentence; 0 without embeddings
  bool is_for_advice = false;  // the question asks for some (preferences.h)
  bool is_preference = false;  // and this tells what is preferred
};

struct ForgottenTurns {
  std::size_t n_turns = 0;
  Traces traces = Traces::gone;
};

/// Embeddings of one model.
struct MemorySpace {
  std::string model;  // "all-minilm-l6-v2"
  int dimension = 0;
};

/// The texts whose embeddings a turn is found by: all of what was said, then, where it has several
/// sentences, each. Views into `said`, of which only what a turn keeps counts.
std::vector<std::string_view> pieces_of(std::string_view said);

/// One thread at a time. The vault outlives it. What another process keeps meanwhile is seen by the
/// next open().
class Memory {
 public:
  /// Reads all turns. Those with embeddings of another space are found by their words only.
  static Result<Memory> open(Vault& vault, MemorySpace space);

  /// The new turn's id (turn.id does not count), on disk when this returns.
  ///   embeddings [pieces_of(said).size()][dimension], each of length 1; or empty: found by its
  ///   words only
  Result<std::int64_t> keep(Turn turn, std::span<const float> embeddings);

  /// The turns in which a person said what `question` is about, best first. What was answered does
  /// not count: a model's words are no evidence.
  ///   embedding [dimension] or empty · not_of: a conversation that is left out
  Result<std::vector<Recalled>> search(const Personal<std::string>& question,
                                       std::span<const float> embedding, int n_max,
                                       std::optional<std::int64_t> not_of = std::nullopt) const;

  /// By rising id: the oldest first.
  std::vector<Turn> turns() const;
  /// Null when there is none; until the next change.
  const Turn* find(std::int64_t id) const;
  std::size_t size() const { return turns_.size(); }
  /// Bytes of the embeddings in memory.
  std::size_t embedding_bytes() const;

  /// Gone from the vault, from the index and from the bytes of the files; each id once. not_found,
  /// and then none is forgotten.
  Result<ForgottenTurns> forget(std::span<const std::int64_t> ids);

 private:
  struct Row {
    std::int64_t turn = 0;
    bool is_statement = false;
    bool is_whole = false;
    Preference preference = Preference::none;
  };
  struct Likeness {
    float whole = 0;     // cosine of the question and all of what was said
    float sentence = 0;  // of its nearest sentence
    float rated = 0;     // the same, with less for what is no statement
    bool is_preference = false;
  };

  Memory(Vault& vault, MemorySpace space)
      : vault_(&vault), space_(std::move(space)), vectors_(space_.dimension) {}
  void remember(Turn turn, std::span<const search::CodedVector> vectors);
  std::map<std::int64_t, Likeness> likeness(const search::CodedVector& question,
                                            bool is_advice) const;

  Vault* vault_;
  MemorySpace space_;
  std::map<std::int64_t, Turn> turns_;
  WordIndex words_;
  search::VectorMatrix vectors_;      // a row for each piece, in the order of rows_
  std::map<std::int64_t, Row> rows_;  // by the id of the row
  std::int64_t next_row_ = 0;
};

}  // namespace plmm::personal
