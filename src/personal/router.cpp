// Wording first, then nearness in meaning, then the model's own certainty.
#include "personal/router.h"

#include <algorithm>
#include <array>
#include <functional>

#include "base/check.h"
#include "personal/local_signs.h"

namespace plmm::personal {
namespace {

/// An everyday topic this near to one of an expert's is that expert's.
constexpr double kSameTopic = 0.5;
constexpr std::size_t kNearest = 3;  // topics that make a score

constexpr std::array<std::string_view, 34> kEveryday{
    "geography: countries, capitals, rivers and mountains",
    "What is the capital of a country?",
    "world history, wars, kings and presidents",
    "animals and plants",
    "biology and the human body",
    "health, illness and medicine",
    "physics and chemistry",
    "astronomy, planets and space",
    "arithmetic and mathematics",
    "weather and seasons",
    "cooking, recipes and food",
    "drinks, coffee, tea and wine",
    "sports and games, football, the Olympics",
    "travel, holidays and sightseeing",
    "cars, bicycles and traffic",
    "home, cleaning, gardening and repairs",
    "family, friends and relationships",
    "the meaning and spelling of an English word",
    "religion, myths and philosophy",
    "politics and government",
    "television shows and celebrities",
    "inventions and famous scientists",
    "time, dates and holidays of the year",
    "clothes and shopping",
    "sleep, stress and exercise",
    "school, exams and learning tips",
    "jokes, riddles and fun",
    "hello, how are you today?",
    "what do you know about me?",
    "what is my name and where do I live?",
    "what did we talk about before?",
    "write an e-mail or a birthday card",
    "translate a sentence into another language",
    "what should I do this weekend?",
};

double cosine(std::span<const float> a, std::span<const float> b) {
  CHECK(a.size() == b.size());
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  }
  return sum;
}

/// The mean of the cosines with the nearest topics: one alone is often near by chance.
double nearness(std::span<const float> embedding, std::span<const Embedding> topics) {
  std::vector<double> cosines;
  for (const Embedding& topic : topics) cosines.push_back(cosine(embedding, topic));
  std::ranges::sort(cosines, std::greater<>());
  if (cosines.size() > kNearest) cosines.resize(kNearest);
  double sum = 0;
  for (const double value : cosines) sum += value;
  return cosines.empty() ? 0 : sum / static_cast<double>(cosines.size());
}

bool is_of_an_expert(const Embedding& topic, std::span<const RoutedExpert> experts) {
  return std::ranges::any_of(experts, [&](const RoutedExpert& expert) {
    return std::ranges::any_of(
        expert.topics, [&](const Embedding& own) { return cosine(topic, own) >= kSameTopic; });
  });
}

void score(const Question& question, Route& out) {
  for (const RoutedExpert& expert : question.experts) {
    const double score = nearness(question.embedding, expert.topics);
    if (out.best.empty() || score > out.score) {
      out.best = expert.name;
      out.score = score;
    }
  }
  std::vector<Embedding> everyday;
  for (const Embedding& topic : question.everyday) {
    if (!is_of_an_expert(topic, question.experts)) everyday.push_back(topic);
  }
  out.everyday_score = nearness(question.embedding, everyday);
}

/// Why the question stays here, or nothing.
std::optional<Reason> reason_to_stay(const Route& route, const std::optional<LocalSign>& sign) {
  const RouterSettings& settings = route.settings;
  if (sign && (sign->strength == Strength::strong || route.score < settings.score_strong)) {
    return sign->reason;
  }
  if (route.best.empty()) return Reason::no_embedding;
  if (route.score < settings.score_min) return Reason::no_expert_fits;
  if (route.score < route.everyday_score + settings.everyday_margin) return Reason::everyday;
  if (route.certainty && *route.certainty >= settings.certainty_min) return Reason::model_is_sure;
  return std::nullopt;
}

}  // namespace

Route route(const Question& question, const RouterSettings& settings) {
  Route out;
  out.settings = settings;
  out.certainty = question.certainty;
  if (!question.embedding.empty()) score(question, out);
  if (const auto stay = reason_to_stay(out, find_local_sign(question.text))) {
    out.reasons.push_back(*stay);
    return out;
  }
  out.expert = out.best;
  out.reasons.push_back(Reason::expert_fits);
  if (out.certainty) out.reasons.push_back(Reason::model_is_unsure);
  return out;
}

Route route_chosen(std::optional<std::string> expert, const RouterSettings& settings) {
  Route out;
  out.settings = settings;
  out.expert = std::move(expert);
  out.best = out.expert.value_or("");
  out.reasons.push_back(Reason::person_chose);
  return out;
}

std::span<const std::string_view> everyday_topics() { return kEveryday; }

std::string_view name_of(Reason reason) {
  constexpr std::array<std::string_view, kReasonMax> kNames{
      "own_profile", "this_conversation", "small_talk",     "writing_task",
      "translation", "everyday",          "no_expert_fits", "model_is_sure",
      "expert_fits", "model_is_unsure",   "no_embedding",   "person_chose"};
  return kNames[static_cast<std::size_t>(reason) - 1];
}

}  // namespace plmm::personal
