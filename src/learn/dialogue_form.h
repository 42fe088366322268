// Conversations as the model sees them, with a weight on what the person said and on nothing else.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "learn/material.h"
#include "text/chat_template.h"
#include "text/tokenizer.h"
#include "train/sequence.h"

namespace plmm::learn {

/// Of an answer that stands before the person's next turn: what they reply to is in its beginning,
/// and the rest costs time.
inline constexpr std::size_t kContextBytesMax = 400;

struct DialogueForm {
  text::TemplateFamily family = text::TemplateFamily::plain;
  std::string default_system;  // in front of each piece, unless empty
  int n_tokens_max = 512;      // of a piece
};

/// The dialogue in pieces of whole turns, of which each has something to predict. Turns that alone
/// are too long are left out.
std::vector<train::Sequence> encode(const Dialogue& dialogue, const DialogueForm& form,
                                    const text::Tokenizer& tokenizer);
/// The question, and the correction as its answer; empty where it is too long.
train::Sequence encode(const Correction& correction, const DialogueForm& form,
                       const text::Tokenizer& tokenizer);

/// In their order, as many into one sequence as fit; they do not see each other.
std::vector<train::Sequence> packed(std::vector<train::Sequence> pieces, int n_tokens_max);

}  // namespace plmm::learn
