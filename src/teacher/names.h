// Other names of a thing: what a text explains by brackets and initials.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "teacher/words.h"

namespace plmm::teacher {

/// Whether a name stands for words: "ODBC" for "Open DataBase Connectivity", "M-JPEG" for "Motion
/// JPEG". Its letters are, in their order, first letters, capitals or digits of the words, or go on
/// from one of these; each word of four letters or more has one.
bool stands_for(std::string_view name, std::string_view words);

/// What the passage calls `name` too: in brackets beside it ("File Transfer Protocol (FTP)"), in
/// its title, or in the line that it begins with; only where one stands for the other. None twice.
std::vector<std::string> other_names(std::string_view name, const Passage& passage);

}  // namespace plmm::teacher
