// How mail writes bytes and characters: quoted-printable, base64 and character sets.
#pragma once

#include <string>
#include <string_view>

namespace plmm::reader {

/// What cannot be decoded stays as it is.
std::string decode_quoted_printable(std::string_view text);
/// Characters that are no base64 are passed over; ends at the first '='.
std::string decode_base64(std::string_view text);
/// `charset` in any case, such as "ISO-8859-1". Of a set that is not known ASCII is kept, and the
/// rest becomes '?'; what claims UTF-8 and is not, counts as Windows-1252.
std::string utf8_from(std::string_view charset, std::string_view bytes);

}  // namespace plmm::reader
