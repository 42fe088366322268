// The usual words in front of a name, and the signs that a line is something else.
#include "personal/introduction.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "personal/profile.h"

namespace plmm::personal {
namespace {

constexpr std::size_t kWordsMax = 4;

// In lower case; the longer of two that begin alike stands first.
constexpr std::array<std::string_view, 14> kLeads{
    "hello, ",    "hello ",     "hi, ",          "hi ",      "my name is ",
    "my name's ", "i am ",      "i'm ",          "this is ", "you can call me ",
    "call me ",   "ich heiße ", "je m'appelle ", "me llamo "};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool begins_with(std::string_view text, std::string_view lead) {
  return text.size() >= lead.size() &&
         std::ranges::equal(text.substr(0, lead.size()), lead, {}, lower);
}

/// "Hello, I'm Ada" has two of them.
std::string_view without_leads(std::string_view text) {
  for (const auto lead : kLeads) {
    if (begins_with(text, lead)) return without_leads(text.substr(lead.size()));
  }
  return text;
}

std::size_t count_words(std::string_view text) {
  std::size_t n = 0;
  bool in_word = false;
  for (const char c : text) {
    const bool is_space = c == ' ' || c == '\t';
    n += !is_space && !in_word ? 1 : 0;
    in_word = !is_space;
  }
  return n;
}

}  // namespace

std::optional<Introduction> introduction_in(const Personal<std::string>& line) {
  const auto cleaned = clean_value(line);
  if (!cleaned) return std::nullopt;
  const auto told = without_leads(cleaned->reveal(Purpose::compare));
  auto name = told.substr(0, told.find(','));
  const bool says_more = name.size() < told.size();
  while (name.ends_with('.') || name.ends_with('!') || name.ends_with(' ')) name.remove_suffix(1);
  if (name.empty() || name.front() == '/' || name.contains('?') || count_words(name) > kWordsMax)
    return std::nullopt;
  return Introduction{Personal(std::string(name)), says_more};
}

}  // namespace plmm::personal
