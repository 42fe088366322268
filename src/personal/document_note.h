// Which passages of the person's own documents stand before a question, as a note for the model on
// this device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/personal.h"
#include "personal/documents.h"

namespace plmm::personal {

struct DocumentNoteSettings {
  // Calibrated on all-MiniLM-L6-v2: passages about something else are below it.
  float similarity_min = 0.35F;
  // What is so much less near than the best says little beside it.
  float similarity_step = 0.25F;
  // What shares so much of the question's rare words fits too, where its meaning is not far off or
  // not known.
  double coverage_min = 0.6;
  float similarity_far = 0.22F;
  int n_passages_max = 3;
  std::size_t note_bytes_max = 2'400;  // some 600 tokens, which a small context still has room for
};

/// A place of a document that a note quotes.
struct UsedPlace {
  std::int64_t document = 0;
  std::int64_t place = 0;
  bool operator==(const UsedPlace&) const = default;
};

struct DocumentNote {
  Personal<std::string> text;   // in front of the question; empty: nothing fits
  std::vector<UsedPlace> used;  // in the order of the note: best first
};

/// Quotes the passages that fit, each with its file and place. They are data: the note says so, and
/// every line of them stands behind "| ". One too long for what is left of the note is cut.
///   found: best first · documents: by id; passages of others are left out
DocumentNote make_document_note(std::span<const FoundPassage> found,
                                const std::map<std::int64_t, OwnDocument>& documents,
                                const DocumentNoteSettings& settings = {});

}  // namespace plmm::personal
