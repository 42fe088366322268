// The text of a photo, a scan or a screenshot, read on this device.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/personal.h"
#include "base/result.h"

namespace plmm::ocr {

/// Below it a line is more likely noise than text, and is left out.
inline constexpr double kConfidenceMin = 0.35;
/// Below it a reader should compare with the picture.
inline constexpr double kConfidenceGood = 0.80;
/// For one picture; a dense page takes a few seconds.
inline constexpr int kReadMsMax = 60'000;

/// In pixels of the upright picture, from its upper left corner.
struct Box {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
  bool operator==(const Box&) const = default;
};

struct TextLine {
  Personal<std::string> text;  // UTF-8, one space between words
  std::size_t n_words = 0;
  double confidence = 0;  // 0 to 1
  Box box;
  bool begins_block = false;  // a column, a bubble, a table's cell: what stands apart
};

struct PictureText {
  std::vector<TextLine> lines;  // as a person reads them, columns one after the other
  int width = 0;                // pixels, upright
  int height = 0;
  std::string language;  // of the reader's data, as Tesseract names it: "eng"
  std::size_t n_words = 0;
  double confidence = 0;  // mean over words; 0 without text
};

struct ReadOptions {
  /// Holds LANGUAGE.traineddata; empty: where the operating system's packages put it.
  std::filesystem::path language_folder;
  std::string language = "eng";
};

/// A picture without text is no error: it has no lines. One that lies on its side is read too, and
/// one that is upside down. Uses one thread, the caller's; any number may read at the same time.
/// Errors say what to do next: those of read_format (another kind of file, too large, cut short,
/// damaged); not_found: no language data; limit_exceeded: over kReadMsMax; cancelled.
Result<PictureText> read_picture(std::span<const std::byte> file, const ReadOptions& options,
                                 const Cancel& cancel);
/// The same, with the file's name in front of each error; also not_found and io of reading it.
Result<PictureText> read_picture_file(const std::filesystem::path& path, const ReadOptions& options,
                                      const Cancel& cancel);

/// All lines, with an empty line between blocks.
Personal<std::string> whole_text(const PictureText& picture);

}  // namespace plmm::ocr
