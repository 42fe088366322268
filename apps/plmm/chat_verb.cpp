// plmm chat: where the lines come from (a terminal, a pipe, or the demonstration) and where the
// turns go.
#include <fmt/format.h>

#include <array>

#include "apps/plmm/adapter.h"
#include "apps/plmm/chat.h"
#include "apps/plmm/context.h"
#include "apps/plmm/demonstration.h"
#include "apps/plmm/first_run.h"
#include "apps/plmm/speculation.h"
#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/line_editor.h"
#include "apps/plmm/terminal/lines.h"
#include "apps/plmm/terminal/signals.h"
#include "apps/plmm/terminal/turn_reader.h"

namespace plmm::cli {
namespace {

/// A demonstration for somebody who gave no input: the model alone, then all parts together.
Result<ExitCode> demonstrate(Context& context, Chat& chat) {
  auto& console = context.console;
  chat.remember_nothing();
  console.data(fmt::format(
      "A short demonstration: {} answers on this machine ({} kernels), nothing leaves it.\n\n",
      chat.model_name(), chat.engine().tier()));
  constexpr std::array<std::string_view, 2> kQuestions{
      "Hello! I am Mira. In one sentence: what can you help me with?",
      "What is my name?",
  };
  for (const auto question : kQuestions) {
    console.data(fmt::format("you> {}\nplmm> ", question));
    if (TRY(chat.say(question, Chat::Labels::no)) == Chat::Turn::stopped)
      return ExitCode::interrupted;
    console.data(fmt::format("      {} tokens, {}\n\n", chat.last()->generation.tokens.size(),
                             chat.speed()));
    if (console.output_closed()) return ExitCode::ok;
  }
  const auto told = TRY(tell_story(context));
  if (told != ExitCode::ok || console.output_closed()) return told;
  console.data(
      "Now you: run plmm in a terminal, or  echo 'your question' | plmm.  All verbs: plmm "
      "--help\n");
  return ExitCode::ok;
}

/// Runs each line of a pipe as a turn. A turn that fails is reported, and the next one is tried.
Result<ExitCode> chat_from_pipe(Context& context, Chat& chat) {
  terminal::InputLines lines;
  ExitCode code = ExitCode::ok;
  bool any = false;
  for (;;) {
    auto line = TRY(lines.next());
    if (terminal::interrupt().requested()) return ExitCode::interrupted;
    if (!line && !any) return demonstrate(context, chat);
    any = true;
    if (!line || context.console.output_closed()) return code;
    const std::string text(terminal::trimmed(*line));
    if (text.empty()) continue;
    if (Chat::is_command(text)) {
      if (chat.command(text, Chat::Labels::no) == Chat::After::leave) return code;
    } else if (const auto said = chat.say(text, Chat::Labels::no); !said) {
      context.console.error(said.error());
      if (code == ExitCode::ok) code = terminal::exit_code_of(said.error().code);
    } else if (*said == Chat::Turn::stopped) {
      return ExitCode::interrupted;
    }
  }
}

/// The conversation on a terminal.
class TerminalChat {
 public:
  TerminalChat(Context& context, Chat& chat, terminal::LineEditor& editor)
      : context_(context), chat_(chat), editor_(&editor) {}

  /// `first_turn`: what was typed already.
  ExitCode run(const std::optional<std::string>& first_turn) {
    if (first_turn && take_line(*first_turn) == Chat::After::leave) return ExitCode::ok;
    for (;;) {
      const auto input = editor_->read(turn_.begun() ? "...> " : "you> ");
      if (input.end == terminal::InputEnd::end_of_input) return ExitCode::ok;
      if (input.end == terminal::InputEnd::interrupted) {
        if (interrupted(input.text)) return ExitCode::interrupted;
        continue;
      }
      stopped_once_ = false;
      if (take_line(input.text) == Chat::After::leave) return ExitCode::ok;
    }
  }

 private:
  /// Ctrl-C at the prompt drops what was typed; on an empty line the second one leaves. True:
  /// leave.
  bool interrupted(const std::string& typed) {
    terminal::interrupt().reset();
    const bool had_text = !typed.empty() || turn_.begun();
    turn_.forget();
    if (had_text) {
      stopped_once_ = false;
      return false;
    }
    if (stopped_once_) return true;
    stopped_once_ = true;
    context_.console.note(Paint::quiet, "(Ctrl-C again or Ctrl-D leaves)");
    return false;
  }

  Chat::After take_line(const std::string& line) {
    if (!terminal::trimmed(line).empty()) {
      if (const auto kept = editor_->remember(line); !kept && !history_failed_) {
        history_failed_ = true;
        context_.console.note(Paint::warning, "the history cannot be kept: " + kept.error().what);
      }
    }
    if (!turn_.add(line)) return Chat::After::go_on;
    const std::string text = turn_.take();
    if (terminal::trimmed(text).empty()) return Chat::After::go_on;
    if (text.starts_with('/')) return chat_.command(text, Chat::Labels::yes);
    answer(text);
    return Chat::After::go_on;
  }

  void answer(const std::string& text) {
    terminal::interrupt().reset();
    const auto said = chat_.say(text, Chat::Labels::yes);
    if (!said) {
      context_.console.error(said.error());
    } else if (*said == Chat::Turn::stopped) {
      stopped_once_ = true;
      context_.console.note(Paint::quiet, "(stopped; Ctrl-C again leaves)");
    }
  }

  Context& context_;
  Chat& chat_;
  terminal::LineEditor* editor_;
  terminal::TurnReader turn_;
  bool stopped_once_ = false;
  bool history_failed_ = false;
};

/// What a person should know before the first turn.
void greet(Context& context, Chat& chat) {
  auto& console = context.console;
  console.note(fmt::format("PLMM is ready: {}, {} kernels, context {} tokens.", chat.model_name(),
                           chat.engine().tier(),
                           terminal::thousands(static_cast<std::uint64_t>(chat.n_context()))));
  const auto experts = fmt::format("{}", fmt::join(chat.desk().names(), ", "));
  if (!experts.empty()) {
    console.note(
        fmt::format("Experts here: {}. You see what would leave for one before it does.", experts));
  }
  console.note(fmt::format(
      "Everything you type stays on this device{}.  /help lists commands, Ctrl-D leaves.\n",
      experts.empty() ? "" : " unless you say otherwise"));
}

}  // namespace

Result<ExitCode> run_chat(Context& context) {
  auto model = TRY(load_model(context, context.settings.text("model")));
  TRY(apply_adapter(context, model));
  TRY(use_speculation(context, model));
  if (!context.console.input_is_terminal()) {
    Chat chat(context, std::move(model), {});
    return chat_from_pipe(context, chat);
  }
  std::optional<std::filesystem::path> history;
  if (context.settings.boolean("history") && !is_incognito(context))
    history = context.paths.history_file;
  const auto editor = terminal::LineEditor::create(std::move(history), context.console);
  FirstRun first;
  if (is_first_run(context)) first = welcome(context, *editor);
  if (first.leaves) return ExitCode::ok;
  Chat chat(context, std::move(model),
            [&](std::string_view prompt) { return editor->read(prompt); });
  greet(context, chat);
  return TerminalChat(context, chat, *editor).run(first.first_turn);
}

}  // namespace plmm::cli
