// A manual page's text without its typesetting.
#pragma once

#include <string>
#include <string_view>

#include "reader/documents.h"

namespace plmm::reader {

/// Text of a page in the macros man(7) or mdoc(7), well enough to be read: sections as "# …",
/// options and what they do in one paragraph ("-a, --all: do not ignore …"). Name "tar(1)", title
/// "tar(1): an archiving utility", empty where the page does not say them. The text is empty for a
/// page that only names another one. Never fails: what it does not know, it leaves out.
Document parse_man_page(std::string_view source);

/// One line of text with groff's escapes resolved: fonts and spacing gone, characters in UTF-8.
std::string resolve_escapes(std::string_view line);

}  // namespace plmm::reader
