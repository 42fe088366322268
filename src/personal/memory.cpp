// Turns as records of the vault, and an index over them that is made anew at each start: it never
// touches the disk.
#include "personal/memory.h"

#include <algorithm>
#include <utility>

#include "personal/recall.h"
#include "personal/record_fields.h"
#include "personal/vault_state.h"
#include "personal/vector_bytes.h"
#include "text/unicode.h"

namespace plmm::personal {
namespace {

constexpr std::uint8_t kTurnVersion = 1;
// A turn's score is the mean of its own cosine and its nearest sentence's, and some of the share of
// the question's words that it has. Chosen on testdata/personal (plmm bench personal).
constexpr float kNoStatement = 0.1F;  // less for a sentence that tells nothing about the person
// More for one that tells a preference, where advice is asked: it seldom shares the question's
// words, and what is said in passing is often about something near.
constexpr float kPassingPreference = 0.1F;
constexpr float kFirmPreference = 0.25F;
constexpr double kWordWeight = 0.3;

float worth_of(Preference preference) {
  switch (preference) {
    case Preference::none:
      return 0;
    case Preference::passing:
      return kPassingPreference;
    case Preference::firm:
      return kFirmPreference;
  }
  return 0;
}

Personal<std::string> cut(const Personal<std::string>& text) {
  return Personal(std::string(text::first_bytes(text.reveal(Purpose::seal), kTurnBytesMax)));
}

Personal<std::string> encode(const Turn& turn, std::span<const search::CodedVector> vectors,
                             const std::string& model) {
  FieldWriter out(kTurnVersion);
  out.number(turn.time_ms).number(turn.conversation);
  out.text(turn.said.reveal(Purpose::seal)).text(turn.answer.reveal(Purpose::seal));
  out.text(turn.answered_by).text(model).text(vectors_to_bytes(vectors));
  return out.take();
}

struct Kept {
  Turn turn;
  std::string model;       // of the embeddings
  std::string embeddings;  // as bytes
};

Result<Kept> decode(const Record& record) {
  auto fields = TRY(FieldReader::open(record.content, kTurnVersion));
  Kept out;
  out.turn.id = record.id;
  out.turn.time_ms = TRY(fields.number());
  out.turn.conversation = TRY(fields.number());
  out.turn.said = Personal(TRY(fields.text()));
  out.turn.answer = Personal(TRY(fields.text()));
  out.turn.answered_by = TRY(fields.text());
  out.model = TRY(fields.text());
  out.embeddings = TRY(fields.text());
  return out;
}

}  // namespace

std::vector<std::string_view> pieces_of(std::string_view said) {
  said = text::first_bytes(said, kTurnBytesMax);
  std::vector<std::string_view> out{said};
  const auto sentences = sentences_of(said);
  if (sentences.size() < 2) return out;
  const std::size_t n = std::min(sentences.size(), kPiecesMax - 1);
  out.insert(out.end(), sentences.begin(), sentences.begin() + static_cast<std::ptrdiff_t>(n));
  return out;
}

Result<Memory> Memory::open(Vault& vault, MemorySpace space) {
  Memory out(vault, std::move(space));
  for (const Record& record : TRY(vault.read(Area::memory))) {
    auto kept = TRY(decode(record));
    std::vector<search::CodedVector> vectors;
    if (kept.model == out.space_.model)
      vectors = TRY(vectors_from_bytes(bytes_of(kept.embeddings), out.space_.dimension));
    out.remember(std::move(kept.turn), vectors);
  }
  return out;
}

void Memory::remember(Turn turn, std::span<const search::CodedVector> vectors) {
  const std::string& said = turn.said.reveal(Purpose::prompt);
  words_.add(turn.id, said);
  const auto pieces = pieces_of(said);
  for (std::size_t i = 0; i < std::min(pieces.size(), vectors.size()); ++i) {
    const std::int64_t row = next_row_++;
    const Preference preference = preference_in(pieces[i]);
    const bool tells = preference != Preference::none || is_statement(pieces[i]);
    rows_.emplace(row, Row{turn.id, tells, i == 0, preference});
    vectors_.append(row, vectors[i]);
  }
  const std::int64_t id = turn.id;
  turns_.emplace(id, std::move(turn));
}

Result<std::int64_t> Memory::keep(Turn turn, std::span<const float> embeddings) {
  turn.said = cut(turn.said);
  turn.answer = cut(turn.answer);
  const std::size_t n_pieces = pieces_of(turn.said.reveal(Purpose::prompt)).size();
  const auto width = static_cast<std::size_t>(space_.dimension);
  if (!embeddings.empty() && embeddings.size() != n_pieces * width) {
    return fail(ErrorCode::invalid_argument,
                "a turn of " + std::to_string(n_pieces) + " pieces needs embeddings of " +
                    std::to_string(n_pieces * width) + " numbers, not of " +
                    std::to_string(embeddings.size()));
  }
  std::vector<search::CodedVector> vectors;
  for (std::size_t i = 0; i * width < embeddings.size(); ++i)
    vectors.push_back(TRY(search::encode_vector(embeddings.subspan(i * width, width))));
  const auto content = encode(turn, vectors, space_.model);
  TRY(vault_->change([&](Edit& edit) -> Result<> {
    turn.id = TRY(edit.add(Area::memory, content));
    return {};
  }));
  const std::int64_t id = turn.id;
  remember(std::move(turn), vectors);
  if (turns_.size() > kTurnsMax) {
    const std::int64_t oldest = turns_.begin()->first;
    TRY(forget({&oldest, 1}));
  }
  return id;
}

std::map<std::int64_t, Memory::Likeness> Memory::likeness(const search::CodedVector& question,
                                                          bool is_advice) const {
  std::map<std::int64_t, Likeness> out;
  for (const auto& near : vectors_.similarities(question)) {
    const Row& row = rows_.at(near.id);
    const auto [found, is_new] = out.try_emplace(row.turn, Likeness{-1, -1, -1, false});
    Likeness& of = found->second;
    if (row.is_whole) of.whole = near.similarity;
    of.sentence = std::max(of.sentence, near.similarity);
    const float more = is_advice ? worth_of(row.preference) : 0;
    of.rated = std::max(of.rated, near.similarity - (row.is_statement ? 0 : kNoStatement) + more);
    of.is_preference = of.is_preference || more > 0;
  }
  return out;
}

Result<std::vector<Recalled>> Memory::search(const Personal<std::string>& question,
                                             std::span<const float> embedding, int n_max,
                                             std::optional<std::int64_t> not_of) const {
  std::map<std::int64_t, Likeness> like;
  const bool is_advice = asks_advice(question.reveal(Purpose::prompt));
  if (!embedding.empty()) {
    if (embedding.size() != static_cast<std::size_t>(space_.dimension)) {
      return fail(ErrorCode::invalid_argument, "a question's embedding has " +
                                                   std::to_string(space_.dimension) +
                                                   " numbers here, or none");
    }
    const auto coded = TRY(search::encode_vector(embedding));
    like = likeness(coded, is_advice);
  }
  std::map<std::int64_t, double> scores;
  for (const auto& [id, of] : like) scores[id] = (of.whole + of.rated) / 2.0;
  for (const auto& [id, share] : words_.coverage(question.reveal(Purpose::prompt)))
    scores[id] += kWordWeight * share;
  std::vector<std::pair<double, std::int64_t>> order;
  for (const auto& [id, score] : scores) {
    if (turns_.at(id).conversation != not_of) order.emplace_back(-score, id);
  }
  const auto n = std::min(order.size(), static_cast<std::size_t>(std::max(n_max, 0)));
  std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(n));
  std::vector<Recalled> out;
  for (std::size_t i = 0; i < n; ++i) {
    const auto [score, id] = order[i];
    const auto found = like.find(id);
    const bool is_like = found != like.end();
    out.push_back({turns_.at(id), -score, is_like ? found->second.sentence : 0.0F, is_advice,
                   is_like && found->second.is_preference});
  }
  return out;
}

