// From a file's bytes to lines; see picture_text.h.
#include "ocr/picture_text.h"

#include <chrono>
#include <utility>

#include "base/file.h"
#include "ocr/decode.h"
#include "ocr/even_ground.h"
#include "ocr/picture_format.h"
#include "ocr/recognise.h"
#include "ocr/rows.h"

namespace plmm::ocr {
namespace {

/// Below it a page may be upside down, and is tried the other way round.
constexpr double kDoubtful = 0.65;

/// A box of the page that was turned by half.
void turn(Box& box, const Raster& page) {
  box.x = page.width - box.x - box.width;
  box.y = page.height - box.y - box.height;
}

Result<std::vector<TextLine>> read_either_way(Raster page, const ReadOptions& options,
                                              const Cancel& cancel) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kReadMsMax);
  auto lines = TRY(recognise(page, options, until, cancel));
  // Of all lines, noise included: letters that stand on their heads look like noise.
  const double confidence = mean_confidence(lines);
  if (lines.empty() || confidence >= kDoubtful) return lines;
  page = upside_down(std::move(page));
  auto turned = TRY(recognise(page, options, until, cancel));
  if (mean_confidence(turned) <= confidence) return lines;
  for (auto& line : turned) turn(line.box, page);
  return turned;
}

void to_picture(Box& box, double factor) {
  const auto times = [&](int n) { return static_cast<int>(n * factor + 0.5); };
  box = {times(box.x), times(box.y), times(box.width), times(box.height)};
}

}  // namespace

Result<PictureText> read_picture(std::span<const std::byte> file, const ReadOptions& options,
                                 const Cancel& cancel) {
  const auto format = TRY(read_format(file));
  PictureText out;
  const bool sideways = format.orientation >= 5;
  out.width = sideways ? format.height : format.width;
  out.height = sideways ? format.width : format.height;
  out.language = options.language;
  const Raster picture = TRY(decode(file, format));
  const double factor = static_cast<double>(out.width) / picture.width;
  if (cancel.requested()) return fail(ErrorCode::cancelled, "stopped");
  auto lines = TRY(read_either_way(even_ground(picture), options, cancel));
  std::erase_if(lines, [](const auto& line) { return line.confidence < kConfidenceMin; });
  out.lines = joined_rows(std::move(lines));
  for (auto& line : out.lines) {
    to_picture(line.box, factor);
    out.n_words += line.n_words;
  }
  out.confidence = mean_confidence(out.lines);
  return out;
}

Result<PictureText> read_picture_file(const std::filesystem::path& path, const ReadOptions& options,
                                      const Cancel& cancel) {
  const auto file = read_file(path, kPictureBytesMax);
  if (!file && file.error().code == ErrorCode::limit_exceeded)
    return fail(ErrorCode::limit_exceeded, path.string() + ": " + too_large_file());
  if (!file) return std::unexpected(file.error());
  auto picture = read_picture(std::as_bytes(std::span(*file)), options, cancel);
  if (!picture && picture.error().code != ErrorCode::cancelled)
    picture.error().what = path.string() + ": " + picture.error().what;
  return picture;
}

Personal<std::string> whole_text(const PictureText& picture) {
  std::string out;
  for (const auto& line : picture.lines) {
    if (line.begins_block && !out.empty()) out += '\n';
    out += line.text.reveal(Purpose::prompt) + '\n';
  }
  return Personal<std::string>(std::move(out));
}

}  // namespace plmm::ocr
