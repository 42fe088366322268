// A file of a person's as text whose pieces can be cited: by their line, page or message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"

namespace plmm::reader {

/// What the places of a text count; the numbers stand in the vault.
enum class Places : std::uint8_t { none = 0, lines = 1, pages = 2, messages = 3 };
inline constexpr int kPlacesMax = 3;

/// Whether "# " begins a heading in it.
enum class Marks : std::uint8_t { none, headings };

struct Section {
  std::string title;       // one line, of at most kTitleBytesMax; may be empty
  std::string text;        // UTF-8 without control characters but line breaks and tabs
  std::int64_t place = 0;  // where the text begins, from 1; 0: nowhere in particular
};

struct FileText {
  std::string_view kind;  // for people: "text", "Markdown", "HTML", "code", "PDF", "mail"
  Places places = Places::none;
  Marks marks = Marks::none;
  std::string title;              // one line, of at most kTitleBytesMax
  std::vector<Section> sections;  // of `lines`: one, with every line break of the file
};

/// Whether files of such a name may be read: "notes.md", and names without an ending.
bool has_known_kind(std::string_view name);

/// The text of a file's bytes, by the ending of its `name`; what begins as an mbox does is mail
/// whatever its name. The error says why there is none, in words that go behind the file's name:
/// unsupported (another kind, binary, not UTF-8), limit_exceeded (more than kDocumentBytesMax of
/// text), invalid_argument (empty), corrupt_data (broken); or it is cancelled.
Result<FileText> text_of_file(std::string_view name, std::string_view bytes, const Cancel& cancel);

/// limit_exceeded: more than kDocumentBytesMax.
std::unexpected<Error> too_much_text();

}  // namespace plmm::reader
