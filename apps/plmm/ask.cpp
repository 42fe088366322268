// plmm ask: one question, one answer.
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "apps/plmm/adapter.h"
#include "apps/plmm/context.h"
#include "apps/plmm/expert_desk.h"
#include "apps/plmm/own_adapter.h"
#include "apps/plmm/own_data.h"
#include "apps/plmm/picture.h"
#include "apps/plmm/remembering.h"
#include "apps/plmm/running_model.h"
#include "apps/plmm/speculation.h"
#include "apps/plmm/terminal/signals.h"

namespace plmm::cli {
namespace {

constexpr std::size_t kInputBytesMax = 16 * 1024 * 1024;  // no model's context holds more
constexpr int kPatience_ms = 2000;  // then a person is told what is waited for

/// All of standard input; empty when it is a terminal.
Result<std::string> read_input(Console& console) {
  std::string out;
  if (console.input_is_terminal()) return out;
  bool told = false;
  char buffer[1 << 16];
  for (;;) {
    pollfd ready{STDIN_FILENO, POLLIN, 0};
    const int n = ::poll(&ready, 1, told ? -1 : kPatience_ms);
    if (terminal::interrupt().requested()) return fail(ErrorCode::cancelled, "stopped");
    if (n == 0) {
      console.note(
          "waiting for the end of standard input (to go without it: plmm ask '...' < /dev/null)");
      told = true;
    }
    if (n <= 0) continue;
    const ssize_t got = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) return out;  // an unreadable standard input is an empty one
    if (out.size() + static_cast<std::size_t>(got) > kInputBytesMax) {
      return fail(ErrorCode::invalid_argument, "standard input is longer than 16 MiB");
    }
    out.append(buffer, static_cast<std::size_t>(got));
  }
}

/// The words of the command line, and standard input behind them.
Result<std::string> question(const Context& context) {
  std::string out;
  for (const auto& word : context.arguments.list("QUESTION"))
    out += (out.empty() ? "" : " ") + word;
  auto input = TRY(read_input(context.console));
  while (input.ends_with('\n')) input.pop_back();
  if (!out.empty() && !input.empty()) out += "\n\n";
  out += input;
  if (out.empty() && context.arguments.has("--image")) return out;  // a picture has its own
  if (out.empty())
    return fail(ErrorCode::invalid_argument, "there is no question. Run: plmm ask 'your question'");
  return out;
}

Result<infer::Generation> continue_text(RunningModel& model, const std::string& prompt,
                                        const infer::GenerateOptions& options,
                                        const infer::OnText& on_text) {
  const auto& tokenizer = model.engine->tokenizer();
  auto ids = tokenizer.encode(prompt, text::Special::plain);
  if (tokenizer.add_bos() && tokenizer.bos()) ids.insert(ids.begin(), *tokenizer.bos());
  return model.session.generate(ids, options, on_text, terminal::interrupt());
}

struct Answered {
  infer::Generation generation;
  std::vector<std::string> cited;  // places of the person's documents, that were read for it
};

Result<Answered> answer(Context& context, RunningModel& model, const std::string& prompt,
                        const infer::OnText& on_text) {
  auto options = generate_options(context.settings);
  options.stop = context.arguments.list("--stop");
  if (context.arguments.has("--raw"))
    return Answered{TRY(continue_text(model, prompt, options, on_text)), {}};
  ExpertDesk desk(context, {});
  const auto profile = pinned_profile(context, desk);
  use_own_adapter(context, desk, model);
  infer::Conversation conversation(*model.engine, std::move(model.session));
  conversation.set_system(system_text(profile.text, context.settings.text("system")));
  Remembering remembering(context, desk);
  if (context.arguments.has("--image")) remembering.stop();  // the text of a picture is not said
  auto note = remembering.recall(prompt);
  conversation.set_note(note.text.reveal(Purpose::prompt));
  auto said = TRY(conversation.say(prompt, options, on_text, terminal::interrupt()));
  desk.answered_here(personal::route_chosen({}, {}), profile, std::move(note.turns),
                     std::move(note.places));
  if (said.generation.stop != infer::StopReason::cancelled)
    remembering.keep(prompt, said.generation.text, {});
  return Answered{std::move(said.generation), std::move(note.cited)};
}

void print_json(Console& console, const RunningModel& model, const Answered& answered) {
  const auto& generation = answered.generation;
  const nlohmann::ordered_json out{
      {"model", model.name},
      {"text", generation.text},
      {"stop", name(generation.stop)},
      {"tokens", generation.tokens},
      {"n_tokens", generation.tokens.size()},
      {"n_prompt_tokens", generation.n_prompt},
      {"n_tokens_proposed", generation.n_proposed},
      {"n_tokens_accepted", generation.n_accepted},
      {"documents", answered.cited},
      {"timings",
       {{"load_s", model.load_s},
        {"first_token_s", generation.prompt_s},
        {"decode_s", generation.decode_s},
        {"tokens_per_s", tokens_per_s(generation)}}},
  };
  console.data(out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

}  // namespace

Result<ExitCode> run_ask(Context& context) {
  auto& console = context.console;
  const auto pictures = TRY(read_pictures(context, context.arguments.list("--image")));
  auto prompt = TRY(question(context));
  if (context.arguments.has("--expert")) {
    if (!pictures.empty()) prompt = picture_question(context, pictures, prompt);
    return ask_expert(context, prompt);
  }
  auto model = TRY(load_model(context, context.settings.text("model")));
  TRY(apply_adapter(context, model));
  TRY(use_speculation(context, model));
  if (!pictures.empty())
    prompt = picture_turn(context, pictures, prompt, *model.engine, model.session.n_context());
  const bool json = context.arguments.has("--json");
  bool line_open = false;
  const auto answered = TRY(answer(context, model, prompt, [&](std::string_view piece) {
    if (json || piece.empty()) return;
    console.answer(piece);
    line_open = !piece.ends_with('\n');
    if (console.output_closed()) terminal::interrupt().request();
  }));
  const auto& generation = answered.generation;
  if (json) print_json(console, model, answered);
  if (line_open) console.data("\n");
  if (!json) show_cited(console, answered.cited);
  if (generation.stop == infer::StopReason::cancelled) return ExitCode::interrupted;
  if (generation.stop == infer::StopReason::length && !json) {
    console.note(Paint::quiet, fmt::format("(cut at {} tokens; --max-tokens changes that)",
                                           generation.tokens.size()));
  }
  if (generation.stop == infer::StopReason::context_full && !json) {
    console.note(Paint::quiet, "(the context is full; --context changes that)");
  }
  return ExitCode::ok;
}

}  // namespace plmm::cli
