// The words that the rules of noticing.cpp look for.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "personal/profile.h"

namespace plmm::personal {

/// What has to stand behind a pattern for it to be a fact.
enum class Take : std::uint8_t {
  thing,       // a noun phrase: "green tea", "to cook"
  place,       // the same, of a place
  name,        // up to three capitalised words
  number,      // of years
  language,    // one that has a name
  occupation,  // ends in what people are by profession
  studies,     // "a nursing major", "a senior"
  had,         // something lasting that is had: a car, a dog, two brothers, asthma
  activity,    // "yoga"
  intent,      // what is to be done
  condition,   // the pattern itself says what: "vegetarian"
};

/// Words behind "I" or "we", adverbs left out. The value begins behind them, or where "|" stands.
struct Pattern {
  std::string_view words;
  Slot slot;
  Take take;
  bool is_negated = false;  // with "do not", "am not" …
};
std::span<const Pattern> patterns();

enum class WordList : std::uint8_t {
  adverbs,     // may stand between "I" and what is told
  connectors,  // may stand before "I" where a statement begins
  doubts,      // anywhere in a sentence: it tells nothing
  reports,     // the same, but of whom "my …" names before them
  tasks,       // a turn that begins so is no statement
  jokes,       // anywhere in a turn
  stops,       // end a value
  no_things,   // no value has one of them
  no_verbs,    // "I like to say"
  unclear,     // no value begins so
  no_places,   // "I live in fear"
  occupations,
  languages,
  relations,  // that not everybody has
  parents,    // everybody has them: with a name only
  pets,
  illnesses,
  belongings,
  kinship,  // may stand before a relation: "older"
  fond,     // the same, but no part of the value: "poor"
  numbers,
  studies,
  games,         // "I do yoga"
  clause_heads,  // behind "and": something else begins
  empty,         // no value alone
  dangling,      // no value ends so
  periods,       // "this month" is no part of a value
  later,         // what is meant to be done then is a plan
  no_names,      // "hi, I'm fine"
  judged,        // "a terrible cook" is no profession
  ambitions,     // what is wanted so is a plan
  askers,        // begin a question
  place_ends,    // end a place
  greetings,
};
bool is_in(WordList list, std::string_view word);

}  // namespace plmm::personal
