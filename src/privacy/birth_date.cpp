// Dates shortly behind a word for birth.
#include <array>

#include "privacy/detect_parts.h"

namespace plmm::privacy {
namespace {

constexpr std::size_t kReachBytes = 40;  // "born on a cold morning in Graz, 12 May 1990"
constexpr std::array<std::string_view, 9> kBirthWords{"born",       "birth", "birthday",
                                                      "birthdate",  "dob",   "geboren",
                                                      "geburtstag", "geb",   "geburtsdatum"};
constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                   "jul", "aug", "sep", "oct", "nov", "dec"};

bool is_number(std::string_view text, std::size_t begin, std::size_t end, std::size_t n_min,
               std::size_t n_max) {
  return end - begin >= n_min && end - begin <= n_max && !is_digit(at_or_end(text, end));
}

// The end of 12/5/1990, 12.05.90 or 1990-05-12 at `at`, or 0.
std::size_t numeric_date_end(std::string_view text, std::size_t at) {
  constexpr std::string_view kSeparators = "-/.";
  const std::size_t first = digits_end(text, at);
  const char separator = at_or_end(text, first);
  if (!is_number(text, at, first, 1, 4) || kSeparators.find(separator) == std::string_view::npos) {
    return 0;
  }
  const std::size_t second = digits_end(text, first + 1);
  if (!is_number(text, first + 1, second, 1, 2) || at_or_end(text, second) != separator) return 0;
  const std::size_t third = digits_end(text, second + 1);
  const bool year_first = first - at == 4;
  return is_number(text, second + 1, third, year_first ? 1 : 2, year_first ? 2 : 4) ? third : 0;
}

// Behind a day: "th", "." and then spaces.
std::size_t skip_day_mark(std::string_view text, std::size_t at) {
  for (const std::string_view mark : {"st", "nd", "rd", "th", "."}) {
    if (text.substr(at, mark.size()) == mark) {
      at += mark.size();
      break;
    }
  }
  while (at_or_end(text, at) == ' ' || at_or_end(text, at) == ',') ++at;
  return text.substr(at, 3) == "of " ? at + 3 : at;
}

// The end of a month's name (whole or cut to three letters or more) and the spaces behind, or 0.
std::size_t month_end(std::string_view text, std::size_t at) {
  const std::array<char, 3> head{lower(at_or_end(text, at)), lower(at_or_end(text, at + 1)),
                                 lower(at_or_end(text, at + 2))};
  bool known = false;
  for (const std::string_view month : kMonths) {
    known = known || month == std::string_view(head.data(), head.size());
  }
  if (!known) return 0;
  const std::size_t begin = at;
  while (is_letter(at_or_end(text, at))) ++at;
  if (at - begin > 9) return 0;  // September
  while (at_or_end(text, at) == ' ' || at_or_end(text, at) == '.' || at_or_end(text, at) == ',')
    ++at;
  return at;
}

// The end of "12 May 1990", "12th of May, 1990" or "May 12, 1990" at `at`, or 0.
std::size_t written_date_end(std::string_view text, std::size_t at) {
  const bool day_first = is_digit(text[at]);
  if (!day_first && (at = month_end(text, at)) == 0) return 0;
  const std::size_t day = digits_end(text, at);
  if (!is_number(text, at, day, 1, 2)) return 0;
  at = skip_day_mark(text, day);
  if (day_first && (at = month_end(text, at)) == 0) return 0;
  const std::size_t year = digits_end(text, at);
  return is_number(text, at, year, 4, 4) ? year : 0;
}

}  // namespace

void find_birth_dates(std::string_view text, Found& found) {
  std::size_t reach = 0;  // a date may begin before this
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!is_alphanumeric(text[at]) || !begins_word(text, at)) continue;
    std::size_t end = 0;
    if (at < reach) {
      end = is_digit(text[at]) ? numeric_date_end(text, at) : 0;
      if (end == 0) end = written_date_end(text, at);
    }
    if (end != 0) {
      found.add({at, end, Kind::date});
      at = end - 1;
      continue;
    }
    std::size_t word_end = at;
    while (is_letter(at_or_end(text, word_end))) ++word_end;
    if (has_word(text.substr(at, word_end - at), kBirthWords)) reach = word_end + kReachBytes;
    if (word_end > at) at = word_end - 1;
  }
}

}  // namespace plmm::privacy
