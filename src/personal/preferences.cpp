// Lists of words; see preferences.h.
#include "personal/preferences.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "personal/local_signs.h"
#include "personal/recall.h"

namespace plmm::personal {
namespace {

constexpr std::array<std::string_view, 41> kFirm{
    " prefer",        " dislike",      " detest",     " loathe",        " cant stand ",
    " cannot stand ", " avoid",        " aversion",   " averse ",       " allerg",
    " intoleran",     " rather ",      " not into ",  " refuse",        " uncomfortable",
    " overwhelm",     " sensitive",    " opposed ",   " committed",     " priorit",
    " vegan",         " vegetarian",   " struggle",   " passionate ",   " strict",
    " not a fan ",    " dont eat ",    " insist",     " fond of ",      " adore",
    " phobia",        " reject",       " distrust",   " appreciate",    " crave",
    " no interest ",  " cannot bear ", " cant bear ", " not care for ", " dont care for ",
    " tolerate"};
constexpr std::array<std::string_view, 35> kPassing{
    " favourite",   " favorite",    " like ",  " likes ",      " love ",    " loves ",
    " enjoy",       " hate ",       " hates ", " fan of ",     " afraid ",  " scared ",
    " fear ",       " only ",       " never ", " always ",     " need ",    " needs ",
    " boring",      " bored ",      " tiring", " tired of ",   " value ",   " interested ",
    " dont drink ", " want ",       " must ",  " cannot ",     " cant ",    " irritat",
    " stressful",   " distracting", " dull ",  " fascinated ", " drawn to "};

constexpr std::array<std::string_view, 43> kAdvice{
    " recommend",     " suggest",      " advice ",        " advise ",         " idea",
    " ideas ",        " tips ",        " best way ",      " good way ",       " how can i ",
    " how do i ",     " how could i ", " how might i ",   " help me ",        " what are some ",
    " looking for ",  " where can i ", " where could i ", " where do i ",     " which ",
    " planning ",     " plan ",        " choose ",        " pick ",           " what can i ",
    " what could i ", " what do i ",   " whats a good ",  " what is a good ", " good ",
    " best ",         " would you ",   " id like ",       " i want to ",      " would suit ",
    " could we ",     " should ",      " propose",        " what kind ",      " what sort ",
    " could i ",      " can i ",       " might i "};

/// `words` as to_words() makes them.
bool has_any(std::string_view words, std::span<const std::string_view> signs) {
  return std::ranges::any_of(
      signs, [&](std::string_view sign) { return words.find(sign) != std::string_view::npos; });
}

}  // namespace

Preference preference_in(std::string_view sentence) {
  if (!is_statement(sentence)) return Preference::none;
  const std::string words = to_words(sentence);
  if (has_any(words, kFirm)) return Preference::firm;
  return has_any(words, kPassing) ? Preference::passing : Preference::none;
}

bool asks_advice(std::string_view question) { return has_any(to_words(question), kAdvice); }

}  // namespace plmm::personal
