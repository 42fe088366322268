// A page's text without its markup.
#pragma once

#include <string>
#include <string_view>

#include "reader/documents.h"

namespace plmm::reader {

/// Title and text of a page: headings as "# …", paragraphs divided by empty lines, list items as
/// "- …", entities decoded. Scripts, styles and navigation are left out. Never fails: what is no
/// HTML comes out as text. The name is left empty.
Document parse_html(std::string_view html);

/// `text` with "&amp;", "&#8212;", "&#x2014;" … as the characters they stand for; unknown ones
/// stay.
std::string decode_entities(std::string_view text);

}  // namespace plmm::reader
