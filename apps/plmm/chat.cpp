// Turns and commands of a chat; see chat.h.
#include "apps/plmm/chat.h"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "apps/plmm/adapter.h"
#include "apps/plmm/files/chat_file.h"
#include "apps/plmm/own_adapter.h"
#include "apps/plmm/speculation.h"
#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/signals.h"
#include "apps/plmm/terminal/suggest.h"
#include "base/file.h"

namespace plmm::cli {
namespace {

// What can change between two answers; the rest is decided when a model is loaded.
constexpr std::array<std::string_view, 8> kChangeable{
    "temperature", "top_k", "top_p", "min_p", "repeat_penalty", "seed", "max_tokens", "certainty"};

struct Words {
  std::string_view first;
  std::string_view rest;
};

Words split_first(std::string_view line) {
  const auto stop = line.find_first_of(" \t");
  if (stop == std::string_view::npos) return {line, {}};
  const auto rest = line.substr(stop);
  const auto begin = rest.find_first_not_of(" \t");
  auto tail = begin == std::string_view::npos ? std::string_view() : rest.substr(begin);
  while (tail.ends_with(' ') || tail.ends_with('\t')) tail.remove_suffix(1);
  return {line.substr(0, stop), tail};
}

}  // namespace

Chat::Chat(Context& context, RunningModel model, ExpertDesk::ReadLine read_line)
    : context_(context),
      desk_(context, std::move(read_line)),
      remembering_(context, desk_),
      profile_(pinned_profile(context, desk_)),
      instruction_(context.settings.text("system")) {
  use_own_adapter(context_, desk_, model);
  adopt(std::move(model));
}

void Chat::set_instruction(std::string text) {
  instruction_ = std::move(text);
  conversation_->set_system(system_text(profile_.text, instruction_));
}

void Chat::adopt(RunningModel model) {
  std::vector<text::Message> messages;
  if (conversation_) messages = conversation_->messages();
  conversation_.reset();
  draft_ = std::move(model.draft);
  engine_ = std::move(model.engine);
  conversation_.emplace(*engine_, std::move(model.session));
  set_instruction(std::move(instruction_));
  conversation_->set_messages(std::move(messages));
  model_name_ = std::move(model.name);
  load_s_ = model.load_s;
  last_.reset();
}

Result<Chat::Turn> Chat::answer_here(personal::Route route, std::string_view text, Labels labels) {
  auto& console = context_.console;
  const auto label = label_of("plmm", labels);
  bool line_open = !label.empty();
  const terminal::HiddenTyping hidden;
  console.draw(label);  // at once: something moves while the prompt is read
  auto answer = conversation_->say(
      text, generate_options(context_.settings),
      [&](std::string_view piece) {
        if (piece.empty()) return;
        console.answer(piece);
        line_open = !piece.ends_with('\n');
        if (console.output_closed()) terminal::interrupt().request();
      },
      terminal::interrupt());
  const bool nothing_said = !answer || answer->generation.text.empty();
  if (line_open && nothing_said) console.draw("\n");
  if (line_open && !nothing_said) console.data("\n");
  if (!answer) return std::unexpected(std::move(answer).error());
  last_ = std::move(*answer);
  report(*last_);
  show_cited(context_.console, recalled_.cited);
  desk_.answered_here(std::move(route), profile_, std::move(recalled_.turns),
                      std::move(recalled_.places));
  recalled_ = {};
  if (last_->generation.stop != infer::StopReason::cancelled) return Turn::answered;
  terminal::interrupt().reset();
  return Turn::stopped;
}

void Chat::report(const infer::Answer& answer) {
  auto& console = context_.console;
  if (answer.n_turns_dropped > 0) {
    console.note(
        Paint::quiet,
        fmt::format("(the context is full: the {} oldest turn{} left out of it)",
                    answer.n_turns_dropped, answer.n_turns_dropped == 1 ? " was" : "s were"));
  }
  if (answer.generation.stop == infer::StopReason::end_of_turn && answer.generation.text.empty()) {
    console.note(Paint::quiet, "(the model had nothing to say)");
  }
  if (answer.generation.stop == infer::StopReason::length) {
    console.note(Paint::quiet, fmt::format("(cut at {} tokens: /set max_tokens N changes that)",
                                           answer.generation.tokens.size()));
  }
  if (answer.generation.stop == infer::StopReason::context_full) {
    console.note(Paint::quiet, "(cut: the context is full; /clear begins anew)");
  }
}

bool Chat::is_command(std::string_view line) {
  const auto word = split_first(line).first;
  if (word == "/quit") return true;
  for (const auto& command : command::chat_commands()) {
    if (command.name == word) return true;
  }
  return false;
}

Chat::After Chat::command(std::string_view line, Labels labels) {
  const auto [name, argument] = split_first(line);
  if (name == "/exit" || name == "/quit") return After::leave;
  if (auto done = run_command(name, argument, labels); !done) context_.console.error(done.error());
  return After::go_on;
}

Result<> Chat::run_command(std::string_view name, std::string_view argument, Labels labels) {
  if (name == "/help") return help(), Result<>();
  if (name == "/clear") {
    conversation_->clear();
    context_.console.note("the conversation begins anew");
    return {};
  }
  if (name == "/ask") return ask_chosen(argument, labels);
  if (name == "/local") return answer_chosen(argument, labels);
  if (name == "/image") return ask_about_picture(argument, labels);
  if (name == "/correct") return correct(argument);
  if (name == "/forget") return forget(argument);
  if (name == "/why") return why();
  if (name == "/system") return set_system(argument);
  if (name == "/save") return save(argument);
  if (name == "/load") return load(argument);
  if (name == "/model") return change_model(argument);
  if (name == "/set") return set(argument);
  if (name == "/stats") return stats(), Result<>();
  std::vector<std::string_view> known;
  for (const auto& command : command::chat_commands()) known.push_back(command.name);
  const auto near = terminal::nearest(name, known);
  return fail(
      ErrorCode::invalid_argument,
      fmt::format("there is no command '{}'.{} /help lists them; a space before / makes it text",
                  name, near.empty() ? std::string() : fmt::format(" Did you mean '{}'?", near)));
}

void Chat::help() {
  for (const auto& command : command::chat_commands()) {
    const auto term = fmt::format("  {} {}", command.name, command.argument);
    context_.console.draw(terminal::padded(term, 20) + terminal::wrap(command.help, 20).substr(20));
  }
  context_.console.draw(
      "  a line ending in \\ goes on in the next; \"\"\" opens and closes a block of lines\n"
      "  Ctrl-C stops an answer, Ctrl-D leaves\n");
}

/// What leads the conversation, in words: the person's instruction, the model's own, or none.
std::string Chat::instruction() const {
  if (!instruction_.empty()) return instruction_;
  if (!profile_.text.empty()) return "your profile leads it (plmm profile show)";
  const auto& own = engine_->default_system();
  return own.empty() ? "there is no instruction" : "the model's own instruction holds: " + own;
}

Result<> Chat::set_system(std::string_view text) {
  if (text == "\"\"") {
    set_instruction({});
    context_.console.note("yours is removed; " + instruction());
  } else if (text.empty()) {
    context_.console.note(instruction());
  } else {
    set_instruction(std::string(text));
    context_.console.note("the instruction holds from the next turn on");
  }
  return {};
}

Result<> Chat::save(std::string_view file) {
  if (file.empty()) return fail(ErrorCode::invalid_argument, "where to? /save FILE");
  const auto path = files::expand_home(file, context_.paths.home);
  const files::SavedChat chat{model_name_, instruction_, conversation_->messages()};
  TRY(write_file_atomically(path, files::to_json(chat)));
  context_.console.note(
      fmt::format("{} turns saved to {}", chat.messages.size() / 2, path.string()));
  return {};
}

Result<> Chat::load(std::string_view file) {
  if (file.empty()) return fail(ErrorCode::invalid_argument, "from where? /load FILE");
  const auto path = files::expand_home(file, context_.paths.home);
  auto chat = TRY(files::parse_chat(TRY(read_file(path, files::kChatBytesMax)), path.string()));
  const auto n_turns = chat.messages.size() / 2;
  set_instruction(std::move(chat.system));
  conversation_->set_messages(std::move(chat.messages));
  context_.console.note(
      fmt::format("{} turns loaded", n_turns) +
      (chat.model == model_name_ ? "" : fmt::format(" (held with {})", chat.model)));
  return {};
}

Result<> Chat::change_model(std::string_view name) {
  if (name.empty()) {
    context_.console.note(model_name_);
    return {};
  }
  const std::string wanted(name);
  // The old model stays loaded until the new one is: a failure changes nothing.
  auto model = TRY(load_model(context_, wanted));
  TRY(apply_adapter(context_, model));
  TRY(use_speculation(context_, model));
  use_own_adapter(context_, desk_, model);
  adopt(std::move(model));
  context_.console.note(fmt::format("{} answers from now on", model_name_));
  return {};
}

Result<> Chat::set(std::string_view argument) {
  const auto [key, value] = split_first(argument);
  if (key.empty()) {
    for (const auto changeable : kChangeable) {
      context_.console.note(fmt::format("  {} {}", terminal::padded(changeable, 15),
                                        context_.settings.text(changeable)));
    }
    return {};
  }
  const command::Setting* setting = command::find_setting(key);
  if (setting == nullptr) {
    const auto near = terminal::nearest(key, kChangeable);
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("there is no setting '{}'.{} /set lists them", key,
                    near.empty() ? std::string() : fmt::format(" Did you mean '{}'?", near)));
  }
  bool changeable = false;
  for (const auto one : kChangeable) changeable = changeable || one == key;
  if (!changeable) {
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("{} cannot change during a chat; start again with {}", key, setting->flag));
  }
  if (!value.empty()) TRY(context_.settings.set(key, value));
  context_.console.note(fmt::format("{} = {}", key, context_.settings.text(key)));
  return {};
}

