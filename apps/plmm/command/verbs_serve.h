// The verb of a ledger and the options of whoever serves others; part of the table of verbs.h.
#pragma once

#include "apps/plmm/command/verbs.h"

namespace plmm::command {

Verb ledger_verb();

Option port_option();
Option listen_option();

}  // namespace plmm::command
