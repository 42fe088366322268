// The first time somebody opens the chat: what is kept and where, and what they want to be called.
#pragma once

#include <optional>
#include <string>

#include "apps/plmm/context.h"
#include "apps/plmm/terminal/line_editor.h"

namespace plmm::cli {

/// Whether this is it: nothing was kept yet, and this conversation may keep something.
bool is_first_run(const Context& context);

/// What came of asking.
struct FirstRun {
  bool leaves = false;                    // Ctrl-D or Ctrl-C in place of an answer
  std::optional<std::string> first_turn;  // more than a name: also for the model
};
/// Shows one screen, asks for a name and keeps it in the profile; an empty line leaves it open.
/// Either way nobody is asked again. When the
/// vault cannot be written, that is said and the conversation goes on without.
FirstRun welcome(Context& context, terminal::LineEditor& editor);

}  // namespace plmm::cli
