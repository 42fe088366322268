// What all readers do to text before anyone else sees it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace plmm::reader {

bool is_utf8(std::string_view text);

/// The text up to the next line break, which leaves `rest` behind it.
std::string_view take_line(std::string_view& rest);

/// ASCII letters as small ones.
std::string lower_case(std::string_view text);

/// Why bytes are no text, for a person: "binary", "not UTF-8"; empty when they are.
std::string_view why_no_text(std::string_view bytes);

/// The first line that is a heading of Markdown, without its mark, on one line; empty: there is
/// none.
std::string first_heading(std::string_view text, std::size_t n_bytes_max);

/// Line breaks become "\n"; other control characters go; spaces at the ends of lines go; of several
/// empty lines one stays.
std::string cleaned(std::string_view text);

/// The same without control characters, with every line break of `text`: a line keeps its number.
std::string with_every_line(std::string_view text);

/// One line: white space of any kind becomes one space, and what is over `n_bytes_max` is cut at
/// the end of a character.
std::string one_line(std::string_view text, std::size_t n_bytes_max);

/// Lines of one paragraph joined, where all of them begin at the same column or it is no deeper
/// than `n_spaces`; what is set deeper (tables, code) stays as it is.
std::string unfolded(std::string_view text, std::size_t n_spaces);

}  // namespace plmm::reader
