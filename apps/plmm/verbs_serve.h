// The verb of a ledger and the options of whoever serves others; part of the table of verbs.h.
#pragma once

#include "apps/plmm/verbs.h"

namespace plmm::cli {

Verb ledger_verb();

Option port_option();
Option listen_option();

}  // namespace plmm::cli
