// Spellings are made of the value's words; numbers of its digits.
#include "privacy/spelling.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "privacy/letters.h"
#include "privacy/scan.h"

namespace plmm::privacy {
namespace {

using Word = std::u32string;
using Words = std::vector<Word>;

constexpr std::size_t kNamePartMin = 3;        // letters of a name that counts alone
constexpr std::size_t kNumberDigitsMin = 5;    // from here on digits may be grouped at will
constexpr std::size_t kNationalDigitsMin = 7;  // of a phone number without its country code
constexpr std::size_t kValueDigitsMin = 3;

// Parts of names that tell nothing alone.
constexpr std::u32string_view kParticles[] = {
    U"van",  U"von", U"der",  U"den", U"del", U"des", U"dos", U"das", U"the", U"and",  U"und",
    U"prof", U"mrs", U"miss", U"sir", U"bin", U"ibn", U"san", U"jun", U"sen", U"herr", U"frau"};
// Names that are everyday words too.
constexpr std::u32string_view kEverydayWords[] = {
    U"art",    U"august", U"baker",  U"bell",  U"bill",   U"bird",  U"black",  U"book",  U"brown",
    U"bush",   U"case",   U"cash",   U"cook",  U"cross",  U"dawn",  U"day",    U"dean",  U"drew",
    U"faith",  U"field",  U"fisher", U"fox",   U"frank",  U"gene",  U"grace",  U"grant", U"gray",
    U"green",  U"grey",   U"guy",    U"hall",  U"hill",   U"hope",  U"hunter", U"jack",  U"joy",
    U"king",   U"lane",   U"law",    U"lily",  U"little", U"long",  U"love",   U"major", U"mark",
    U"marsh",  U"mason",  U"may",    U"miles", U"north",  U"page",  U"park",   U"pat",   U"price",
    U"read",   U"rich",   U"rob",    U"rose",  U"sharp",  U"short", U"small",  U"snow",  U"stone",
    U"strong", U"sue",    U"summer", U"swift", U"violet", U"ward",  U"west",   U"white", U"will",
    U"wise",   U"wolf",   U"wood",   U"woods", U"young"};
constexpr std::u32string_view kLegalForms[] = {
    U"ag",  U"gmbh", U"inc",     U"ltd",     U"llc", U"llp", U"corp", U"se",
    U"co",  U"kg",   U"plc",     U"sa",      U"bv",  U"nv",  U"oy",   U"ab",
    U"srl", U"spa",  U"limited", U"company", U"ug",  U"ohg", U"ev"};

bool is_in(std::u32string_view word, std::span<const std::u32string_view> list) {
  return std::ranges::find(list, word) != list.end();
}

bool is_number(char32_t c) { return c >= '0' && c <= '9'; }

Words words_of(std::string_view value) {
  Words words;
  for (const Letter& letter : read_letters(value, Escapes::keep, {})) {
    if (letter.gap != Gap::none) words.emplace_back();
    words.back() += letter.folded;
  }
  return words;
}

std::u32string join(const Words& words) {
  std::u32string out;
  for (const Word& word : words) {
    if (!out.empty()) out += U' ';
    out += word;
  }
  return out;
}

/// Letters and digits that may be grouped anywhere.
std::u32string spaced(std::u32string_view digits) {
  std::u32string out;
  for (const char32_t c : digits) {
    if (!out.empty()) out += U' ';
    out += c;
  }
  return out;
}

// The value with each of `from` replaced, if one occurs.
struct Replacing {
  std::string_view from, to;
};
std::string replaced(std::string_view value, std::span<const Replacing> all) {
  std::string out;
  for (std::size_t at = 0; at < value.size();) {
    const auto match = std::ranges::find_if(
        all, [&](const Replacing& one) { return value.substr(at, one.from.size()) == one.from; });
    if (match == all.end()) {
      out += value[at++];
    } else {
      out += match->to;
      at += match->from.size();
    }
  }
  return out;
}

// "Müller" is written Mueller too, and the other way round. (Folding makes Muller of Müller.)
std::vector<std::string> transliterations(std::string_view value) {
  static constexpr Replacing kExpand[] = {{"ä", "ae"}, {"ö", "oe"}, {"ü", "ue"}, {"å", "aa"},
                                          {"ø", "oe"}, {"Ä", "Ae"}, {"Ö", "Oe"}, {"Ü", "Ue"},
                                          {"Å", "Aa"}, {"Ø", "Oe"}};
  static constexpr Replacing kContract[] = {{"ae", "a"}, {"oe", "o"}, {"ue", "u"}, {"aa", "a"},
                                            {"Ae", "A"}, {"Oe", "O"}, {"Ue", "U"}, {"Aa", "A"}};
  std::vector<std::string> out{std::string(value)};
  for (const std::span<const Replacing> all :
       {std::span<const Replacing>(kExpand), std::span<const Replacing>(kContract)}) {
    if (auto other = replaced(value, all); other != value) out.push_back(std::move(other));
  }
  return out;
}

/// Collects the spellings of one value.
class Collector {
 public:
  explicit Collector(Kind kind) : kind_(kind) {}

