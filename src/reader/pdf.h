// The text of a PDF, page by page, by poppler.
#pragma once

#include <string_view>

#include "base/cancel.h"
#include "base/result.h"
#include "reader/file_text.h"

namespace plmm::reader {

inline constexpr int kPdfPagesMax = 5'000;

/// A section for each page that has text. The error says why there is none, in words that go behind
/// the file's name: invalid_argument (encrypted, no text), corrupt_data (broken), limit_exceeded,
/// cancelled.
Result<FileText> read_pdf(std::string_view bytes, const Cancel& cancel);

}  // namespace plmm::reader