std::string Chat::speed() const {
  if (!last_) return {};
  const auto& generation = last_->generation;
  const auto first = fmt::format("first token after {:.2f} s", generation.prompt_s);
  const double rate = tokens_per_s(generation);
  return rate > 0 ? fmt::format("{:.1f} tokens/s, {}", rate, first) : first;
}

void Chat::stats() {
  auto& console = context_.console;
  console.note(fmt::format("model     {} ({} kernels), loaded in {}", model_name_, engine_->tier(),
                           terminal::duration_text(load_s_)));
  console.note(fmt::format("context   {} of {} tokens",
                           terminal::thousands(conversation_->session().tokens().size()),
                           terminal::thousands(static_cast<std::uint64_t>(n_context()))));
  if (!last_) {
    console.note("answer    none yet");
    return;
  }
  const auto& generation = last_->generation;
  console.note(fmt::format("prompt    {} tokens, {} of them kept from before", generation.n_prompt,
                           generation.n_prompt_reused));
  console.note(fmt::format("answer    {} tokens, {}", generation.tokens.size(), speed()));
  if (context_.settings.text("speculation") == "off") return;
  console.note(
      fmt::format("guesses   {} of {} came true", generation.n_accepted, generation.n_proposed));
}

}  // namespace plmm::cli
