// Personal data out of a text before it leaves the device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "privacy/kind.h"
#include "privacy/known.h"
#include "privacy/placeholder.h"

namespace plmm::privacy {

/// One placeholder and the bytes that it stands for. Personal: never log or send it.
struct Replacement {
  std::string placeholder;
  std::string original;
  Kind kind;
};

struct Redaction {
  std::string text;
  std::vector<Replacement> replacements;  // those in `text`, each once, in their order
};

/// The placeholders of one conversation. It replaces what the vault knows (known.h) and what can be
/// told by its form (detect.h); what was told by its form once counts as known from then on. A
/// value keeps its number, each of its spellings has a placeholder of its own ([NAME_1],
/// [NAME_1.2]), and numbers count in the order of appearance, so that they tell nothing across
/// conversations. Text that looks like a placeholder is replaced too ([TEXT_1]). Hence restoring
/// (restore.h) gives back exactly the text.
class Redactor {
 public:
  explicit Redactor(std::span<const Known> known);

  /// One more value that the vault has learned.
  void add(const Known& known) { known_.add(known); }

  /// Any bytes. leaks() finds nothing in the text that comes back.
  Redaction redact(std::string_view text);

  /// Where a known value stands in the exact bytes that are about to leave, also behind the escapes
  /// of JSON and URLs. The caller sends nothing unless this is empty.
  std::vector<Span> leaks(std::string_view outgoing) const;

  /// All placeholders so far.
  std::span<const Replacement> replacements() const { return replacements_; }

 private:
  struct Piece;
  struct Numbers {
    std::uint32_t value;
    std::uint32_t n_spellings;
  };

  std::vector<Piece> find_pieces(std::string_view text);
  std::size_t value_of(const Span& detected, std::string_view text);
  std::size_t replacement_for(const Piece& piece, std::string_view text);

  KnownValues known_;
  std::vector<Replacement> replacements_;
  std::map<std::pair<std::string, std::string>, std::size_t> by_original_;  // identity, original
  std::unordered_map<std::string, Numbers> by_identity_;
  std::map<Kind, std::uint32_t> n_values_;
  std::map<Placeholder, std::size_t> by_placeholder_;
};

}  // namespace plmm::privacy
