// Wraps Tesseract; see recognise.h.
#include "ocr/recognise.h"

#include <allheaders.h>
#include <omp.h>
#include <tesseract/baseapi.h>
#include <tesseract/ocrclass.h>
#include <tesseract/resultiterator.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <memory>
#include <optional>

namespace plmm::ocr {
namespace {

using tesseract::RIL_BLOCK;
using tesseract::RIL_TEXTLINE;
using tesseract::RIL_WORD;

/// White pixels around the page.
constexpr int kBorder = 16;
/// Lines of this height in pixels are read best, and gain nothing from being larger.
constexpr int kLineHeight = 34;
/// Smaller lines are scaled up, larger ones down; between them the picture stays as it is.
constexpr int kLineHeightMin = 26;
constexpr int kLineHeightMax = 90;
constexpr double kScaleUpMax = 4;
/// What scaling up may make of a picture.
constexpr double kScaledPixelsMax = 16e6;

/// Neither Tesseract nor Leptonica may write to our streams or start threads of their own: more
/// threads than one make the small products of its network slower, three times on two cores. The
/// number of levels holds for the calling thread only.
void keep_quiet() {
  setMsgSeverity(L_SEVERITY_NONE);
  omp_set_max_active_levels(0);
}

Result<> start(tesseract::TessBaseAPI& reader, const ReadOptions& options) {
  reader.SetVariable("debug_file", "/dev/null");
  const std::string folder = options.language_folder.string();
  if (reader.Init(folder.empty() ? nullptr : folder.c_str(), options.language.c_str(),
                  tesseract::OEM_LSTM_ONLY) == 0) {
    return {};
  }
  return fail(ErrorCode::not_found, "the data for reading text in pictures (" + options.language +
                                        ") is not on this machine. Run: apt-get install "
                                        "tesseract-ocr-" +
                                        options.language);
}

void show_page(tesseract::TessBaseAPI& reader, const Raster& page) {
  reader.SetImage(page.pixels.data(), page.width, page.height, 1, page.width);
  // Only thresholds in inches depend on it; without one Tesseract guesses.
  reader.SetSourceResolution(150);
}

/// The middle height of the lines that the layout has, or nothing where there is none.
std::optional<int> line_height(tesseract::TessBaseAPI& reader) {
  std::vector<int> heights;
  const std::unique_ptr<tesseract::PageIterator> layout(reader.AnalyseLayout());
  if (layout == nullptr) return std::nullopt;
  do {
    int left = 0, top = 0, right = 0, bottom = 0;
    if (!tesseract::PTIsTextType(layout->BlockType())) continue;
    if (!layout->BoundingBox(RIL_TEXTLINE, &left, &top, &right, &bottom)) continue;
    heights.push_back(std::min(right - left, bottom - top));  // a line may stand upright
  } while (layout->Next(RIL_TEXTLINE));
  if (heights.empty()) return std::nullopt;
  const auto middle = heights.begin() + static_cast<std::ptrdiff_t>(heights.size() / 2);
  std::nth_element(heights.begin(), middle, heights.end());
  return *middle;
}

double useful_scale(int height, const Raster& page) {
  if (height >= kLineHeightMin && height <= kLineHeightMax) return 1;
  const double wanted =
      std::min(static_cast<double>(kLineHeight) / std::max(height, 1), kScaleUpMax);
  const double n_pixels = static_cast<double>(page.width) * page.height;
  return std::min(wanted, std::max(1.0, std::sqrt(kScaledPixelsMax / n_pixels)));
}

std::optional<std::string> text_of(const tesseract::ResultIterator& at,
                                   tesseract::PageIteratorLevel level) {
  const std::unique_ptr<char[]> text(at.GetUTF8Text(level));
  if (text == nullptr) return std::nullopt;
  return std::string(text.get());
}

/// A word without a letter or digit, such as the edge of a table, tells a reader nothing.
bool says_something(std::string_view word) {
  return std::ranges::any_of(word, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || std::isalnum(byte) != 0;
  });
}

/// Puts words together to lines.
class LineCollector {
 public:
  explicit LineCollector(double scale) : scale_(scale) {}

