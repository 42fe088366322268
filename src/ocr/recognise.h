// Lines of text in a prepared picture, by Tesseract.
#pragma once

#include <chrono>

#include "ocr/picture_text.h"
#include "ocr/raster.h"

namespace plmm::ocr {

/// Dark ink on white ground to lines, with boxes in pixels of `page`. Errors: see read_picture.
Result<std::vector<TextLine>> recognise(const Raster& page, const ReadOptions& options,
                                        std::chrono::steady_clock::time_point until,
                                        const Cancel& cancel);

/// The mean over words.
double mean_confidence(std::span<const TextLine> lines);

}  // namespace plmm::ocr
