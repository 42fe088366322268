// plmm doctor: what this machine has and lacks, and the command that mends each lack.
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "apps/plmm/adapter.h"
#include "apps/plmm/context.h"
#include "apps/plmm/prefixes.h"
#include "apps/plmm/running_model.h"
#include "apps/plmm/terminal/format.h"
#include "base/cpu.h"
#include "base/file.h"
#include "catalog/catalog.h"
#include "catalog/process.h"
#include "infer/prefix_snapshots.h"
#include "kernel/dispatch.h"
#include "model/packed_file.h"

namespace plmm::cli {
namespace {

namespace fs = std::filesystem;

enum class Level : std::uint8_t { ok, warn, fail };

struct Finding {
  std::string subject;  // "cpu"
  Level level = Level::ok;
  std::string what;
  std::string mend;  // a command; empty when there is nothing to mend
};
using Findings = std::vector<Finding>;

std::string_view name(Level level) {
  switch (level) {
    case Level::ok:
      return "ok";
    case Level::warn:
      return "warn";
    case Level::fail:
      return "fail";
  }
  return "";
}

void check_cpu(const Context& context, Findings& out) {
  const std::string features = feature_text(detect_cpu());
  out.push_back({"cpu", Level::ok,
                 fmt::format("{}, {} cores: {}", cpu_name(), ::sysconf(_SC_NPROCESSORS_ONLN),
                             features.empty() ? "no vector extensions we know" : features),
                 ""});
  std::string tiers;
  for (const auto* kernels : kernel::available_kernels()) {
    tiers += fmt::format("{}{}", tiers.empty() ? "" : ", ", kernels->name);
  }
  const auto& wanted = context.settings.text("cpu");
  const auto* chosen = kernel::find_kernels(wanted);
  if (chosen == nullptr) {
    out.push_back({"kernels", Level::fail,
                   fmt::format("'{}' does not run here; these do: {}", wanted, tiers),
                   "plmm config unset cpu"});
  } else if (chosen->name == "reference") {
    out.push_back(
        {"kernels", Level::warn,
         "reference: correct but slow; this CPU has none of the faster ones, or cpu is set",
         wanted.empty() ? "" : "plmm config unset cpu"});
  } else {
    out.push_back(
        {"kernels", Level::ok, fmt::format("{} in use; available: {}", chosen->name, tiers), ""});
  }
}

/// Bytes that a program can have without swapping; 0 when the system does not say.
std::uint64_t available_memory() {
  std::ifstream info("/proc/meminfo");
  for (std::string key; info >> key;) {
    std::uint64_t kilobytes = 0;
    if (key == "MemAvailable:" && info >> kilobytes) return kilobytes * 1024;
    info.ignore(4096, '\n');
  }
  return 0;
}

void check_memory(const Context& context, Findings& out) {
  const std::uint64_t available = available_memory();
  const auto& model = context.settings.text("model");
  const auto* entry = catalog::find(model);
  // Packed weights, cache and scratch together stay below twice the file.
  const std::uint64_t needed = entry != nullptr ? 2 * entry->bytes : 0;
  const auto text = fmt::format("{} available", terminal::size_text(available));
  if (available > 0 && available < needed) {
    out.push_back({"memory", Level::warn,
                   fmt::format("{}; {} may need {}", text, model, terminal::size_text(needed)),
                   "plmm config set model smollm2-135m"});
  } else {
    out.push_back({"memory", Level::ok, text, ""});
  }
}

/// The folder itself or the nearest one above it that exists.
fs::path existing_above(fs::path folder) {
  std::error_code failed;
  while (!fs::exists(folder, failed) && folder.has_parent_path() &&
         folder != folder.parent_path()) {
    folder = folder.parent_path();
  }
  return folder;
}

void check_disk(const Context& context, Findings& out) {
  const auto models = context.settings.models();
  const auto folder = existing_above(models);
  const auto shown = files::shorten_home(models, context.paths.home);
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    out.push_back({"models_dir", Level::fail, fmt::format("{} cannot be written", shown),
                   fmt::format("chmod u+rwx '{}'", folder.string())});
  }
  struct statvfs info{};
  if (::statvfs(folder.c_str(), &info) != 0) {
    out.push_back(
        {"disk", Level::warn, fmt::format("{}: the free space cannot be read", shown), ""});
    return;
  }
  const std::uint64_t available = std::uint64_t{info.f_bavail} * info.f_frsize;
  constexpr std::uint64_t kEnough = 1'000'000'000;  // the default model while it is put together
  const bool enough = available >= kEnough;
  out.push_back({"disk", enough ? Level::ok : Level::warn,
                 fmt::format("{} free in {}", terminal::size_text(available), shown),
                 enough ? "" : "plmm rm NAME  (plmm ls shows what is here)"});
}

void check_models(const Context& context, Findings& out) {
  const auto models = context.settings.models();
  for (const auto& entry : catalog::entries()) {
    if (catalog::resolve(entry.name, models)) {
      out.push_back(
          {"model", Level::ok,
           fmt::format("{}, {}", entry.name, terminal::size_text(catalog::total_bytes(entry))),
           ""});
      continue;
    }
    std::error_code failed;
    const auto bytes = fs::file_size(models / entry.file, failed);
    if (failed) continue;
    out.push_back({"model", Level::fail,
                   fmt::format("{} has {} bytes, it should have {}", entry.file,
                               terminal::thousands(bytes), terminal::thousands(entry.bytes)),
                   fmt::format("plmm rm {} && plmm pull {}", entry.name, entry.name)});
  }
  const auto& wanted = context.settings.text("model");
  if (!catalog::resolve(wanted, models)) {
    const bool known = catalog::find(wanted) != nullptr;
    out.push_back({"model", Level::warn,
                   fmt::format("{} (the model that would answer) is not here", wanted),
                   known ? fmt::format("plmm pull {}", wanted) : "plmm config unset model"});
  }
}

void check_adapter(const Context& context, Findings& out) {
  const auto& wanted = context.settings.text("adapter");
  if (wanted.empty()) return;
  const auto choice = adapter_choice(wanted, context.paths.home);
  std::error_code failed;
  if (!choice || !fs::exists(choice->path, failed)) {
    out.push_back({"adapter", Level::fail, "what the setting adapter names is not there",
                   "plmm config unset adapter"});
    return;
  }
  out.push_back({"adapter", Level::ok,
                 fmt::format("{} at {:g} times, in chat and ask",
                             files::shorten_home(choice->path, context.paths.home), choice->scale),
                 ""});
}

void check_config(const Context& context, Findings& out) {
  const auto& path = context.paths.config_file;
  const auto shown = files::shorten_home(path, context.paths.home);
  const auto settings =
      Settings::resolve(context.paths, context.environment, context.arguments.flags());
  if (!settings) {
    out.push_back({"config", Level::fail, settings.error().what,
                   fmt::format("${{EDITOR:-vi}} '{}'", path.string())});
    return;
  }
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    out.push_back(
        {"config", Level::ok, fmt::format("{} does not exist: defaults hold", shown), ""});
  } else if ((info.st_mode & 022) != 0) {
    out.push_back({"config", Level::warn, fmt::format("{} can be changed by others", shown),
                   fmt::format("chmod go-w '{}'", path.string())});
  } else {
    out.push_back({"config", Level::ok, shown, ""});
  }
}

