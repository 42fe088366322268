// Chats and texts as sequences to train on: encoded as the model sees them, only answers weighted,
// packed, and a share kept apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "text/chat_template.h"
#include "text/tokenizer.h"
#include "train/documents.h"
#include "train/sequence.h"

namespace plmm::train {

struct DataOptions {
  text::TemplateFamily chat_template = text::TemplateFamily::plain;
  std::string default_system = {};  // where a chat has none
  int n_tokens_max = 512;           // of a sequence
  double validation_share = 0.1;    // of the documents, 0 … 0.5
  std::uint64_t seed = 0;           // of the choice of those kept apart
};

struct DataReport {
  std::size_t n_documents = 0;   // learnt from, those kept apart included
  std::size_t n_validation = 0;  // kept apart
  bool are_pairs = false;        // of answers, the better of which is learnt
  std::size_t n_duplicates = 0;
  std::uint64_t n_tokens = 0;      // of all sequences
  std::uint64_t n_supervised = 0;  // of these, to be predicted
  std::vector<Dropped> dropped;
};

struct TrainingData {
  std::vector<Sequence> training;
  std::vector<Sequence> validation;  // empty where nothing could be kept apart
  DataReport report;
  std::string fingerprint;  // 16 hex digits of all sequences
};

/// Errors of add_documents(); corrupt_data, with the first reason, when nothing is left to learn
/// from, and where pairs of answers stand among other documents. The same files, options and
/// tokenizer give the same sequences.
Result<TrainingData> read_data(std::span<const std::filesystem::path> files,
                               const text::Tokenizer& tokenizer, const DataOptions& options);
Result<TrainingData> make_data(Documents documents, const text::Tokenizer& tokenizer,
                               const DataOptions& options);

/// A chat as the model sees it when it answers, up to the end of the last answer. Only the answers
/// and the token that ends each have a weight.
Sequence encode_answers(std::span<const text::Message> messages, text::TemplateFamily family,
                        const text::Tokenizer& tokenizer);

/// A choice (Sequence::is_choice): the context once, and behind it each of the endings, the right
/// one first. Each token of ending i has the weight weights[i].
///   context: at least 1 token · endings: at least 2, of at least 1 token each
Sequence encode_choice(std::span<const text::TokenId> context,
                       std::span<const std::vector<text::TokenId>> endings,
                       std::span<const float> weights);

/// The order in which an epoch goes through n sequences.
std::vector<std::size_t> epoch_order(std::size_t n, std::uint64_t seed, std::uint64_t epoch);

}  // namespace plmm::train
