// The table of settings and the order of precedence.
#include "apps/plmm/command/settings.h"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "apps/plmm/terminal/suggest.h"
#include "base/check.h"
#include "base/file.h"

namespace plmm::command {
namespace {

constexpr double kContextMax = 1 << 20;  // tokens; far above any model we run
constexpr std::array kTable{
    Setting{"model",
            "--model",
            {Kind::model, "NAME|FILE", "qwen2.5-coder-0.5b"},
            "the model that answers: a name of `plmm ls` or a GGUF file"},
    Setting{"adapter",
            "--adapter",
            {Kind::text, "FOLDER|FILE", ""},
            "answer with what was trained (plmm train lora); =SCALE behind it: 0 to 4 times; "
            "left out: with what plmm learn has learnt; none: without that too"},
    Setting{"threads",
            "--threads",
            {Kind::integer, "N", "0", 0, 1024},
            "threads that compute; 0: one per core"},
    Setting{"cpu",
            "--cpu",
            {Kind::text, "TIER", ""},
            "kernels to use (`plmm doctor` lists them); empty: the best this CPU has"},
    Setting{"context",
            "--context",
            {Kind::integer, "N", "0", 0, kContextMax},
            "tokens the model remembers; 0: the model's own limit, at most 8,192"},
    Setting{"temperature",
            "--temperature",
            {Kind::real, "X", "0", 0, 10},
            "how freely words are chosen; 0: the likeliest after the repeat penalty"},
    Setting{"top_k",
            "--top-k",
            {Kind::integer, "N", "40", 0, 1e6},
            "choose among the N likeliest; 0: all"},
    Setting{"top_p",
            "--top-p",
            {Kind::real, "P", "0.95", 0, 1},
            "choose among the likeliest that share probability P; 1: all"},
    Setting{"min_p",
            "--min-p",
            {Kind::real, "P", "0.05", 0, 1},
            "drop what is less likely than P times the best; 0: none"},
    Setting{"repeat_penalty",
            "--repeat-penalty",
            {Kind::real, "X", "1.1", 0.1, 10},
            "make recent words less likely; 1: off"},
    Setting{"seed",
            "--seed",
            {Kind::integer, "N", "0", 0, 0x1.0p64},
            "the same seed gives the same answer"},
    Setting{"max_tokens",
            "--max-tokens",
            {Kind::integer, "N", "512", 1, kContextMax},
            "length limit of one answer"},
    Setting{"system",
            "--system",
            {Kind::text, "TEXT", ""},
            "instruction given to the model before the conversation"},
    Setting{"certainty",
            "--certainty",
            {Kind::real, "X", "0.9", 0, 2},
            "answer alone when this sure; 0: never offer an expert, above 1: whenever one fits"},
    Setting{"ledger",
            "--ledger",
            {Kind::text, "URL", ""},
            "the ledger that answers are paid in; empty: the one on this machine"},
    Setting{"models_dir", "--models-dir", {Kind::folder, "FOLDER", ""}, "where models are kept"},
    Setting{"prefix_store",
            "--prefix-store",
            {Kind::boolean, "BOOL", "true"},
            "keep, sealed, what the model has read of your profile, so that it answers sooner"},
    Setting{"packed_weights",
            "--packed-weights",
            {Kind::boolean, "BOOL", "true"},
            "keep each model's weights as this CPU computes with them, so that it starts sooner"},
    Setting{
        "kv_cache",
        "--kv-cache",
        {Kind::choice, "TYPE", "int8", 0, 0, "int8|f16"},
        "how what was read is kept: 8-bit values and 12-bit keys, or half as much again for f16"},
    Setting{
        "speculation",
        "--speculation",
        {Kind::choice, "HOW", "lookup", 0, 0, "off|lookup|draft"},
        "guess words ahead, for the same answer sooner: from the text so far, or by a small model"},
    Setting{"draft_model",
            "--draft-model",
            {Kind::model, "NAME|FILE", "qwen2.5-coder-0.5b"},
            "the small model of --speculation draft; it must know the same tokens"},
    Setting{"memory",
            "--memory",
            {Kind::boolean, "BOOL", "true"},
            "keep, sealed, what is said in conversations, and recall it in later ones"},
    Setting{"notice",
            "--notice",
            {Kind::boolean, "BOOL", "true"},
            "put what you tell about yourself in a chat into your profile, and say so"},
    Setting{"history",
            "--history",
            {Kind::boolean, "BOOL", "true"},
            "keep what you type for the arrow keys"},
    Setting{"color",
            "--color",
            {Kind::choice, "WHEN", "auto", 0, 0, "auto|always|never"},
            "colour on a terminal"},
};

/// Whether a value of the file's type can be one of this kind.
bool fits(Kind kind, files::ConfigType type) {
  switch (kind) {
    case Kind::integer:
      return type == files::ConfigType::integer;
    case Kind::real:
      return type == files::ConfigType::integer || type == files::ConfigType::real;
    case Kind::boolean:
    case Kind::flag:
      return type == files::ConfigType::boolean;
    case Kind::text:
    case Kind::path:
    case Kind::folder:
    case Kind::choice:
    case Kind::model:
      return type == files::ConfigType::string;
  }
  return false;
}

files::ConfigType config_type(Kind kind) {
  switch (kind) {
    case Kind::integer:
      return files::ConfigType::integer;
    case Kind::real:
      return files::ConfigType::real;
    case Kind::boolean:
    case Kind::flag:
      return files::ConfigType::boolean;
    default:
      return files::ConfigType::string;
  }
}

std::string_view type_name(files::ConfigType type) {
  switch (type) {
    case files::ConfigType::string:
      return "\"text\" in quotes";
    case files::ConfigType::integer:
      return "a whole number without quotes";
    case files::ConfigType::real:
      return "a number without quotes";
    case files::ConfigType::boolean:
      return "true or false without quotes";
  }
  return "";
}

/// May be empty in the file: then it means the default.
bool empty_is_default(const Setting& setting) {
  return setting.value.kind == Kind::folder || setting.value.kind == Kind::model;
}

}  // namespace

std::span<const Setting> setting_table() { return kTable; }

const Setting* find_setting(std::string_view key) {
  for (const auto& setting : kTable) {
    if (setting.key == key) return &setting;
  }
  return nullptr;
}

std::string environment_name(const Setting& setting) {
  std::string out = "PLMM_";
  for (const char c : setting.key) out += c == '_' ? c : static_cast<char>(c - 'a' + 'A');
  return out;
}

Error unknown_setting(std::string_view key) {
  std::vector<std::string_view> keys;
  for (const auto& setting : kTable) keys.push_back(setting.key);
  const auto near = terminal::nearest(key, keys);
  const std::string hint = near.empty() ? std::string() : fmt::format(" Did you mean '{}'?", near);
  return {ErrorCode::invalid_argument,
          fmt::format("there is no setting '{}'.{} Run: plmm config show", key, hint)};
}

std::string_view name(Origin origin) {
  switch (origin) {
    case Origin::built_in:
      return "default";
    case Origin::file:
      return "file";
    case Origin::environment:
      return "environment";
    case Origin::flag:
      return "flag";
  }
  return "";
}

Settings Settings::defaults(const files::Paths& paths) {
  Settings out;
  out.home_ = paths.home;
  for (const auto& setting : kTable)
    out.values_[std::string(setting.key)].text = setting.value.fallback;
  out.values_["models_dir"].text = paths.models.string();
  return out;
}

Result<> Settings::read_file(const std::filesystem::path& path) {
  auto text = plmm::read_file(path, files::kConfigBytesMax);
  if (!text && text.error().code == ErrorCode::not_found) return {};
  for (auto& entry : TRY(files::parse_config(TRY(std::move(text)), path.string()))) {
    const auto where = fmt::format("{}:{}: ", path.string(), entry.line);
    const Setting* setting = find_setting(entry.key);
    if (setting == nullptr)
      return fail(ErrorCode::invalid_argument, where + unknown_setting(entry.key).what);
    if (!fits(setting->value.kind, entry.type)) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("{}{} must be {}", where, entry.key,
                              type_name(config_type(setting->value.kind))));
    }
    if (entry.value.empty() && empty_is_default(*setting)) continue;
    TRY(check_value(where + entry.key, setting->value, entry.value));
    values_[entry.key] = {std::move(entry.value), Origin::file, entry.line};
  }
  return {};
}

