// Turns out of the vault and into it; see remembering.h.
#include "apps/plmm/remembering.h"

#include <fmt/format.h>

#include <span>

#include "apps/plmm/experts.h"
#include "apps/plmm/own_data.h"

namespace plmm::cli {
namespace {

constexpr int kDimension = 384;  // of kEmbeddingModel
constexpr int kAsked = 8;        // passages, of which a note quotes what is near enough

/// Whether the embedding model is not here, which `plmm doctor` says.
template <class T>
bool is_absent(const Result<T>& result) {
  return !result && result.error().code == ErrorCode::not_found;
}

}  // namespace

Result<personal::Memory> open_memory(personal::Vault& vault) {
  return personal::Memory::open(vault, {std::string(kEmbeddingModel), kDimension});
}

Result<personal::Documents> open_documents(personal::Vault& vault) {
  return personal::Documents::open(vault, {std::string(kEmbeddingModel), kDimension});
}

void show_cited(Console& console, const std::vector<std::string>& cited) {
  if (cited.empty()) return;
  console.note(Paint::quiet, fmt::format("(read for this: {})", fmt::join(cited, "; ")));
}

Remembering::Remembering(Context& context, ExpertDesk& desk)
    : context_(context),
      desk_(desk),
      began_ms_(now_ms()),
      is_on_(!is_incognito(context)),
      keeps_turns_(context.settings.boolean("memory")) {}

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

Result<personal::Documents*> Remembering::documents() {
  if (!documents_) {
    personal::Vault* const vault = TRY(desk_.vault());
    documents_ = TRY(open_documents(*vault));
  }
  return &*documents_;
}

Recollection Remembering::recall(std::string_view text) {
  if (!is_on_) return {};
  auto found = find(text);
  if (found) return std::move(*found);
  say_once(found.error());
  return {};
}

Result<Recollection> Remembering::find(std::string_view text) {
  Recollection out;
  if (!has_vault(context_)) return out;
  TRY(find_passages(text, out));
  if (keeps_turns_) TRY(find_turns(text, out));
  return out;
}

Result<> Remembering::find_passages(std::string_view text, Recollection& out) {
  personal::Documents* const documents = TRY(this->documents());
  if (documents->all().empty()) return {};
  const auto embedding = desk_.embedding_of(text);
  if (!embedding && !is_absent(embedding)) return std::unexpected(embedding.error());
  const std::span<const float> numbers =
      embedding ? std::span<const float>(*embedding) : std::span<const float>();
  const auto found =
      TRY(documents->search(Personal<std::string>{std::string(text)}, numbers, kAsked));
  auto note = personal::make_document_note(found, documents->all());
  out.text = std::move(note.text);
  out.places = std::move(note.used);
  for (const auto& one : out.places)
    out.cited.push_back(personal::place_text(documents->all().at(one.document), one.place));
  return {};
}

Result<> Remembering::find_turns(std::string_view text, Recollection& out) {
  personal::Memory* const memory = TRY(this->memory());
  if (memory->size() == 0) return {};
  const auto embedding = desk_.embedding_of(text);
  if (is_absent(embedding)) return {};
  if (!embedding) return std::unexpected(embedding.error());
  const Personal<std::string> question{std::string(text)};
  const personal::RecallSettings settings;
  const auto recalled = TRY(memory->search(question, *embedding, settings.n_searched, began_ms_));
  auto note = personal::make_note(recalled, settings, day_text);
  out.text = Personal(out.text.reveal(Purpose::prompt) + note.text.reveal(Purpose::prompt));
  out.turns = std::move(note.used);
  return {};
}

std::optional<personal::Turn> Remembering::keep(std::string_view said, std::string_view answer,
                                                std::string_view answered_by) {
  if (!is_on_ || !keeps_turns_) return std::nullopt;
  auto kept = write(said, answer, answered_by);
  if (kept) return std::move(*kept);
  say_once(kept.error());
  return std::nullopt;
}

Result<personal::Turn> Remembering::write(std::string_view said, std::string_view answer,
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
  turn.id = TRY(memory->keep(turn, embeddings));
  return turn;
}

}  // namespace plmm::cli
