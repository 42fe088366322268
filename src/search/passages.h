// Cutting documents into passages: pieces of a text that are small enough to show and to embed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace plmm::search {

/// Whether lines that begin with "# " … "###### " are headings. In program text they are comments.
enum class Headings : std::uint8_t { marked, none };

/// In words: runs between white space. A run counts once per 12 bytes begun, so that writing
/// without spaces is cut too.
struct CutOptions {
  int n_words_target = 120;
  int n_words_max = 200;  // ≥ n_words_target ≥ 1, and ≥ 20
  Headings headings = Headings::marked;
};

struct CutPassage {
  std::string title;      // of the document and the headings above, joined by " › "
  std::string_view text;  // a piece of the document, without white space at its ends
};

/// The passages of `text` in their order: they do not overlap, and hold everything but headings
/// ("# …" to "###### …" outside of fenced code, where they are marked) and white space. A passage
/// never crosses a heading; it ends at a paragraph if one ends near its target, else at a sentence,
/// else between words. Any bytes are a document.
std::vector<CutPassage> cut_passages(std::string_view title, std::string_view text,
                                     const CutOptions& options = {});

/// How long a piece of text is, as CutOptions counts.
int count_words(std::string_view text);

}  // namespace plmm::search
