// Numbers for people: thousands, sizes, durations; and text in lines of a width.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plmm::terminal {

/// "98,362,432"
std::string thousands(std::uint64_t n);
/// "1 passage", "1,204 passages"
std::string count_text(std::uint64_t n, std::string_view noun);
/// "491 MB": decimal units, three digits at most before them.
std::string size_text(std::uint64_t bytes);
/// "0.9 s", "41 s", "3 min 05 s"
std::string duration_text(double seconds);

/// A word of a command line as a shell takes it: in quotes where it needs them.
std::string shell_word(std::string_view word);

/// Breaks `text` at spaces into lines of at most `width` columns, each after `indent` spaces;
/// newlines in the text stay.
std::string wrap(std::string_view text, std::size_t indent, std::size_t width = 80);

/// The number of an id as lists print it; nothing for other text.
std::optional<std::int64_t> id_in(std::string_view text);

/// Columns that the text takes when every code point is one wide.
std::size_t columns(std::string_view utf8);
/// The text and spaces up to `width` columns.
std::string padded(std::string_view utf8, std::size_t width);

}  // namespace plmm::terminal
