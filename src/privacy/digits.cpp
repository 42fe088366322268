// Cards and phone numbers: groups of digits, told apart by checksum, form and the words around.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "privacy/detect_parts.h"

namespace plmm::privacy {
namespace {

constexpr std::size_t kCardDigitsMin = 12;
constexpr std::size_t kCardDigitsMax = 19;
constexpr std::size_t kPhoneDigitsMin = 7;
constexpr std::size_t kPhoneDigitsMax = 15;  // ITU-T E.164
constexpr std::size_t kGroupsMax = 24;       // one number has fewer; a table of numbers is cut here
constexpr std::size_t kContextBytes = 32;

constexpr std::string_view kCardWords[] = {"card",    "visa",   "mastercard", "amex",
                                           "maestro", "credit", "debit",      "kreditkarte",
                                           "karte",   "carte",  "tarjeta",    "cards"};
constexpr std::string_view kPhoneWords[] = {
    "phone", "telephone", "tel",    "telefon",    "mobile",    "mob",     "mobil",
    "cell",  "fax",       "call",   "calling",    "ring",      "dial",    "sms",
    "text",  "whatsapp",  "signal", "handy",      "cellphone", "hotline", "landline",
    "reach", "rufnummer", "phones", "smartphone", "number",    "nummer"};
// "number" behind one of these is not a phone's.
constexpr std::string_view kOtherNumbers[] = {
    "card",    "account", "order",    "serial",    "model",  "part",     "ticket", "invoice",
    "isbn",    "issn",    "tracking", "reference", "flight", "customer", "patent", "tax",
    "version", "id",      "passport", "case",      "policy", "file",     "member"};
constexpr std::string_view kPhonePlaces[] = {"desk",   "office", "home", "work",
                                             "mobile", "cell",   "fax"};

struct Group {
  std::size_t begin;
  std::size_t end;
  std::size_t size() const { return end - begin; }
};

/// Groups of digits with what may stand between the groups of one number.
struct Run {
  std::size_t begin = 0;  // of the sign or parenthesis in front, if there is one
  std::vector<Group> groups;
  std::string digits;

