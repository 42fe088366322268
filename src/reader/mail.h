// Mail as programs keep it: mbox files and single messages.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/result.h"
#include "reader/file_text.h"

namespace plmm::reader {

inline constexpr std::size_t kMailsMax = 100'000;  // of one file
inline constexpr std::size_t kMailHeaderBytesMax = 64
                                                   << 10;  // of one message; the rest is not read
inline constexpr int kMailPartDepthMax = 8;                // parts within parts

/// Whether bytes begin as an mbox does: "From …", then a line of a header.
bool is_mbox(std::string_view bytes);

/// A section for each message that has text: its subject as the title, then who wrote it and when,
/// then the first plain text of its parts, else the first HTML. Lines quoted of another mail (">
/// …") and what is attached are left out. UTF-8, ISO 8859-1, -15 and Windows-1252 are known; in
/// other character sets only ASCII is kept. limit_exceeded, cancelled.
///   bytes: an mbox, or one message as it is sent
Result<FileText> read_mail(std::string_view bytes, const Cancel& cancel);

/// "=?utf-8?Q?f=C3=BCr?=" → "für"; what is no such word stays.
std::string decode_words(std::string_view header);

}  // namespace plmm::reader
