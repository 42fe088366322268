// The personal adapter, as chats use it and as it goes when what it learnt from is forgotten.
#pragma once

#include <cstdint>
#include <span>

#include "apps/plmm/context.h"
#include "apps/plmm/expert_desk.h"
#include "apps/plmm/running_model.h"
#include "personal/profile.h"

namespace plmm::cli {

/// Puts the newest version that was learnt on this very model before its session; the desk names it
/// in `why`. Not with an adapter of the setting (or "none"), nor incognito. What goes wrong is
/// said, and the conversation goes on with the model alone. `desk` has the vault.
void use_own_adapter(Context& context, ExpertDesk& desk, RunningModel& model);

/// Before records of the vault are forgotten: versions that learnt from one of them go, and that is
/// said.
Result<> forget_learnt(Context& context, personal::Vault& vault, std::span<const std::int64_t> ids);
/// The same before facts of the profile are forgotten: what was said of them in a turn was learnt.
Result<> forget_learnt(Context& context, personal::Vault& vault,
                       std::span<const personal::Fact> facts);

}  // namespace plmm::cli
