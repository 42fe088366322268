// Sections by headings, paragraphs by empty lines, sentences by their last character; then
// sentences are gathered until a passage is long enough.
#include "search/passages.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"

namespace plmm::search {
namespace {

constexpr std::size_t kBytesPerWord = 12;
constexpr std::size_t kRunBytesMax = 240;    // a longer run without spaces is cut: 20 words
constexpr std::size_t kTitleBytesMax = 240;  // what is longer loses its end
constexpr std::size_t kHeadingLevels = 6;
constexpr std::string_view kJoin = " \xE2\x80\xBA ";  // ›

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Whether the byte continues a UTF-8 character: no cut goes before it.
bool is_inside_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// At most n bytes of `text`, whole characters if it has any.
std::string_view first_bytes(std::string_view text, std::size_t n) {
  if (text.size() <= n) return text;
  std::size_t end = n;
  while (end > 0 && n - end < 3 && is_inside_character(text[end])) --end;
  return text.substr(0, is_inside_character(text[end]) || end == 0 ? n : end);
}

/// Takes the next line off `rest`, its line break included.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  const auto line = rest.substr(0, end == std::string_view::npos ? rest.size() : end + 1);
  rest.remove_prefix(line.size());
  return line;
}

/// Level of a heading line, 0 where it is none.
std::size_t heading_level(std::string_view line) {
  const std::size_t n = std::min(line.find_first_not_of('#'), line.size());
  if (n == 0 || n > kHeadingLevels) return 0;
  return n == line.size() || is_space(line[n]) ? n : 0;
}

bool is_fence(std::string_view line) { return line.starts_with("```") || line.starts_with("~~~"); }

/// A piece that is not cut further.
struct Unit {
  std::string_view text;
  int n_words;
  int n_words_paragraph;  // of the paragraph that begins here; 0 inside of one
};

/// Ends with what ends a sentence: . ! ? … 。 ！ ？, quotes and brackets behind it included.
bool ends_sentence(std::string_view run) {
  while (run.ends_with('"') || run.ends_with('\'') || run.ends_with(')') || run.ends_with(']')) {
    run.remove_suffix(1);
  }
  for (const std::string_view end :
       {".", "!", "?", "\xE2\x80\xA6", "\xE3\x80\x82", "\xEF\xBC\x81", "\xEF\xBC\x9F"}) {
    if (run.ends_with(end)) return true;
  }
  return false;
}

std::string_view take_run(std::string_view& rest) {
  const auto end = std::ranges::find_if(rest, is_space);
  const auto run =
      first_bytes(rest.substr(0, static_cast<std::size_t>(end - rest.begin())), kRunBytesMax);
  rest.remove_prefix(run.size());
  return run;
}

int run_words(std::string_view run) {
  return static_cast<int>((run.size() + kBytesPerWord - 1) / kBytesPerWord);
}

class Cutter {
 public:
  Cutter(std::string_view title, const CutOptions& options) : title_(title), options_(options) {}

  std::vector<CutPassage> cut(std::string_view text) {
    const char* paragraph = nullptr;  // where the current one begins
    bool is_fenced = false;
    for (std::string_view rest = text; !rest.empty();) {
      const std::string_view line = take_line(rest);
      const bool may_head = !is_fenced && options_.headings == Headings::marked;
      const std::size_t level = may_head ? heading_level(line) : 0;
      if (is_fence(line)) is_fenced = !is_fenced;
      if (level == 0 && !trim(line).empty()) {
        if (paragraph == nullptr) paragraph = line.data();
        continue;
      }
      add_paragraph(paragraph, line.data());
      paragraph = nullptr;
      if (level > 0) enter(level, trim(line.substr(level)));
    }
    add_paragraph(paragraph, text.data() + text.size());
    flush();
    return std::move(passages_);
  }

 private:
  void add_paragraph(const char* begin, const char* end) {
    if (begin == nullptr) return;
    const auto paragraph = trim({begin, static_cast<std::size_t>(end - begin)});
    std::vector<Unit> units = sentences(paragraph);
    units.front().n_words_paragraph = count_words(paragraph);
    for (const Unit& unit : units) add(unit);
  }

  /// Sentences; one that is longer than a passage may be, in pieces.
  std::vector<Unit> sentences(std::string_view paragraph) const {
    std::vector<Unit> out;
    const char* begin = paragraph.data();
    int n_words = 0;
    const auto close = [&](const char* end) {
      if (n_words > 0) out.push_back({{begin, static_cast<std::size_t>(end - begin)}, n_words, 0});
      begin = end;
      n_words = 0;
    };
    for (std::string_view rest = paragraph; !rest.empty();) {
      if (is_space(rest.front())) {
        rest.remove_prefix(1);
        if (n_words == 0) begin = rest.data();
        continue;
      }
      std::string_view behind = rest;
      const std::string_view run = take_run(behind);
      if (n_words + run_words(run) > options_.n_words_max) close(run.data());
      n_words += run_words(run);
      rest = behind;
      if (ends_sentence(run)) close(rest.data());
    }
    close(paragraph.data() + paragraph.size());
    return out;
  }

  void add(const Unit& unit) {
    const bool is_long_enough = n_words_ >= options_.n_words_target;
    const bool paragraph_goes_past = unit.n_words_paragraph > 0 &&
                                     n_words_ >= options_.n_words_target / 2 &&
                                     n_words_ + unit.n_words_paragraph > options_.n_words_target;
    const bool is_too_long = n_words_ + unit.n_words > options_.n_words_max;
    if (is_long_enough || paragraph_goes_past || is_too_long) flush();
    if (n_words_ == 0) begin_ = unit.text.data();
    end_ = unit.text.data() + unit.text.size();
    n_words_ += unit.n_words;
  }

  void flush() {
    if (n_words_ == 0) return;
    const auto text = trim({begin_, static_cast<std::size_t>(end_ - begin_)});
    passages_.push_back({path(), text});
    n_words_ = 0;
  }

  void enter(std::size_t level, std::string_view heading) {
    flush();
    while (heading.ends_with('#')) heading.remove_suffix(1);  // "## Heading ##"
    headings_[level - 1] = trim(heading);
    std::fill(headings_.begin() + static_cast<std::ptrdiff_t>(level), headings_.end(),
              std::string_view());
  }

  std::string path() const {
    std::string out(trim(title_));
    for (const std::string_view heading : headings_) {
      if (heading.empty() || heading == trim(title_)) continue;
      if (!out.empty()) out += kJoin;
      out += heading;
    }
    return std::string(trim(first_bytes(out, kTitleBytesMax)));
  }

  std::string_view title_;
  const CutOptions& options_;
  std::vector<CutPassage> passages_;
  std::array<std::string_view, kHeadingLevels> headings_;  // the last of each level
  const char* begin_ = nullptr;                            // of the passage so far
  const char* end_ = nullptr;
  int n_words_ = 0;
};

}  // namespace

std::vector<CutPassage> cut_passages(std::string_view title, std::string_view text,
                                     const CutOptions& options) {
  CHECK(options.n_words_target >= 1 && options.n_words_max >= options.n_words_target);
  CHECK(static_cast<std::size_t>(options.n_words_max) * kBytesPerWord >= kRunBytesMax);
  return Cutter(title, options).cut(text);
}

int count_words(std::string_view text) {
  int n = 0;
  while (!text.empty()) {
    if (is_space(text.front())) {
      text.remove_prefix(1);
    } else {
      n += run_words(take_run(text));
    }
  }
  return n;
}

}  // namespace plmm::search
