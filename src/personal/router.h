// Decides whether a question stays on this device or which expert it is for. Pure: the same input
// gives the same route.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plmm::personal {

/// Why a route is as it is. The numbers stand in the vault.
enum class Reason : std::uint8_t {
  own_profile = 1,        // about the person, or told about themselves
  this_conversation = 2,  // about what was said before
  small_talk = 3,
  writing_task = 4,  // to write, shorten or correct a text
  translation = 5,
  everyday = 6,          // nearer to everyday topics than to any expert's
  no_expert_fits = 7,    // all experts are below score_min
  model_is_sure = 8,     // certainty at or above certainty_min
  expert_fits = 9,       // the best score, at or above score_min
  model_is_unsure = 10,  // certainty below certainty_min
  no_embedding = 11,     // nothing to compare with: no expert or no embedding model
  person_chose = 12,     // /ask NAME or /local
};
inline constexpr std::uint8_t kReasonMax = 12;

/// Texts of length-1 embeddings of one model, all of one dimension.
using Embedding = std::vector<float>;

struct RoutedExpert {
  std::string name;
  std::vector<Embedding> topics;  // of each topic, title and summary of its card
};

struct RouterSettings {
  /// How sure the model on this device must be to answer alone: 0 never asks an expert, above 1
  /// asks whenever one fits.
  double certainty_min = 0.9;
  // These three are calibrated on all-MiniLM-L6-v2 and cards of 5 to 10 topics.
  double score_min = 0.08;         // of the best expert
  double score_strong = 0.40;      // above it, weak signs of small talk and writing do not count
  double everyday_margin = -0.02;  // by how much an expert must beat the everyday topics
};

struct Question {
  std::string_view text;
  std::span<const float> embedding;          // empty: there is no embedding model
  std::span<const RoutedExpert> experts;     // that could be asked
  std::span<const Embedding> everyday = {};  // of everyday_topics(), in any order
  std::optional<double> certainty;           // of the model on this device, 0 to 1
};

struct Route {
  std::optional<std::string> expert;  // nothing: this device answers
  std::vector<Reason> reasons;        // the deciding one first
  std::string best;                   // the expert with the best score, also when not asked
  double score = 0;                   // of it: mean cosine with the nearest three of its topics
  double everyday_score = 0;
  std::optional<double> certainty;
  RouterSettings settings;
};

/// What concerns the person, this conversation, small talk, writing and translating stays here;
/// else the expert whose topics are nearest is meant, unless none is near or the model is sure.
Route route(const Question& question, const RouterSettings& settings);
/// The person said so: /ask NAME, or /local with nothing.
Route route_chosen(std::optional<std::string> expert, const RouterSettings& settings);

/// What people ask that is for no expert in particular; the caller embeds each once.
std::span<const std::string_view> everyday_topics();

std::string_view name_of(Reason reason);

}  // namespace plmm::personal
