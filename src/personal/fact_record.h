// Facts of the profile as records of the vault. docs/formats/vault.md.
#pragma once

#include <span>
#include <vector>

#include "personal/profile.h"
#include "personal/vault.h"

namespace plmm::personal {

Personal<std::string> encode_fact(const Fact& fact);
/// corrupt_data, or unsupported for a record of a newer program.
Result<Fact> decode_fact(const Record& record);

/// In the order of kSlots, and within one by rising id.
Result<std::vector<Fact>> decode_facts(std::span<const Record> records);
Result<std::vector<Fact>> read_facts(Edit& edit);

}  // namespace plmm::personal
