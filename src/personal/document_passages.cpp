// A file's text cut into passages that know where they stand.
#include <algorithm>
#include <utility>

#include "personal/documents.h"
#include "reader/plain_text.h"
#include "search/passages.h"
#include "text/unicode.h"

namespace plmm::personal {
namespace {

/// As it is kept: shown to a model, read by a person.
Personal<std::string> kept_text(std::string_view text) {
  return Personal(std::string(text::first_bytes(reader::cleaned(text), kOwnPassageBytesMax)));
}

}  // namespace

Result<std::vector<OwnPassage>> cut_document(const reader::FileText& file) {
  const search::CutOptions options{.headings = file.marks == reader::Marks::headings
                                                   ? search::Headings::marked
                                                   : search::Headings::none};
  std::vector<OwnPassage> out;
  for (const auto& section : file.sections) {
    std::string title = file.title;
    if (!section.title.empty()) title += " \xE2\x80\xBA " + section.title;
    std::int64_t place = section.place;
    const char* from = section.text.data();
    for (auto& cut : search::cut_passages(title, section.text, options)) {
      if (file.places == reader::Places::lines) place += std::count(from, cut.text.data(), '\n');
      from = cut.text.data();
      if (out.size() == kDocumentPassagesMax) {
        return fail(ErrorCode::limit_exceeded,
                    "more than " + std::to_string(kDocumentPassagesMax) + " passages");
      }
      out.push_back({std::move(cut.title), kept_text(cut.text), place});
    }
  }
  return out;
}

std::string with_title(const OwnPassage& passage) {
  return passage.title + "\n" + passage.text.reveal(Purpose::prompt);
}

}  // namespace plmm::personal
