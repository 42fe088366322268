// Any bytes as a document: passages lie in it in order, are not too long, and lose nothing but
// headings and white space.
#include "search/passages.h"

#include <algorithm>
#include <string>

#include "base/check.h"
#include "fuzz/fuzz.h"

namespace plmm::search {
namespace {

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\n\v\f\r") == std::string_view::npos;
}

/// Whether each line that has something begins with '#': only headings may fall between passages.
bool is_headings(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    if (!is_blank(line) && line.front() != '#') return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

void try_cut(std::string_view text, const CutOptions& options) {
  const auto passages = cut_passages("Title", text, options);
  const char* at = text.data();
  for (const CutPassage& passage : passages) {
    CHECK(!is_blank(passage.text) && passage.text.data() >= at);
    CHECK(count_words(passage.text) <= options.n_words_max);
    CHECK(passage.title.size() <= 240);
    const std::string_view between(at, static_cast<std::size_t>(passage.text.data() - at));
    CHECK(is_blank(between) || is_headings(between));
    at = passage.text.data() + passage.text.size();
  }
  const std::string_view rest(at, static_cast<std::size_t>(text.data() + text.size() - at));
  CHECK(is_blank(rest) || is_headings(rest));
  fuzz::note("passages " + std::string(std::min<std::size_t>(passages.size(), 9), 'p'));
}

}  // namespace
}  // namespace plmm::search

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  plmm::search::try_cut(text, {});
  plmm::search::try_cut(text, {.n_words_target = 1, .n_words_max = 20});
  return 0;
}

std::vector<std::string> plmm::fuzz::seeds() {
  std::string words;
  for (int i = 0; i < 400; ++i) words += i % 9 == 8 ? "end. " : "word ";
  return {"",
          "# A\ntext\n\n## B\nmore. And more!\n```\n# code\n```\n",
          words,
          words + "\n\n" + words,
          std::string(3000, 'x'),
          "\xE5\xAD\x97\xE3\x80\x82\xE5\xAD\x97 \x80\x80\x80 \xFF"};
}
