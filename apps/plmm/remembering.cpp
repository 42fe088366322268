// Turns out of the vault and into it; see remembering.h.
#include "apps/plmm/remembering.h"

#include "apps/plmm/experts.h"
#include "apps/plmm/own_data.h"

namespace plmm::cli {
namespace {

constexpr int kDimension = 384;  // of kEmbeddingModel
constexpr int kTurnsAsked = 8;   // of which a note quotes what is near enough

/// Whether the embedding model is not here, which `plmm doctor` says.
template <class T>
bool is_absent(const Result<T>& result) {
  return !result && result.error().code == ErrorCode::not_found;
}

}  // namespace

Result<personal::Memory> open_memory(personal::Vault& vault) {
  return personal::Memory::open(vault, {std::string(kEmbeddingModel), kDimension});
}

Remembering::Remembering(Context& context, ExpertDesk& desk)
    : context_(context),
      desk_(desk),
      began_ms_(now_ms()),
      is_on_(context.settings.boolean("memory") && !is_incognito(context)) {}

Result<personal::Memory*> Remembering::memory() {
  if (!memory_) {
    personal::Vault* const vault = TRY(desk_.vault());
    memory_ = TRY(open_memory(*vault));
  }
  return &*memory_;
}

void Remembering::say_once(const Error& error) {
  if (said_ || error.code == ErrorCode::cancelled) return;
  said_ = true;
  context_.console.note(Paint::warning, "going on without memory: " + error.what);
}

personal::Note Remembering::recall(std::string_view text) {
  if (!is_on_) return {};
  auto note = find(text);
  if (note) return std::move(*note);
  say_once(note.error());
  return {};
}

Result<personal::Note> Remembering::find(std::string_view text) {
  if (!has_vault(context_)) return personal::Note();
  personal::Memory* const memory = TRY(this->memory());
  if (memory->size() == 0) return personal::Note();
  const auto embedding = desk_.embedding_of(text);
  if (is_absent(embedding)) return personal::Note();
  if (!embedding) return std::unexpected(embedding.error());
  const Personal<std::string> question{std::string(text)};
  const auto recalled = TRY(memory->search(question, *embedding, kTurnsAsked, began_ms_));
  return personal::make_note(recalled, {}, day_text);
}

void Remembering::keep(std::string_view said, std::string_view answer,
                       std::string_view answered_by) {
  if (!is_on_) return;
  if (const auto kept = write(said, answer, answered_by); !kept) say_once(kept.error());
}

Result<> Remembering::write(std::string_view said, std::string_view answer,
                            std::string_view answered_by) {
  personal::Memory* const memory = TRY(this->memory());
  std::vector<std::string> pieces;
  for (const auto piece : personal::pieces_of(said)) pieces.emplace_back(piece);
  const auto rows = desk_.embed(pieces);
  if (!rows && !is_absent(rows)) return std::unexpected(rows.error());
  std::vector<float> embeddings;
  if (rows) {
    for (const auto& row : *rows) embeddings.insert(embeddings.end(), row.begin(), row.end());
  }
  personal::Turn turn{.id = 0,
                      .time_ms = now_ms(),
                      .conversation = began_ms_,
                      .said = Personal(std::string(said)),
                      .answer = Personal(std::string(answer)),
                      .answered_by = std::string(answered_by)};
  TRY(memory->keep(std::move(turn), embeddings));
  return {};
}

}  // namespace plmm::cli
