// What a terminal may be given of text that comes from outside: a model, a file, the network.
#pragma once

#include <string>
#include <string_view>

namespace plmm::terminal {

/// The text without anything that drives a terminal: C0 and C1 control characters but newline and
/// tab (so no escape sequence survives as one), DEL, and the marks that reorder what is read
/// (bidirectional overrides and isolates). Broken UTF-8 becomes U+FFFD, because a lone byte 0x9B is
/// an escape on some terminals. Works piece by piece as long as no piece ends inside a character.
std::string printable(std::string_view text);

}  // namespace plmm::terminal
