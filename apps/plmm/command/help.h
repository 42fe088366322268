// The texts of --help, for a width of 80 columns.
#pragma once

#include <string>

#include "apps/plmm/command/verbs.h"

namespace plmm::command {

/// The page of `plmm --help`.
std::string overview_help();
/// The page of `plmm VERB --help`.
std::string verb_help(const Verb& verb);

/// "plmm ask [options] [QUESTION...]"
std::string synopsis(const Verb& verb);
/// "--top-k N"; with its short form where it has one.
std::string option_term(const Option& option);
/// The help of an option with its default and where else it can be set.
std::string option_text(const Option& option);

}  // namespace plmm::command