const Turn* Memory::find(std::int64_t id) const {
  const auto found = turns_.find(id);
  return found == turns_.end() ? nullptr : &found->second;
}

std::vector<Turn> Memory::turns() const {
  std::vector<Turn> out;
  for (const auto& [id, turn] : turns_) out.push_back(turn);
  return out;
}

std::size_t Memory::embedding_bytes() const {
  return vectors_.size() * static_cast<std::size_t>(space_.dimension);
}

Result<ForgottenTurns> Memory::forget(std::span<const std::int64_t> ids) {
  for (const std::int64_t id : ids) {
    if (turns_.contains(id)) continue;
    return fail(ErrorCode::not_found,
                "no turn " + std::to_string(id) + " is remembered. Run: plmm memory ls");
  }
  TRY(vault_->change([&](Edit& edit) -> Result<> {
    for (const std::int64_t id : ids) TRY(edit.remove(Area::memory, id));
    return {};
  }));
  for (const std::int64_t id : ids) {
    words_.remove(id, turns_.at(id).said.reveal(Purpose::prompt));
    turns_.erase(id);
  }
  std::vector<std::int64_t> rows;
  for (const auto& [row, of] : rows_) {
    if (!turns_.contains(of.turn)) rows.push_back(row);
  }
  vectors_.remove(rows);
  for (const std::int64_t row : rows) rows_.erase(row);
  return ForgottenTurns{ids.size(), TRY(vault_->clear_traces())};
}

}  // namespace plmm::personal
