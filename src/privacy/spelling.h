// The usual ways in which a known value is written.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "privacy/known.h"

namespace plmm::privacy {

/// When a spelling counts although the folded letters agree.
enum class Case : std::uint8_t {
  any,
  capital,  // also everyday words ("will", "rose"): begins with a capital, or the text
            // has none
  exact,    // too short to be told from other words: "IT", but not "it"
};

struct Spelling {
  /// Folded letters and digits; a space where separators may stand.
  std::u32string letters;
  Case case_rule = Case::any;
  /// Less than the whole value ("Vogt" of "Lena Vogt"): another value with this spelling as a whole
  /// comes first.
  bool part = false;
  /// An s may follow: "Lenas".
  bool genitive = false;
  /// Digits that may also follow a country code directly: +49170….
  bool behind_country_code = false;
};

/// Names: each name of three letters or more alone, initials, another order, genitives. Employers:
/// without the legal form. Phones: with and without the country's code. Dates (1990-05-12): the
/// usual orders. E-mail: "at" and "dot". Numbers: any grouping. All: umlauts as two letters.
/// Nothing for values of one letter or of one or two digits.
std::vector<Spelling> spellings(const Known& known);

}  // namespace plmm::privacy
