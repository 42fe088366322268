// Which of a person's earlier words stand before a question, as a note for the model on this
// device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/personal.h"
#include "personal/memory.h"

namespace plmm::personal {

/// Pieces of a text that end in a full stop, "!", "?" or a line's end, without space around them.
std::vector<std::string_view> sentences_of(std::string_view text);

/// Whether a sentence tells something about the person who says it: with "I", "my", "we", …, and is
/// no question or request. English wording.
bool is_statement(std::string_view sentence);

/// The sentences that are statements, short enough to be quoted. Views into `said`.
std::vector<std::string_view> statements(std::string_view said);

struct RecallSettings {
  int n_searched = 12;  // turns, of which those that are near enough are quoted
  // Calibrated on all-MiniLM-L6-v2: what has nothing to do with a question is below it.
  float similarity_min = 0.35F;
  // Where advice is asked, what it depends on may be far from the question in words.
  float advice_similarity_min = 0.2F;
  float preference_similarity_min = 0.0F;
  int n_turns_max = 3;
  int n_preferences_max = 5;  // beside these, where advice is asked
  std::size_t note_bytes_max = 1'200;
};

/// A turn that a note quotes.
struct Used {
  std::int64_t id = 0;
  std::int64_t time_ms = 0;
};

struct Note {
  Personal<std::string> text;  // in front of the question; empty: nothing fits
  std::vector<Used> used;      // in the order of the note: the oldest first
};

/// Quotes the statements of those turns that are near enough, each with its date. Only what the
/// person said: words of a model or of a document never come back as if they were facts.
///   date_of: a day as the person writes it
Note make_note(std::span<const Recalled> recalled, const RecallSettings& settings,
               const std::function<std::string(std::int64_t time_ms)>& date_of);

}  // namespace plmm::personal
