// What every verb gets: the command line, the settings, the folders and the console.
#pragma once

#include "apps/plmm/command/arguments.h"
#include "apps/plmm/command/settings.h"
#include "apps/plmm/files/paths.h"
#include "apps/plmm/terminal/console.h"
#include "apps/plmm/terminal/exit_code.h"

namespace plmm::cli {

using command::Invocation;
using command::Settings;
using files::Environment;
using files::Paths;
using terminal::Console;
using terminal::ExitCode;
using terminal::Paint;

struct Context {
  const Invocation& arguments;
  Settings settings;
  const Paths& paths;
  const Environment& environment;
  Console& console;
};

/// Runs the program: `words` is the command line without the program's name.
ExitCode run(std::span<const std::string> words, const Environment& environment);

/// The verbs, one file each or a few of a kind.
Result<ExitCode> run_chat(Context& context);
Result<ExitCode> run_ask(Context& context);
Result<ExitCode> run_read(Context& context);
Result<ExitCode> run_pull(Context& context);
Result<ExitCode> run_ls(Context& context);
Result<ExitCode> run_rm(Context& context);
Result<ExitCode> run_show(Context& context);
Result<ExitCode> run_doctor(Context& context);
Result<ExitCode> run_bench(Context& context);
Result<ExitCode> run_config(Context& context);
Result<ExitCode> run_completion(Context& context);
Result<ExitCode> run_man(Context& context);
Result<ExitCode> run_version(Context& context);
Result<ExitCode> run_help(Context& context);
Result<ExitCode> run_profile(Context& context);
Result<ExitCode> run_memory(Context& context);
Result<ExitCode> run_outbox(Context& context);
Result<ExitCode> run_why(Context& context);
Result<ExitCode> run_wallet(Context& context);
Result<ExitCode> run_correct(Context& context);
Result<ExitCode> run_earn(Context& context);
Result<ExitCode> run_vault(Context& context);
Result<ExitCode> run_expert(Context& context);
Result<ExitCode> run_ledger(Context& context);
Result<ExitCode> run_teacher(Context& context);
Result<ExitCode> run_train(Context& context);
Result<ExitCode> run_learn(Context& context);
Result<ExitCode> run_quantize(Context& context);
Result<ExitCode> run_eval(Context& context);
Result<ExitCode> run_merge(Context& context);
Result<ExitCode> run_tokenize(Context& context);

}  // namespace plmm::cli
