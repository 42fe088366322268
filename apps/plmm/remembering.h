// What a conversation takes from the memory of earlier ones, and what it leaves there.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/plmm/context.h"
#include "apps/plmm/expert_desk.h"
#include "personal/document_note.h"
#include "personal/documents.h"
#include "personal/memory.h"
#include "personal/recall.h"

namespace plmm::cli {

/// The memory of this user. Turns are compared by the embedding model of the catalogue;
/// without it they are kept and found by their words, and not recalled.
Result<personal::Memory> open_memory(personal::Vault& vault);

/// The documents of this user, found by the same model; without it by their words.
Result<personal::Documents> open_documents(personal::Vault& vault);

/// What stands before a question, and where it comes from.
struct Recollection {
  Personal<std::string> text;               // empty: nothing fits
  std::vector<personal::Used> turns;        // of earlier conversations
  std::vector<personal::UsedPlace> places;  // of the person's documents
  std::vector<std::string> cited;           // these places for a person: "trip.md, line 12"
};

/// Behind an answer: which places of the person's documents the model has read for it.
void show_cited(Console& console, const std::vector<std::string>& cited);

/// One for a conversation. What goes wrong is said once, and the conversation goes on without.
class Remembering {
 public:
  /// The desk, which has the vault and the embedding model, outlives it.
  Remembering(Context& context, ExpertDesk& desk);

  /// From now on nothing is read or written.
  void stop() { is_on_ = false; }
  /// What the person said before that a turn is about, and what stands of it in their documents;
  /// empty where nothing is. This conversation's own turns do not count: the model has them anyway.
  Recollection recall(std::string_view text);
  /// `answered_by`: an expert's name, or empty for the model on this device.
  /// The turn as it was kept; nothing where none was.
  std::optional<personal::Turn> keep(std::string_view said, std::string_view answer,
                                     std::string_view answered_by);
  bool is_on() const { return is_on_; }
  /// As this conversation searches it.
  Result<personal::Memory*> memory();

 private:
  Result<Recollection> find(std::string_view text);
  Result<> find_turns(std::string_view text, Recollection& out);
  Result<> find_passages(std::string_view text, Recollection& out);
  Result<personal::Documents*> documents();
  Result<personal::Turn> write(std::string_view said, std::string_view answer,
                               std::string_view answered_by);
  void say_once(const Error& error);

  Context& context_;
  ExpertDesk& desk_;
  std::optional<personal::Memory> memory_;
  std::optional<personal::Documents> documents_;
  std::int64_t began_ms_;
  bool is_on_ = true;
  bool keeps_turns_;
  bool said_ = false;
};

}  // namespace plmm::cli
