// Addresses and IBANs; the other detectors are in digits.cpp and birth_date.cpp.
#include "privacy/detect.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "privacy/detect_parts.h"
#include "text/unicode.h"

namespace plmm::privacy {
namespace {

// From here on come scripts without spaces, where an address touches the words around it.
constexpr char32_t kFirstUnspaced = 0x2E80;

bool is_address_letter(char32_t c) {
  const text::CharClass kind = text::char_class(c);
  return c < kFirstUnspaced && (kind == text::CharClass::letter || kind == text::CharClass::number);
}

// Where the character that ends at `end` begins.
std::size_t step_back(std::string_view text, std::size_t end) {
  std::size_t begin = end - 1;
  while (begin > 0 && end - begin < 4 && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) {
    --begin;
  }
  return begin;
}

std::size_t local_part_begin(std::string_view text, std::size_t floor, std::size_t at) {
  constexpr std::string_view kMarks = "._%+-";
  std::size_t begin = at;
  while (begin > floor) {
    const std::size_t previous = step_back(text, begin);
    const auto character = text::decode_lenient(text, previous);
    const bool fits = is_address_letter(character.character) ||
                      kMarks.find(text[previous]) != std::string_view::npos;
    if (previous < floor || previous + character.n_bytes != begin || !fits) break;
    begin = previous;
  }
  while (begin < at && kMarks.find(text[begin]) != std::string_view::npos) ++begin;
  return begin;
}

std::size_t label_end(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    const auto character = text::decode_lenient(text, at);
    if (text[at] != '-' && !is_address_letter(character.character)) break;
    at += character.n_bytes;
  }
  return at;
}

// The end of a top-level domain that begins at `at`, or 0: two letters or more, or xn--….
std::size_t top_level_end(std::string_view text, std::size_t at, std::size_t end) {
  if (text.substr(at, 4) == "xn--") return end;
  const std::size_t begin = at;
  while (at < end && !is_digit(text[at]) && text[at] != '-') ++at;
  return at - begin >= 2 && (at == end || text[at] == '-') ? at : 0;
}

// The end of the domain name that begins at `at`, or 0.
std::size_t domain_end(std::string_view text, std::size_t at) {
  std::size_t end = 0;
  for (int n_labels = 1;; ++n_labels) {
    const std::size_t stop = label_end(text, at);
    if (stop == at) return end;
    if (n_labels > 1) {
      if (const std::size_t top = top_level_end(text, at, stop); top != 0) end = top;
    }
    if (at_or_end(text, stop) != '.') return end;
    at = stop + 1;
  }
}

void find_emails(std::string_view text, Found& found) {
  std::size_t floor = 0;  // no address begins before the last '@'
  for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    const std::size_t begin = local_part_begin(text, floor, at);
    const std::size_t end = domain_end(text, at + 1);
    if (begin < at && end != 0) found.add({begin, end, Kind::email});
    floor = at + 1;
  }
}

// The user and password of scheme://user:password@host.
void find_url_users(std::string_view text, Found& found) {
  constexpr std::string_view kEnds = "/?# \t\r\n\"'<>";
  std::size_t at = text.find("://");
  while (at != std::string_view::npos) {
    const std::size_t begin = at + 3;
    const std::size_t end = std::min(text.find_first_of(kEnds, begin), text.size());
    const std::string_view authority = text.substr(begin, end - begin);
    const std::size_t user_end = authority.rfind('@');
    if (user_end != std::string_view::npos && user_end > 0) {
      found.add({begin, begin + user_end, Kind::url});
    }
    at = text.find("://", end);
  }
}

// The end of a dotted IPv4 address at `at`, or 0.
std::size_t ipv4_end(std::string_view text, std::size_t at) {
  int largest = 0;
  int first = 0;
  for (int i = 0; i < 4; ++i) {
    const std::size_t end = digits_end(text, at);
    if (end == at || end - at > 3 || (end - at > 1 && text[at] == '0')) return 0;
    int octet = 0;
    for (; at < end; ++at) octet = 10 * octet + (text[at] - '0');
    if (octet > 255) return 0;
    if (i == 0) first = octet;
    largest = std::max(largest, octet);
    if (i < 3 && at_or_end(text, at++) != '.') return 0;
  }
  const char next = at_or_end(text, at);
  const bool goes_on = is_alphanumeric(next) || (next == '.' && is_digit(at_or_end(text, at + 1)));
  // Four one-digit numbers are a chapter or a version; 0.… and 127.… name no device of anyone's.
  return goes_on || largest < 10 || first == 0 || first == 127 ? 0 : at;
}