  void add(Spelling spelling) {
    if (!spelling.letters.empty()) spellings_.push_back(std::move(spelling));
  }
  void add_words(const Words& words, bool part) {
    Spelling spelling{.letters = join(words), .case_rule = case_rule(words), .part = part};
    const bool has_genitive = kind_ == Kind::name || kind_ == Kind::employer || kind_ == Kind::city;
    spelling.genitive = has_genitive && spelling.case_rule != Case::exact;
    add(std::move(spelling));
  }
  void add_name(const Words& words);
  void add_employer(Words words);
  void add_phone(std::string_view value);
  void add_date(std::string_view value);
  void add_email(std::string_view value);

  std::vector<Spelling> take() { return std::move(spellings_); }

 private:
  static Case case_rule(const Words& words) {
    std::size_t n_letters = 0;
    for (const Word& word : words) n_letters += word.size();
    const bool latin = !words.empty() && words[0][0] < 0x250;
    if (n_letters <= 2 && latin) return Case::exact;
    const bool everyday =
        std::ranges::all_of(words, [](const Word& word) { return is_in(word, kEverydayWords); });
    return everyday ? Case::capital : Case::any;
  }

  Kind kind_;
  std::vector<Spelling> spellings_;
};

void Collector::add_name(const Words& words) {
  const std::size_t n = words.size();
  if (n < 2) return;
  for (const Word& word : words) {
    if (word.size() >= kNamePartMin && !is_in(word, kParticles)) add_words({word}, true);
  }
  const Word& first = words.front();
  const Word& last = words.back();
  add_words({first, last}, true);
  Words turned{last};
  turned.insert(turned.end(), words.begin(), words.end() - 1);
  add_words(turned, true);  // "Vogt, Anna Maria"
  add_words({last, first}, true);
  Words initials;  // "A. M. Vogt"
  for (const Word& word : words) initials.push_back(word.substr(0, 1));
  const Word last_initial = std::exchange(initials.back(), last);
  if (last.size() >= 2) {
    add_words(initials, true);
    add_words({first.substr(0, 1), last}, true);
    add_words({last, first.substr(0, 1)}, true);
  }
  if (first.size() >= 2) add_words({first, last_initial}, true);  // "Anna V."
}

void Collector::add_employer(Words words) {
  const std::size_t n = words.size();
  while (words.size() > 1) {
    // "GmbH" is two words: a capital begins one.
    const bool two = words.size() > 2 && is_in(words[words.size() - 2] + words.back(), kLegalForms);
    if (!two && !is_in(words.back(), kLegalForms)) break;
    words.resize(words.size() - (two ? 2 : 1));
  }
  if (words.size() < n) add_words(words, false);
}

void Collector::add_phone(std::string_view value) {
  std::u32string digits;
  for (const char32_t c : join(words_of(value))) {
    if (is_number(c)) digits += c;
  }
  const auto add_number = [&](std::u32string_view number) {
    if (number.size() < kNationalDigitsMin) return;
    add({.letters = spaced(number), .part = number.size() < digits.size()});
  };
  const auto add_national = [&](std::u32string_view number) {
    if (number.size() < kNationalDigitsMin) return;
    add({.letters = spaced(number), .part = true, .behind_country_code = true});
    add_number(U"0" + std::u32string(number));
  };
  add_number(digits);
  const bool plus = value.find('+') != std::string_view::npos;
  if (!plus && !digits.starts_with(U"00")) {
    if (digits.starts_with(U"0")) add_national(std::u32string_view(digits).substr(1));
    return;
  }
  if (!plus) digits.erase(0, 2);
  add_number(digits);
  add_number(U"00" + digits);
  // Country codes have one to three digits; which, only a table would tell.
  for (const std::size_t code : {1U, 2U, 3U}) {
    if (digits.size() > code) add_national(std::u32string_view(digits).substr(code));
  }
}

// 1990-05-12 in the usual orders; nothing for other values.
void Collector::add_date(std::string_view value) {
  static constexpr std::array<std::u32string_view, 12> kMonths{
      U"january", U"february", U"march",     U"april",   U"may",      U"june",
      U"july",    U"august",   U"september", U"october", U"november", U"december"};
  const Words parts = words_of(value);
  const auto numbers = [](const Word& word) { return std::ranges::all_of(word, is_number); };
  if (parts.size() != 3 || !std::ranges::all_of(parts, numbers) || parts[0].size() != 4 ||
      parts[1].size() != 2 || parts[2].size() != 2) {
    return;
  }
  const auto month = static_cast<std::size_t>(10 * (parts[1][0] - '0') + (parts[1][1] - '0'));
  if (month < 1 || month > 12) return;
  const auto without_zero = [](const Word& word) { return word[0] == '0' ? word.substr(1) : word; };
  const Word &year = parts[0], &padded_month = parts[1], &padded_day = parts[2];
  const Word short_year = year.substr(2);
  add_words({year, without_zero(padded_month), without_zero(padded_day)}, false);
  add_words({year + padded_month + padded_day}, false);
  for (const Word& day : {padded_day, without_zero(padded_day)}) {
    for (const Word& number : {padded_month, without_zero(padded_month)}) {
      for (const Word& y : {year, short_year}) {
        add_words({day, number, y}, false);
        add_words({number, day, y}, false);
      }
    }
    const Word name(kMonths[month - 1]);
    for (const Word& written : {name, name.substr(0, 3)}) {
      for (const Word& y : {year, short_year}) {
        add_words({day, written, y}, false);
        add_words({written, day, y}, false);
        for (const char32_t* ordinal : {U"st", U"nd", U"rd", U"th"}) {
          add_words({day, ordinal, written, y}, false);
          add_words({day, ordinal, U"of", written, y}, false);
          add_words({written, day, ordinal, y}, false);
        }
      }
    }
  }
}

// "lena (at) example.org", "lena at example dot org".
void Collector::add_email(std::string_view value) {
  static constexpr Replacing kAt[] = {{"@", " at "}};
  static constexpr Replacing kAtAndDot[] = {{"@", " at "}, {".", " dot "}};
  add_words(words_of(replaced(value, kAt)), false);
  add_words(words_of(replaced(value, kAtAndDot)), false);
}

bool may_be_grouped(Kind kind, const std::u32string& letters) {
  const auto n_digits = static_cast<std::size_t>(std::ranges::count_if(letters, is_number));
  const bool code = kind == Kind::card || kind == Kind::iban || kind == Kind::number;
  return n_digits >= kNumberDigitsMin && (code || 2 * n_digits > letters.size()) &&
         kind != Kind::date && kind != Kind::ip && kind != Kind::address;
}

}  // namespace

std::vector<Spelling> spellings(const Known& known) {
  Collector out(known.kind);
  std::u32string compact;
  for (const Word& word : words_of(known.text)) compact += word;
  const bool digits_only = std::ranges::all_of(compact, is_number);
  const bool latin = !compact.empty() && compact[0] < 0x250;
  if (compact.empty() || (latin && compact.size() < (digits_only ? kValueDigitsMin : 2))) return {};

  if (may_be_grouped(known.kind, compact)) out.add({.letters = spaced(compact)});
  for (const std::string& value : transliterations(known.text)) {
    const Words words = words_of(value);
    out.add_words(words, false);
    if (known.kind == Kind::name) out.add_name(words);
    if (known.kind == Kind::employer) out.add_employer(words);
  }
  if (known.kind == Kind::phone) out.add_phone(known.text);
  if (known.kind == Kind::date) out.add_date(known.text);
  if (known.kind == Kind::email) out.add_email(known.text);
  return out.take();
}

}  // namespace plmm::privacy