  void add(const tesseract::ResultIterator& at) {
    if (at.IsAtBeginningOf(RIL_TEXTLINE)) end_line();
    if (at.IsAtBeginningOf(RIL_BLOCK)) block_begins_ = true;
    const double confidence = std::clamp(at.Confidence(RIL_WORD) / 100.0, 0.0, 1.0);
    const auto word = text_of(at, RIL_WORD);
    if (!word || word->empty() || *word == " ") return;
    if (text_.empty()) box_ = box_of(at);
    any_said_ = any_said_ || says_something(*word);
    text_ += (text_.empty() ? "" : " ") + *word;
    ++n_words_;
    sum_ += confidence;
  }

  std::vector<TextLine> take() {
    end_line();
    return std::move(lines_);
  }

 private:
  Box box_of(const tesseract::ResultIterator& at) const {
    int left = 0, top = 0, right = 0, bottom = 0;
    if (!at.BoundingBox(RIL_TEXTLINE, &left, &top, &right, &bottom)) return {};
    const auto back = [&](int n) { return static_cast<int>(std::lround((n - kBorder) / scale_)); };
    return {back(left), back(top), back(right) - back(left), back(bottom) - back(top)};
  }

  void end_line() {
    if (any_said_) {
      lines_.push_back({.text = Personal<std::string>(std::move(text_)),
                        .n_words = n_words_,
                        .confidence = sum_ / static_cast<double>(n_words_),
                        .box = box_,
                        .begins_block = block_begins_});
      block_begins_ = false;
    }
    text_.clear();
    n_words_ = 0;
    sum_ = 0;
    any_said_ = false;
  }

  double scale_;
  std::vector<TextLine> lines_;
  std::string text_;
  std::size_t n_words_ = 0;
  double sum_ = 0;
  Box box_;
  bool any_said_ = false;
  bool block_begins_ = true;
};

bool is_cancelled(void* cancel, int) { return static_cast<const Cancel*>(cancel)->requested(); }

}  // namespace

Result<std::vector<TextLine>> recognise(const Raster& page, const ReadOptions& options,
                                        std::chrono::steady_clock::time_point until,
                                        const Cancel& cancel) {
  keep_quiet();
  tesseract::TessBaseAPI reader;
  TRY(start(reader, options));
  reader.SetPageSegMode(tesseract::PSM_AUTO);
  show_page(reader, with_border(page, kBorder));
  double scale = 1;
  const auto height = line_height(reader);
  if (height) scale = useful_scale(*height, page);
  if (scale != 1) {
    const Raster better = scaled(page, std::max(1, static_cast<int>(page.width * scale)),
                                 std::max(1, static_cast<int>(page.height * scale)));
    show_page(reader, with_border(better, kBorder));
  }
  tesseract::ETEXT_DESC monitor;
  monitor.cancel = is_cancelled;
  // The interface takes a plain pointer and hands it back; it is only read.
  monitor.cancel_this = const_cast<Cancel*>(&cancel);
  monitor.end_time = until;
  const int status = reader.Recognize(&monitor);
  if (cancel.requested()) return fail(ErrorCode::cancelled, "stopped");
  if (std::chrono::steady_clock::now() > until) {
    return fail(ErrorCode::limit_exceeded, "this picture takes longer than " +
                                               std::to_string(kReadMsMax / 1000) +
                                               " s to read. Cut out the part that you need");
  }
  const std::unique_ptr<tesseract::ResultIterator> at(status == 0 ? reader.GetIterator() : nullptr);
  LineCollector lines(scale);
  if (at != nullptr) {
    do {
      lines.add(*at);
    } while (at->Next(RIL_WORD));
  }
  return lines.take();
}

double mean_confidence(std::span<const TextLine> lines) {
  double sum = 0;
  std::size_t n_words = 0;
  for (const auto& line : lines) {
    sum += line.confidence * static_cast<double>(line.n_words);
    n_words += line.n_words;
  }
  return n_words == 0 ? 0 : sum / static_cast<double>(n_words);
}

}  // namespace plmm::ocr
