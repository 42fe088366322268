// Phrases for slots, then the rules that notice facts, then words; see profile_talk.h.
#include "personal/profile_talk.h"

#include <algorithm>
#include <array>
#include <string>

#include "personal/local_signs.h"
#include "personal/noticing.h"

namespace plmm::personal {
namespace {

struct Named {
  std::string_view words;  // as to_words() makes them, without the spaces around
  Slot slot;
};
constexpr std::array<Named, 43> kNamed{{
    {"where i live", Slot::place},
    {"my address", Slot::place},
    {"my home", Slot::place},
    {"where i work", Slot::workplace},
    {"my employer", Slot::workplace},
    {"my workplace", Slot::workplace},
    {"where i am from", Slot::origin},
    {"where im from", Slot::origin},
    {"where i come from", Slot::origin},
    {"where i grew up", Slot::origin},
    {"where i was born", Slot::origin},
    {"my hometown", Slot::origin},
    {"my job", Slot::work},
    {"my work", Slot::work},
    {"my profession", Slot::work},
    {"what i do", Slot::work},
    {"what i do for a living", Slot::work},
    {"what i do for work", Slot::work},
    {"my name", Slot::name},
    {"what my name is", Slot::name},
    {"who i am", Slot::name},
    {"what im called", Slot::name},
    {"my age", Slot::age},
    {"how old i am", Slot::age},
    {"my education", Slot::education},
    {"my studies", Slot::education},
    {"what i study", Slot::education},
    {"where i study", Slot::education},
    {"my hobbies", Slot::hobbies},
    {"my languages", Slot::languages},
    {"which languages i speak", Slot::languages},
    {"what languages i speak", Slot::languages},
    {"my family", Slot::people},
    {"my friends", Slot::people},
    {"my pets", Slot::pets},
    {"my health", Slot::health},
    {"my allergies", Slot::health},
    {"what i like", Slot::likes},
    {"what i dont like", Slot::dislikes},
    {"what i dislike", Slot::dislikes},
    {"what i hate", Slot::dislikes},
    {"my plans", Slot::plans},
    {"what i own", Slot::possessions},
}};

constexpr std::array<std::string_view, 12> kShow{
    "what do you know about me",        "what do you know of me",
    "what do you remember about me",    "what have you noted about me",
    "what did you note about me",       "what have you learned about me",
    "what have you learnt about me",    "show me what you know about me",
    "tell me what you know about me",   "what facts do you have about me",
    "what do you know about me so far", "show my profile"};
constexpr std::array<std::string_view, 5> kAll{"everything about me",
                                               "everything you know about me", "all about me",
                                               "all you know about me", "what you know about me"};
constexpr std::array<std::string_view, 5> kForget{"forget about ", "forget ", "delete ", "erase ",
                                                  "stop remembering "};
constexpr std::array<std::string_view, 6> kPolite{"please ",    "now ",       "can you ",
                                                  "could you ", "would you ", "ok "};
/// Words that say nothing of what is meant.
constexpr std::string_view kEmptyWords =
    " that i im my am a an the is are was have has had in at of to and do dont not like love live "
    "work as about me fact called named enjoy hate from for ";

/// to_words() without the spaces around.
std::string plain(std::string_view said) {
  auto out = to_words(said);
  while (out.ends_with(' ')) out.pop_back();
  return out.starts_with(' ') ? out.substr(1) : out;
}

template <class List>
bool drop_start(std::string& text, const List& starts) {
  for (const std::string_view start : starts) {
    if (!text.starts_with(start)) continue;
    text.erase(0, start.size());
    return true;
  }
  return false;
}

/// In plain words and without courtesies.
std::string asked(std::string_view said) {
  std::string words = plain(said);
  while (drop_start(words, kPolite)) {
  }
  return words;
}

bool is_empty_word(std::string_view word) {
  return kEmptyWords.contains(" " + std::string(word) + " ");
}

/// Whether each word of `words` that says something stands in the fact or in what it was said with.
bool names(const std::string& words, const Fact& fact) {
  const std::string own =
      to_words(fact.value.reveal(Purpose::compare) + " " +
               fact.source.quote.reveal(Purpose::compare) + " " + std::string(name_of(fact.slot)));
  std::size_t n_found = 0;
  for (std::size_t at = 0; at < words.size();) {
    const std::size_t end = std::min(words.find(' ', at), words.size());
    const std::string word = words.substr(at, end - at);
    at = end + 1;
    if (is_empty_word(word)) continue;
    if (!own.contains(" " + word + " ")) return false;
    ++n_found;
  }
  return n_found > 0;
}

const Named* named(const std::string& words) {
  const auto found = std::ranges::find(kNamed, words, &Named::words);
  return found == kNamed.end() ? nullptr : &*found;
}

}  // namespace

std::vector<Fact> facts_meant(std::string_view words, std::span<const Fact> facts) {
  std::vector<Fact> out;
  const std::string meant = plain(words);
  const Named* const slot = named(meant);
  for (const Fact& fact : facts) {
    if (slot != nullptr ? fact.slot == slot->slot : names(meant, fact)) out.push_back(fact);
  }
  return out;
}

bool may_be_wish(std::string_view said) {
  std::string words = asked(said);
  return std::ranges::find(kShow, words) != kShow.end() || drop_start(words, kForget);
}

std::optional<ProfileWish> profile_wish(std::string_view said, std::span<const Fact> facts) {
  std::string words = asked(said);
  if (words.ends_with(" please")) words.erase(words.size() - std::string_view(" please").size());
  if (std::ranges::find(kShow, words) != kShow.end())
    return ProfileWish{ProfileWish::Kind::show, {}};
  if (!drop_start(words, kForget)) return std::nullopt;
  if (std::ranges::find(kAll, words) != kAll.end())
    return ProfileWish{ProfileWish::Kind::forget_all, {}};
  const bool says_that = words.starts_with("that i ") || words.starts_with("that im ") ||
                         words.starts_with("that my ") || words.starts_with("that we ");
  if (!says_that && !words.starts_with("my ") && named(words) == nullptr) return std::nullopt;
  ProfileWish out{ProfileWish::Kind::forget, facts_meant(words, facts)};
  // "Forget my last question" is about the conversation; "forget that I live in Rome" is about a
  // fact, also where there is none.
  if (out.facts.empty() && named(words) == nullptr &&
      notice(words.substr(words.find(' ') + 1)).empty())
    return std::nullopt;
  return out;
}

}  // namespace plmm::personal
