// Asks poppler for the text of each page; see pdf.h.
#include "reader/pdf.h"

#include <poppler/cpp/poppler-document.h>
#include <poppler/cpp/poppler-global.h>
#include <poppler/cpp/poppler-page.h>

#include <memory>
#include <string>

#include "base/narrow.h"
#include "reader/documents.h"
#include "reader/plain_text.h"

namespace plmm::reader {
namespace {

std::string utf8_of(const poppler::ustring& text) {
  const auto bytes = text.to_utf8();
  std::string out(bytes.begin(), bytes.end());
  return is_utf8(out) ? out : std::string();
}

/// What poppler says of a broken file would stand among a person's own lines.
void say_nothing(const std::string& /*message*/, void* /*closure*/) {}

std::string text_of(const poppler::document& document, int index) {
  const std::unique_ptr<poppler::page> page(document.create_page(index));
  if (page == nullptr) return {};
  // In the order of reading: columns one behind the other, not side by side.
  return cleaned(utf8_of(page->text({}, poppler::page::non_raw_non_physical_layout)));
}

}  // namespace

Result<FileText> read_pdf(std::string_view bytes, const Cancel& cancel) {
  poppler::set_debug_error_function(say_nothing, nullptr);
  const std::unique_ptr<poppler::document> document(
      poppler::document::load_from_raw_data(bytes.data(), narrow<int>(bytes.size())));
  if (document == nullptr) return fail(ErrorCode::corrupt_data, "a broken PDF");
  if (document->is_locked())
    return fail(ErrorCode::invalid_argument, "encrypted: it opens with a password only");
  const int n_pages = document->pages();
  if (n_pages > kPdfPagesMax)
    return fail(ErrorCode::limit_exceeded, "more than " + std::to_string(kPdfPagesMax) + " pages");
  FileText out;
  out.places = Places::pages;
  out.title = one_line(utf8_of(document->get_title()), kTitleBytesMax);
  std::size_t n_bytes = 0;
  for (int i = 0; i < n_pages; ++i) {
    if (cancel.requested()) return fail(ErrorCode::cancelled, "stopped while reading a PDF");
    std::string text = text_of(*document, i);
    n_bytes += text.size();
    if (n_bytes > kDocumentBytesMax) return too_much_text();
    if (!text.empty()) out.sections.push_back({{}, std::move(text), i + 1});
  }
  if (n_pages <= 0) return fail(ErrorCode::corrupt_data, "a broken PDF");
  if (out.sections.empty()) {
    return fail(ErrorCode::invalid_argument,
                "a PDF without text: its pages may be pictures, which plmm read reads one by one");
  }
  return out;
}

}  // namespace plmm::reader
