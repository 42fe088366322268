// Which lines stand in one row; see rows.h.
#include "ocr/rows.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace plmm::ocr {
namespace {

constexpr std::size_t kNone = SIZE_MAX;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// "7.80", "12 EUR", "31": at most two words, half of it digits.
bool is_figure(const TextLine& line) {
  const std::string_view text = line.text.reveal(Purpose::compare);
  const auto n_digits = static_cast<std::size_t>(std::ranges::count_if(text, is_digit));
  return line.n_words <= 2 && 2 * n_digits >= text.size();
}

/// For each line whether nearly all of its block are figures.
std::vector<bool> in_column_of_figures(const std::vector<TextLine>& lines) {
  std::vector<bool> out(lines.size());
  for (std::size_t begin = 0; begin < lines.size();) {
    std::size_t end = begin + 1;
    while (end < lines.size() && !lines[end].begins_block) ++end;
    std::size_t n_figures = 0;
    for (std::size_t i = begin; i < end; ++i) n_figures += is_figure(lines[i]) ? 1 : 0;
    const bool column = 5 * n_figures >= 4 * (end - begin);
    for (; begin < end; ++begin) out[begin] = column;
  }
  return out;
}

int right_of(const Box& box) { return box.x + box.width; }
int below(const Box& box) { return box.y + box.height; }

/// Whether both stand at the same height and are about as high.
bool same_row(const Box& a, const Box& b) {
  const int shared = std::min(below(a), below(b)) - std::max(a.y, b.y);
  const int least = std::min(a.height, b.height);
  const int most = std::max(a.height, b.height);
  return 5 * shared >= 3 * least && most <= 2 * least;
}

/// The nearest line to the left in the row of `at`, or kNone.
std::size_t left_neighbour(const std::vector<TextLine>& lines, std::size_t at) {
  std::size_t best = kNone;
  const Box& box = lines[at].box;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Box& other = lines[i].box;
    const bool before = right_of(other) <= box.x + box.height / 4 && other.x < box.x;
    if (i == at || lines[i].n_words == 0 || !before || !same_row(other, box)) continue;
    if (best == kNone || right_of(other) > right_of(lines[best].box)) best = i;
  }
  return best;
}

/// "7." and "80" are the halves of one figure.
bool halves_of_a_figure(std::string_view left, std::string_view right) {
  return left.size() >= 2 && (left.back() == '.' || left.back() == ',') &&
         is_digit(left[left.size() - 2]) && !right.empty() && is_digit(right.front());
}

void append(TextLine& to, TextLine& line) {
  std::string text = std::move(to.text).reveal(Purpose::compare);
  const auto more = std::move(line.text).reveal(Purpose::compare);
  const bool close = line.box.x - right_of(to.box) < line.box.height;
  const bool one_word = close && halves_of_a_figure(text, more);
  text += (one_word ? "" : " ") + more;
  to.text = Personal<std::string>(std::move(text));
  const auto weight = static_cast<double>(to.n_words);
  const auto more_weight = static_cast<double>(line.n_words);
  to.confidence = (to.confidence * weight + line.confidence * more_weight) / (weight + more_weight);
  to.n_words += line.n_words - (one_word ? 1 : 0);
  const int top = std::min(to.box.y, line.box.y);
  const int bottom = std::max(below(to.box), below(line.box));
  to.box = {to.box.x, top, right_of(line.box) - to.box.x, bottom - top};
  line.n_words = 0;  // marks it as taken
}

/// A page on its side has no rows to look at.
bool lies_on_its_side(const std::vector<TextLine>& lines) {
  std::int64_t balance = 0;
  for (const auto& line : lines) balance += line.box.width - line.box.height;
  return balance < 0;
}

}  // namespace

std::vector<TextLine> joined_rows(std::vector<TextLine> lines) {
  if (lies_on_its_side(lines)) return lines;
  const auto figures = in_column_of_figures(lines);
  std::vector<std::size_t> order(lines.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  // From the left, so that a row of three grows at its end.
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return lines[i].box.x; });
  for (const auto at : order) {
    const auto left = left_neighbour(lines, at);
    if (left == kNone) continue;
    const int gap = lines[at].box.x - right_of(lines[left].box);
    if (gap < lines[at].box.height || figures[at]) append(lines[left], lines[at]);
  }
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    // A block goes on without the line that it began with.
    if (lines[i].n_words == 0 && lines[i].begins_block && lines[i + 1].n_words != 0)
      lines[i + 1].begins_block = true;
  }
  std::erase_if(lines, [](const auto& line) { return line.n_words == 0; });
  return lines;
}

}  // namespace plmm::ocr