void check_history(const Context& context, Findings& out) {
  const auto& path = context.paths.history_file;
  struct stat info{};
  const auto shown = files::shorten_home(path, context.paths.home);
  if (::stat(path.c_str(), &info) != 0) {
    out.push_back({"history", Level::ok,
                   context.settings.boolean("history") ? "nothing typed yet" : "turned off", ""});
  } else if ((info.st_mode & 077) != 0) {
    out.push_back({"history", Level::fail, fmt::format("{} can be read by others", shown),
                   fmt::format("chmod 600 '{}'", path.string())});
  } else {
    out.push_back({"history", Level::ok, fmt::format("{}, readable by you only", shown), ""});
  }
}

void check_kept(const Context& context, Findings& out) {
  infer::SnapshotSizes total;
  for (const auto of : {PrefixesOf::own, PrefixesOf::experts}) {
    const auto sizes = infer::snapshot_sizes(prefix_folder(context.paths, of));
    total.n_files += sizes.n_files;
    total.bytes += sizes.bytes;
  }
  const bool on = context.settings.boolean("prefix_store");
  out.push_back(
      {"prefixes", Level::ok,
       fmt::format("{}, {} stored, {}, sealed, in {}", on ? "kept" : "turned off", total.n_files,
                   terminal::size_text(total.bytes),
                   files::shorten_home(context.paths.cache / "prefixes", context.paths.home)),
       ""});
}