bool is_hex(char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); }

// The end of an IPv6 address at `at`, or 0: eight groups of hex digits, or fewer around one "::".
std::size_t ipv6_end(std::string_view text, std::size_t at) {
  int n_groups = 0, n_gaps = 0, n_digits = 0;
  for (;;) {
    std::size_t end = at;
    while (end - at < 5 && is_hex(at_or_end(text, end))) {
      n_digits += is_digit(text[end]) ? 1 : 0;
      ++end;
    }
    if (end - at > 4) return 0;
    n_groups += end > at ? 1 : 0;
    at = end;
    if (at_or_end(text, at) != ':' || n_groups > 8 || n_gaps > 1) break;
    if (at_or_end(text, at + 1) == ':') {
      ++n_gaps;
      at += 2;
    } else if (is_hex(at_or_end(text, at + 1))) {
      ++at;
    } else {
      break;  // the colon of a sentence
    }
  }
  const char next = at_or_end(text, at);
  const bool whole = n_gaps == 0 ? n_groups == 8 : n_gaps == 1 && n_groups >= 2 && n_groups < 8;
  // A digit somewhere tells an address from names such as a::b in a program.
  return whole && n_digits > 0 && !is_alphanumeric(next) && next != '_' ? at : 0;
}

void find_ips(std::string_view text, Found& found) {
  constexpr std::string_view kVersions[] = {"version", "release", "ver"};
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!is_hex(text[at]) && text[at] != ':') continue;
    const char previous = at == 0 ? ' ' : text[at - 1];
    if (is_alphanumeric(previous) || previous == '.' || previous == ':' || previous == '_')
      continue;
    std::size_t end = is_digit(text[at]) ? ipv4_end(text, at) : 0;
    if (end != 0 && has_word(before(text, at, 10), kVersions)) end = 0;
    if (end == 0) end = ipv6_end(text, at);
    if (end == 0) continue;
    found.add({at, end, Kind::ip});
    at = end - 1;
  }
}

// Country and length of each IBAN (SWIFT registry, release 99).
constexpr std::string_view kIbanLengths =
    "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24"
    "FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32"
    "LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24"
    "RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";

std::size_t iban_length(char first, char second) {
  for (std::size_t at = 0; at < kIbanLengths.size(); at += 4) {
    if (lower(kIbanLengths[at]) == lower(first) && lower(kIbanLengths[at + 1]) == lower(second)) {
      return static_cast<std::size_t>(10 * (kIbanLengths[at + 2] - '0') +
                                      (kIbanLengths[at + 3] - '0'));
    }
  }
  return 0;
}

// ISO 7064: the first four characters go to the end, letters count 10 to 35, the rest is 1.
bool iban_checks(std::string_view iban) {
  std::uint32_t rest = 0;
  for (std::size_t i = 0; i < iban.size(); ++i) {
    const char c = lower(iban[(i + 4) % iban.size()]);
    rest = is_digit(c) ? (10 * rest + static_cast<std::uint32_t>(c - '0')) % 97
                       : (100 * rest + static_cast<std::uint32_t>(c - 'a' + 10)) % 97;
  }
  return rest == 1;
}

// The end of an IBAN at `at`, with single spaces or hyphens anywhere inside, or 0.
std::size_t iban_end(std::string_view text, std::size_t at) {
  const std::size_t length = iban_length(text[at], at_or_end(text, at + 1));
  if (length == 0) return 0;
  std::string iban;
  while (iban.size() < length && at < text.size()) {
    const bool separator = text[at] == ' ' || text[at] == '-';
    if (separator && iban.size() > 3 && is_alphanumeric(at_or_end(text, at + 1))) ++at;
    if (!is_alphanumeric(text[at])) return 0;
    iban += text[at++];
  }
  const bool digits = iban.size() == length && is_digit(iban[2]) && is_digit(iban[3]);
  return digits && !is_alphanumeric(at_or_end(text, at)) && iban_checks(iban) ? at : 0;
}

void find_ibans(std::string_view text, Found& found) {
  for (std::size_t at = 0; at + 4 < text.size(); ++at) {
    if (!is_letter(text[at]) || !begins_word(text, at)) continue;
    if (const std::size_t end = iban_end(text, at); end != 0) found.add({at, end, Kind::iban});
  }
}

}  // namespace

std::vector<Span> detect(std::string_view text) {
  Found found(text.size());
  find_url_users(text, found);
  find_emails(text, found);
  find_ibans(text, found);
  find_ips(text, found);
  find_birth_dates(text, found);
  find_digits(text, found);
  return found.take();
}

}  // namespace plmm::privacy
