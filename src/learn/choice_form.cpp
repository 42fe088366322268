// Tokens of the turn once, then of each option.
#include "learn/choice_form.h"

#include <algorithm>
#include <numeric>

#include "train/data.h"

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
  std::vector<std::vector<text::TokenId>> endings;
  std::vector<float> weights;
  const auto add = [&](std::size_t option) {
    endings.push_back(candidates.endings[option]);
    weights.push_back(static_cast<float>(sharpness / static_cast<double>(options[option].size())));
  };
  add(right);
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (i != right) add(i);
  }
  return train::encode_choice(candidates.context, endings, weights);
}

}  // namespace plmm::learn