  std::size_t end() const { return groups.back().end; }
};

// How many bytes separate the digits that end at `at` from the next ones of the same number; 0 when
// the number ends here.
std::size_t separator_size(std::string_view text, std::size_t at) {
  constexpr std::string_view kSeparators[] = {
      " ",  "-", ".",   "/",   ")",        " (",  ") ",           ")-",          "-(",
      ".(", "(", " / ", " - ", "\xC2\xA0", ") (", "\xE2\x80\x91", "\xE2\x80\x93"};
  for (const std::string_view separator : kSeparators) {
    if (text.substr(at, separator.size()) == separator &&
        is_digit(at_or_end(text, at + separator.size()))) {
      return separator.size();
    }
  }
  return 0;
}

Run read_run(std::string_view text, std::size_t at) {
  Run run{.begin = at, .groups = {}, .digits = {}};
  if (text[at] == '+') ++at;
  if (at_or_end(text, at) == '(') ++at;
  while (run.groups.size() < kGroupsMax) {
    const std::size_t end = digits_end(text, at);
    run.groups.push_back({at, end});
    run.digits += text.substr(at, end - at);
    const std::size_t gap = separator_size(text, end);
    if (gap == 0) break;
    at = end + gap;
  }
  return run;
}

bool luhn_checks(std::string_view digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    int value = digits[digits.size() - 1 - i] - '0';
    if (i % 2 == 1) value = value > 4 ? 2 * value - 9 : 2 * value;
    sum += value;
  }
  return sum % 10 == 0;
}

struct IssuerRange {
  int first, last;  // of the first four digits
  std::size_t n_digits_min, n_digits_max;
};
// ISO/IEC 7812 ranges of the large issuers, with the lengths that they use.
constexpr IssuerRange kIssuers[] = {
    {4000, 4999, 16, 19}, {5100, 5599, 16, 16}, {2221, 2720, 16, 16}, {3400, 3499, 15, 15},
    {3700, 3799, 15, 15}, {3000, 3059, 14, 19}, {3600, 3699, 14, 19}, {3800, 3999, 14, 19},
    {6011, 6011, 16, 19}, {6400, 6599, 16, 19}, {6200, 6299, 16, 19}, {3528, 3589, 16, 19},
    {1800, 1800, 15, 15}, {2131, 2131, 15, 15}};

bool is_of_an_issuer(std::string_view digits) {
  int head = 0;
  for (const char c : digits.substr(0, 4)) head = 10 * head + (c - '0');
  return std::ranges::any_of(kIssuers, [&](const IssuerRange& range) {
    return head >= range.first && head <= range.last && digits.size() >= range.n_digits_min &&
           digits.size() <= range.n_digits_max;
  });
}

// Cards have groups of four or more but the last, with a space or a hyphen between.
bool is_card(std::string_view digits, std::span<const Group> groups, bool context) {
  if (digits.size() < kCardDigitsMin || digits.size() > kCardDigitsMax) return false;
  for (std::size_t i = 1; i < groups.size(); ++i) {
    if (groups[i].begin - groups[i - 1].end != 1 || groups[i - 1].size() < 4) return false;
  }
  const bool one_digit = digits.find_first_not_of(digits[0]) == std::string_view::npos;
  return !one_digit && luhn_checks(digits) && (context || is_of_an_issuer(digits));
}

// A card may be followed by its date: with the word "card" nearby, any whole groups can be one.
bool add_card(std::string_view text, const Run& run, Found& found) {
  const bool context = has_word(before(text, run.begin, kContextBytes), kCardWords);
  const std::span<const Group> groups(run.groups);
  std::size_t offset = 0;  // of the first group in the digits
  for (std::size_t first = 0; first < (context ? groups.size() : 1); ++first) {
    std::size_t n_digits = 0;
    for (std::size_t last = first; last < groups.size() && n_digits <= kCardDigitsMax; ++last) {
      n_digits += groups[last].size();
      if (!context && last + 1 < groups.size()) continue;
      if (is_card(std::string_view(run.digits).substr(offset, n_digits),
                  groups.subspan(first, last - first + 1), context)) {
        found.add({groups[first].begin, groups[last].end, Kind::card});
        return true;
      }
    }
    offset += groups[first].size();
  }
  return false;
}

bool sizes_begin(const Run& run, std::initializer_list<std::size_t> sizes) {
  return run.groups.size() >= sizes.size() &&
         std::equal(sizes.begin(), sizes.end(), run.groups.begin(),
                    [](std::size_t size, const Group& group) { return group.size() == size; });
}

// 2017-01-17 …, 17.01.2017 …, 1/17/2017, 2006-2007.
bool is_date(const Run& run) {
  const auto& groups = run.groups;
  std::vector<bool> is_year;
  std::size_t offset = 0;
  for (const Group& group : groups) {
    const std::string_view head = std::string_view(run.digits).substr(offset, 2);
    is_year.push_back(group.size() == 4 && (head == "18" || head == "19" || head == "20"));
    offset += group.size();
  }
  if (std::ranges::find(is_year, false) == is_year.end()) return true;
  if (groups.size() < 3 || groups[1].size() > 2) return false;
  return (is_year[0] && groups[2].size() <= 2) || (is_year[2] && groups[0].size() <= 2);
}

// A phone number by its form alone.
bool has_phone_form(std::string_view text, const Run& run) {
  const std::size_t n = run.digits.size();
  const std::size_t n_groups = run.groups.size();
  const std::size_t first = run.groups[0].size();
  const bool decimal = n_groups == 2 && text[run.groups[0].end] == '.';
  if (text[run.begin] == '+') return n >= 8;
  if (decimal) return false;
  if (text[run.begin] == '(' && at_or_end(text, run.groups[0].end) == ')') {
    const std::string_view rest = text.substr(run.begin + 1, run.end() - run.begin);
    if (rest.find('(') != rest.npos) return false;  // (77) (344): negative amounts in a table
    return first >= 2 && first <= 5 && n - first >= 6 && (first <= 3 || run.digits[0] == '0');
  }
  if (sizes_begin(run, {3, 3, 4}) && n_groups == 3) return true;
  if (sizes_begin(run, {1, 3, 3, 4}) && n_groups == 4) return run.digits[0] == '1';
  if (run.digits.starts_with("00") && first >= 2) return n >= 11 && run.digits[2] != '0';
  if (run.digits[0] != '0' || first < 2) return false;
  const bool short_group = std::ranges::any_of(run.groups, [](Group g) { return g.size() < 2; });
  // Two short groups may be a postcode and a house: 03262 2437.
  const std::size_t n_min = n_groups > 2 || (n_groups == 2 && run.groups[1].size() > 5) ? 9 : 10;
  return n >= n_min && n <= 12 && run.digits[1] != '0' && !short_group;
}

bool has_phone_context(std::string_view text, const Run& run) {
  const std::string_view words = before(text, run.begin, kContextBytes);
  if (has_word(words, kOtherNumbers)) return false;
  if (has_word(words, kPhoneWords)) return true;
  const std::string_view label = before(text, run.begin, 10);  // "Desk: "
  if (label.find(':') != label.npos && has_word(label, kPhonePlaces)) return true;
  const std::string_view behind = text.substr(run.end(), 10);  // "-Office", " (home)"
  return !behind.starts_with('\n') && has_word(behind, kPhonePlaces);
}

// Behind "x", "ext" or "ext." the digits of an extension.
std::size_t extension_end(std::string_view text, std::size_t at) {
  std::size_t next = at;
  if (at_or_end(text, next) == ' ') ++next;
  for (const std::string_view mark : {"ext.", "ext", "x"}) {
    if (text.substr(next, mark.size()) != mark) continue;
    next += mark.size();
    if (at_or_end(text, next) == ' ') ++next;
    const std::size_t end = digits_end(text, next);
    return end > next && end - next <= 6 ? end : at;
  }
  return at;
}

void add_phone(std::string_view text, const Run& run, Found& found) {
  const std::size_t n = run.digits.size();
  if (n < kPhoneDigitsMin || n > kPhoneDigitsMax || is_date(run)) return;
  const std::size_t end = extension_end(text, run.end());
  if (is_alphanumeric(at_or_end(text, end))) return;
  if (has_phone_form(text, run) || has_phone_context(text, run)) {
    found.add({run.begin, end, Kind::phone});
  }
}

// Whether a number may begin at `at`: not within a word, a decimal or another number.
bool begins_run(std::string_view text, std::size_t at) {
  const bool sign = text[at] == '+' || text[at] == '(';
  const std::size_t digit = at + (sign ? 1 : 0) + (text.substr(at, 2) == "+(" ? 1 : 0);
  if (!is_digit(at_or_end(text, digit)) || !begins_word(text, at)) return false;
  const char previous = at == 0 ? ' ' : text[at - 1];
  const bool fraction = (previous == '.' || previous == ',') && at > 1 && is_digit(text[at - 2]);
  return !fraction && previous != '$' && previous != '_';
}

}  // namespace

void find_digits(std::string_view text, Found& found) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (!begins_run(text, at)) {
      // The rest of digits that cannot begin a number cannot either.
      at = is_digit(text[at]) ? digits_end(text, at) : at + 1;
      continue;
    }
    const Run run = read_run(text, at);
    if (!add_card(text, run, found)) add_phone(text, run, found);
    at = run.end();
  }
}

}  // namespace plmm::privacy