void check_packed(const Context& context, Findings& out) {
  const auto folder = packed_folder(context.paths);
  const auto sizes = model::packed_sizes(folder);
  const bool on = context.settings.boolean("packed_weights");
  std::string text =
      fmt::format("{}, {} model{}, {}, in {}", on ? "kept" : "turned off", sizes.n_files,
                  sizes.n_files == 1 ? "" : "s", terminal::size_text(sizes.bytes),
                  files::shorten_home(folder, context.paths.home));
  if (sizes.n_files > 0)
    text += fmt::format("; to free that: rm -r {}", terminal::shell_word(folder.string()));
  out.push_back({"packed", Level::ok, text, ""});
}

void check_python(Findings& out) {
  const auto python = catalog::find_program("python3");
  if (!python) {
    out.push_back({"python", Level::warn, "python3 is not here: models cannot be pulled by name",
                   "apt-get install python3 python3-pip"});
    return;
  }
  // Debian, user and virtual environment keep pip in different places; asking it costs a third of a
  // second.
  auto child = catalog::Child::start({*python, {"-m", "pip", "--version"}, {}, "/", "/dev/null"});
  std::optional<int> status;
  if (child) {
    while (!(status = child->poll())) ::usleep(10'000);
  }
  if (status == 0) {
    out.push_back({"python", Level::ok, fmt::format("{} with pip", python->string()), ""});
  } else {
    out.push_back({"python", Level::warn, "pip is not here: models cannot be pulled by name",
                   "apt-get install python3-pip"});
  }
}

Findings examine(const Context& context) {
  Findings out;
  out.push_back({"version", Level::ok,
                 fmt::format("plmm {}, g++ {}, fmt {}, CLI11 {}", PLMM_VERSION, __VERSION__,
                             FMT_VERSION / 10000, command::parser_version()),
                 ""});
  check_cpu(context, out);
  check_memory(context, out);
  check_disk(context, out);
  check_models(context, out);
  check_adapter(context, out);
  check_config(context, out);
  check_history(context, out);
  check_kept(context, out);
  check_packed(context, out);
  check_python(out);
  return out;
}

}  // namespace

Result<ExitCode> run_doctor(Context& context) {
  const auto findings = examine(context);
  auto json = nlohmann::ordered_json::array();
  std::string table;
  bool failed = false;
  for (const auto& f : findings) {
    failed = failed || f.level == Level::fail;
    json.push_back(
        {{"subject", f.subject}, {"level", name(f.level)}, {"what", f.what}, {"mend", f.mend}});
    table +=
        fmt::format("{}{}", terminal::padded(name(f.level), 6), terminal::padded(f.subject, 12)) +
        terminal::wrap(f.what, 18).substr(18);
    if (!f.mend.empty()) table += fmt::format("{}mend: {}\n", std::string(18, ' '), f.mend);
  }
  if (context.arguments.has("--json")) {
    context.console.data(
        json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
  } else {
    context.console.answer(table);
  }
  return failed ? ExitCode::failed : ExitCode::ok;
}

}  // namespace plmm::cli
