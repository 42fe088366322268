// Loading of adapters.
#include "apps/plmm/adapter.h"

#include <fmt/format.h>

#include "apps/plmm/prefixes.h"
#include "model/lora_file.h"
#include "model/model.h"
#include "model/packed_lora.h"

namespace plmm::cli {

Result<AdapterChoice> adapter_choice(std::string_view text, const std::filesystem::path& home,
                                     std::string_view what, const command::Value& range) {
  AdapterChoice out{files::expand_home(text, home)};
  std::error_code failed;
  const auto equals = text.rfind('=');
  if (std::filesystem::exists(out.path, failed) || equals == std::string_view::npos) return out;
  TRY(command::check_value(what, range, text.substr(equals + 1)));
  out.path = files::expand_home(text.substr(0, equals), home);
  out.scale = static_cast<float>(command::to_real(text.substr(equals + 1)));
  return out;
}

Result<AdapterChoice> adapter_choice(std::string_view text, const std::filesystem::path& home) {
  const command::Value scale{command::Kind::real, "", "", 0, infer::Session::kAdapterScaleMax};
  return adapter_choice(text, home, "the scale of an adapter", scale);
}

Result<LoadedAdapter> load_adapter(Context& context, const infer::Engine& engine,
                                   const AdapterChoice& choice) {
  const model::Model& base = engine.model();
  const auto adapter = TRY(model::load_lora(choice.path, base.config()));
  LoadedAdapter out;
  out.packed = TRY(model::PackedLora::pack(adapter, base));
  out.scale = choice.scale;
  if (!adapter.base_fingerprint.empty() &&
      adapter.base_fingerprint != model::fingerprint(base.reader())) {
    context.console.note(Paint::warning,
                         "the adapter was trained on another file of this model (another "
                         "quantisation?): it may help less");
  }
  return out;
}

Result<LoadedAdapter> chosen_adapter(Context& context, const infer::Engine& engine) {
  const command::SettingValue& wanted = context.settings.value("adapter");
  if (wanted.text.empty() || wanted.text == kNoAdapter) return LoadedAdapter();
  const auto choice = TRY(adapter_choice(wanted.text, context.paths.home));
  auto loaded = load_adapter(context, engine, choice);
  const bool from_file = wanted.origin == command::Origin::file;
  if (loaded || !from_file || loaded.error().code != ErrorCode::invalid_argument) return loaded;
  context.console.note(Paint::warning, fmt::format("without the adapter of the config file: {}",
                                                   loaded.error().what));
  return LoadedAdapter();
}

Result<> apply_adapter(Context& context, RunningModel& model) {
  const auto adapter = TRY(chosen_adapter(context, *model.engine));
  if (adapter.packed == nullptr) return {};
  model.session.set_adapter(adapter.packed, adapter.scale);
  model.session.use_prefixes(open_prefixes(context, *model.engine,
                                           {adapter.packed.get(), adapter.scale}, PrefixesOf::own));
  return {};
}

}  // namespace plmm::cli
