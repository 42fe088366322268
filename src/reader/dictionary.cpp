// The index says where the articles are; the same article may have many headwords.
#include "reader/dictionary.h"

#include <algorithm>
#include <compare>
#include <optional>
#include <utility>
#include <vector>

#include "reader/plain_text.h"

namespace plmm::reader {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kAboutItself = "00-database";
constexpr std::size_t kProseIndent = 3;          // of dictfmt, which most dictionaries are made by
constexpr std::size_t kReferenceBytesMax = 100;  // what is longer is a program's braces

/// Where an article is.
struct Place {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  auto operator<=>(const Place&) const = default;
};

std::optional<Place> parse_line(std::string_view line) {
  const auto first = line.find('\t');
  if (first == std::string_view::npos || line.size() > kIndexLineBytesMax) return {};
  const auto second = line.find('\t', first + 1);
  if (second == std::string_view::npos) return {};
  const auto offset = parse_base64_number(line.substr(first + 1, second - first - 1));
  // Some indexes have a fourth field, the headword as it is written.
  const auto third = line.find('\t', second + 1);
  const auto size = parse_base64_number(line.substr(second + 1, third - second - 1));
  if (!offset || !size) return {};
  return Place{*offset, *size};
}

/// "{mutual exclusion}" without its braces.
std::string without_braces(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto open = text.find('{');
    out += text.substr(0, open);
    if (open == std::string_view::npos) break;
    text.remove_prefix(open);
    const auto close = text.substr(0, kReferenceBytesMax).find('}');
    const bool is_reference = close != std::string_view::npos && close > 1 &&
                              text.substr(0, close).find(';') == std::string_view::npos;
    if (!is_reference) {
      out += '{';
      text.remove_prefix(1);
      continue;
    }
    out += text.substr(1, close - 1);
    text.remove_prefix(close + 1);
  }
  return out;
}

/// "(2002-03-14)" at the end says when an article was last changed.
std::string_view without_date(std::string_view text) {
  constexpr std::string_view kForm = "(0000-00-00)";
  const auto end = text.find_last_not_of(" \n");
  if (end == std::string_view::npos || end + 1 < kForm.size()) return text;
  const auto last = text.substr(end + 1 - kForm.size(), kForm.size());
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const bool digit = last[i] >= '0' && last[i] <= '9';
    if (kForm[i] == '0' ? !digit : last[i] != kForm[i]) return text;
  }
  return text.substr(0, end + 1 - kForm.size());
}

/// The first line has the headwords, the others the article.
Document parse_article(std::string_view name, std::string_view article) {
  const auto end = std::min(article.find('\n'), article.size());
  const auto headwords = article.substr(0, end);
  const auto body = without_date(article.substr(end));
  Document out;
  out.name = name;
  out.title = one_line(headwords.substr(0, headwords.find("%%%")), kTitleBytesMax);
  out.text = cleaned(without_braces(unfolded(body, kProseIndent)));
  return out;
}

}  // namespace

Result<std::uint32_t> parse_base64_number(std::string_view digits) {
  std::uint64_t out = 0;
  for (const char c : digits) {
    const auto digit = kDigits.find(c);
    if (digit == std::string_view::npos) break;
    out = out * 64 + digit;
    if (!std::in_range<std::uint32_t>(out)) break;
  }
  const bool all = digits.find_first_not_of(kDigits) == std::string_view::npos;
  if (digits.empty() || !all || !std::in_range<std::uint32_t>(out)) {
    return fail(ErrorCode::corrupt_data, "not a number of a dictionary's index");
  }
  return static_cast<std::uint32_t>(out);
}

Result<> read_dictionary(std::string_view name, std::string_view index, std::string_view articles,
                         const OnDocument& on_document, ReadReport& report) {
  std::vector<Place> places;
  while (!index.empty()) {
    const auto end = std::min(index.find('\n'), index.size());
    const auto line = index.substr(0, end);
    index.remove_prefix(std::min(end + 1, index.size()));
    if (line.empty() || line.starts_with(kAboutItself)) continue;
    const auto place = parse_line(line);
    if (!place || place->offset > articles.size() ||
        place->size > articles.size() - place->offset) {
      ++report.skipped["a line of a dictionary's index that is broken"];
      continue;
    }
    places.push_back(*place);
  }
  std::ranges::sort(places);
  places.erase(std::ranges::unique(places).begin(), places.end());
  std::size_t end = 0;  // of the article before: an index that lies must not multiply the text
  for (const auto& place : places) {
    if (place.offset < end) {
      ++report.skipped["an article inside another"];
      continue;
    }
    end = place.offset + std::size_t{place.size};
    const auto article = articles.substr(place.offset, place.size);
    if (!is_utf8(article)) {
      ++report.skipped["not UTF-8"];
      continue;
    }
    auto document = parse_article(name, article);
    if (document.text.empty() || document.title.starts_with(kAboutItself)) {
      ++report.skipped["empty"];
      continue;
    }
    ++report.n_documents;
    report.n_bytes += document.text.size();
    TRY(on_document(std::move(document)));
  }
  return {};
}

}  // namespace plmm::reader
