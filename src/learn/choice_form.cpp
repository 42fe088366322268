// Tokens of the turn once, then of each option.
#include "learn/choice_form.h"

#include <algorithm>
#include <numeric>

#include "base/narrow.h"

namespace plmm::learn {
namespace {

using text::Message;
using text::Role;
using text::TokenId;

}  // namespace

measure::Candidates candidates(const ChoiceForm& form, std::string_view turn,
                               std::span<const std::string> options,
                               const text::Tokenizer& tokenizer) {
  std::vector<Message> messages;
  if (!form.system.empty()) messages.push_back({Role::system, form.system});
  messages.push_back({Role::user, std::string(turn)});
  measure::Candidates out;
  out.context = text::encode_chat(form.family, messages, tokenizer);
  for (const std::string& option : options)
    out.endings.push_back(tokenizer.encode_more(option, text::Special::plain));
  return out;
}

std::size_t likeliest(const measure::LogProbabilities& known,
                      std::span<const std::string> options) {
  std::vector<double> scores;
  for (std::size_t i = 0; i < known.size(); ++i) {
    const double sum = std::accumulate(known[i].begin(), known[i].end(), 0.0);
    scores.push_back(sum / static_cast<double>(options[i].size()));
  }
  return static_cast<std::size_t>(std::ranges::max_element(scores) - scores.begin());
}

train::Sequence encode_choice(const measure::Candidates& candidates,
                              std::span<const std::string> options, std::size_t right,
                              double sharpness) {
  train::Sequence out;
  out.is_choice = true;
  out.tokens.assign(candidates.context.begin(), candidates.context.end() - 1);
  out.n_shared = narrow<int>(out.tokens.size());
  out.weights.assign(out.tokens.size(), 0.0F);
  const auto add = [&](std::size_t option) {
    const auto& ending = candidates.endings[option];
    out.segment_starts.push_back(narrow<int>(out.tokens.size()));
    out.tokens.push_back(candidates.context.back());
    out.tokens.insert(out.tokens.end(), ending.begin(), ending.end());
    const double weight = sharpness / static_cast<double>(options[option].size());
    out.weights.insert(out.weights.end(), ending.size(), static_cast<float>(weight));
    out.weights.push_back(0.0F);
  };
  add(right);
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (i != right) add(i);
  }
  return out;
}

}  // namespace plmm::learn
