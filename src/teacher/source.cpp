// Cutting documents, and a fair order of their passages.
#include "teacher/source.h"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "crypto/hash.h"
#include "search/passages.h"
#include "text/unicode.h"

namespace plmm::teacher {
namespace {

/// One line of at most `n_bytes_max` bytes, whole characters.
std::string line_of(std::string_view text, std::size_t n_bytes_max) {
  std::string out(text::first_bytes(text, n_bytes_max));
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return std::string(trimmed(out));
}

crypto::Digest digest_of(const Passage& passage, std::uint64_t seed) {
  const std::string bytes =
      std::to_string(seed) + '\n' + passage.document + '\n' + passage.title + '\n' + passage.text;
  return crypto::sha256(std::as_bytes(std::span(bytes)));
}

}  // namespace

Result<> Source::add(std::string_view name, std::string_view title, std::string_view text) {
  ++n_documents_;
  const auto document = line_of(name, protocol::kTitleBytesMax);
  for (const auto& cut : search::cut_passages(title, text)) {
    if (cut.text.size() > protocol::kPassageBytesMax) continue;  // one word of 8 KiB says nothing
    if (passages_.size() == kSourcePassagesMax) {
      return fail(ErrorCode::limit_exceeded, "the source has more than " +
                                                 std::to_string(kSourcePassagesMax) +
                                                 " passages. Next: give a part of it");
    }
    passages_.push_back({document.empty() ? "source" : document,
                         line_of(cut.title, protocol::kTitleBytesMax), std::string(cut.text)});
  }
  return {};
}

std::vector<std::size_t> asking_order(const std::vector<Passage>& passages, std::uint64_t seed) {
  struct Place {
    std::size_t n_before;  // passages of the same title that are drawn before
    crypto::Digest digest;
    std::size_t index;
  };
  std::vector<Place> places;
  for (std::size_t i = 0; i < passages.size(); ++i) {
    places.push_back({0, digest_of(passages[i], seed), i});
  }
  std::ranges::sort(places, {},
                    [](const Place& place) { return std::pair(place.digest, place.index); });
  std::map<std::pair<std::string_view, std::string_view>, std::size_t> n_of_title;
  for (Place& place : places) {
    const Passage& passage = passages[place.index];
    place.n_before = n_of_title[{passage.document, passage.title}]++;
  }
  std::ranges::stable_sort(places, {}, &Place::n_before);
  std::vector<std::size_t> out;
  for (const Place& place : places) out.push_back(place.index);
  return out;
}

}  // namespace plmm::teacher
