// Learning from a person's own turns, as `learn now` and `learn auto` do it.
#pragma once

#include <functional>
#include <string>

#include "apps/plmm/context.h"
#include "learn/material.h"
#include "learn/verdict.h"
#include "personal/vault.h"

namespace plmm::cli {

/// What the vault holds now.
Result<learn::Material> material_of(personal::Vault& vault);

std::string too_little_text(const learn::Material& material);
std::string figures_text(const learn::Figures& figures);

/// As --nice says. Before a model starts its threads, which inherit it.
void let_others_go_first(const Context& context);

/// Called between two pieces of work, each of a few seconds at most; it may take its time, and the
/// line that moves.
using Pause = std::function<void()>;

/// Loads the model, learns, tests, says what came of it, and keeps the adapter in the vault or
/// writes down that it was refused. `pause` may be empty. cancelled: everything is as it was.
Result<> learn_and_keep(Context& context, personal::Vault& vault, const learn::Material& material,
                        const Pause& pause);

}  // namespace plmm::cli