Result<Settings> Settings::resolve(const files::Paths& paths, const files::Environment& environment,
                                   const Flags& flags) {
  Settings out = defaults(paths);
  TRY(out.read_file(paths.config_file));
  for (const auto& setting : kTable) {
    const auto variable = environment_name(setting);
    if (auto text = environment(variable); text && !text->empty()) {
      TRY(check_value(variable, setting.value, *text));
      out.values_[std::string(setting.key)] = {std::move(*text), Origin::environment, 0};
    }
    if (const auto flag = flags.find(setting.key); flag != flags.end()) {
      TRY(check_value(setting.flag, setting.value, flag->second));
      out.values_[std::string(setting.key)] = {flag->second, Origin::flag, 0};
    }
  }
  return out;
}

const SettingValue& Settings::value(std::string_view key) const {
  const auto found = values_.find(key);
  CHECK(found != values_.end());
  return found->second;
}

std::filesystem::path Settings::models() const {
  return files::expand_home(text("models_dir"), home_);
}

Result<> Settings::set(std::string_view key, std::string_view text) {
  const Setting* setting = find_setting(key);
  if (setting == nullptr) return std::unexpected(unknown_setting(key));
  TRY(check_value(key, setting->value, text));
  values_[std::string(key)] = {std::string(text), Origin::flag, 0};
  return {};
}

Result<files::ConfigEntry> config_entry(const Setting& setting, std::string_view text) {
  TRY(check_value(setting.key, setting.value, text));
  files::ConfigEntry out{std::string(setting.key), std::string(text),
                         config_type(setting.value.kind), 0};
  if (setting.value.kind == Kind::boolean) out.value = to_boolean(text) ? "true" : "false";
  return out;
}

}  // namespace plmm::command
