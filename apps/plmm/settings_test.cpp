// Tests of settings: the order of precedence, origins, and checks of every source.
#include "apps/plmm/command/settings.h"

#include <gtest/gtest.h>

#include "apps/plmm/running_model.h"
#include "base/file.h"

namespace plmm::cli {
namespace {

class Precedence : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_ / "plmm");
    variables_ = {{"HOME", "/h"}, {"XDG_CONFIG_HOME", folder_.string()}};
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Result<Settings> resolve(std::string_view file, const command::Flags& flags = {}) {
    EXPECT_TRUE(write_file_atomically(folder_ / "plmm" / "config.toml", file));
    const Environment environment = [&](std::string_view name) -> std::optional<std::string> {
      const auto found = variables_.find(name);
      return found == variables_.end() ? std::nullopt : std::optional(found->second);
    };
    return Settings::resolve(files::find_paths(environment), environment, flags);
  }
  std::string error(std::string_view file, const command::Flags& flags = {}) {
    const auto settings = resolve(file, flags);
    return settings ? "accepted" : settings.error().what;
  }

  std::filesystem::path folder_ = std::filesystem::temp_directory_path() /
                                  (std::string("plmm_settings_") +
                                   ::testing::UnitTest::GetInstance()->current_test_info()->name());
  std::map<std::string, std::string, std::less<>> variables_;
};

TEST_F(Precedence, a_flag_wins_over_environment_file_and_default) {
  variables_["PLMM_SEED"] = "3";
  variables_["PLMM_TOP_K"] = "3";
  const auto settings = resolve("seed = 2\ntop_k = 2\nmax_tokens = 2\n", {{"seed", "4"}}).value();
  EXPECT_EQ(settings.integer("seed"), 4U);
  EXPECT_EQ(settings.value("seed").origin, command::Origin::flag);
  EXPECT_EQ(settings.integer("top_k"), 3U);
  EXPECT_EQ(settings.value("top_k").origin, command::Origin::environment);
  EXPECT_EQ(settings.integer("max_tokens"), 2U);
  EXPECT_EQ(settings.value("max_tokens").origin, command::Origin::file);
  EXPECT_EQ(settings.value("max_tokens").line, 3);
  EXPECT_EQ(settings.text("model"), "qwen2.5-coder-0.5b");
  EXPECT_EQ(settings.value("model").origin, command::Origin::built_in);
}

TEST_F(Precedence, an_empty_variable_counts_as_unset) {
  variables_["PLMM_SEED"] = "";
  EXPECT_EQ(resolve("").value().value("seed").origin, command::Origin::built_in);
}

TEST_F(Precedence, folders_follow_xdg_and_relative_ones_are_ignored) {
  EXPECT_EQ(resolve("").value().models(), "/h/.local/share/plmm/models");
  variables_["XDG_DATA_HOME"] = "relative";
  EXPECT_EQ(resolve("").value().models(), "/h/.local/share/plmm/models");
  variables_["XDG_DATA_HOME"] = "/data";
  EXPECT_EQ(resolve("").value().models(), "/data/plmm/models");
  EXPECT_EQ(resolve("models_dir = \"~/m\"").value().models(), "/h/m");
}

TEST_F(Precedence, each_source_is_checked_and_named) {
  const auto file = (folder_ / "plmm" / "config.toml").string();
  EXPECT_EQ(error("\ntemprature = 1"), file +
                                           ":2: there is no setting 'temprature'. Did you mean "
                                           "'temperature'? Run: plmm config show");
  EXPECT_EQ(error("top_k = 1.5"), file + ":1: top_k must be a whole number without quotes");
  EXPECT_EQ(error("model = 1"), file + ":1: model must be \"text\" in quotes");
  EXPECT_EQ(error("history = 1"), file + ":1: history must be true or false without quotes");
  EXPECT_EQ(error("top_p = 1.5"), file + ":1: top_p must be a number from 0 to 1");
  EXPECT_EQ(error("", {{"color", "blue"}}), "--color must be auto, always or never");
  EXPECT_EQ(error("", {{"top_k", "-1"}}), "--top-k must be a whole number from 0 to 1,000,000");
  EXPECT_EQ(error("", {{"temperature", "nan"}}), "--temperature must be a number from 0 to 10");
  EXPECT_EQ(error("", {{"seed", "18446744073709551615"}}), "accepted");
  EXPECT_EQ(error("", {{"seed", "18446744073709551616"}}),
            "--seed must be a whole number from 0 to 2^64 - 1");
  variables_["PLMM_HISTORY"] = "maybe";
  EXPECT_EQ(error(""), "PLMM_HISTORY must be true or false");
}

TEST(Settings, the_defaults_of_sampling_are_those_of_the_sampler) {
  const auto settings = Settings::defaults({});
  const auto ours = generate_options(settings).sampler;
  const infer::SamplerOptions theirs;
  EXPECT_EQ(ours.temperature, theirs.temperature);
  EXPECT_EQ(ours.top_k, theirs.top_k);
  EXPECT_EQ(ours.top_p, theirs.top_p);
  EXPECT_EQ(ours.min_p, theirs.min_p);
  EXPECT_EQ(ours.repeat_penalty, theirs.repeat_penalty);
  EXPECT_EQ(ours.seed, theirs.seed);
}

TEST(Settings, every_setting_has_help_and_a_default_of_its_kind) {
  for (const auto& setting : command::setting_table()) {
    EXPECT_FALSE(setting.help.empty()) << setting.key;
    EXPECT_TRUE(setting.flag.starts_with("--")) << setting.key;
    if (setting.key == "models_dir") continue;  // its default depends on the environment
    EXPECT_TRUE(command::check_value(setting.key, setting.value, setting.value.fallback))
        << setting.key;
  }
  EXPECT_EQ(command::environment_name(*command::find_setting("top_k")), "PLMM_TOP_K");
}

}  // namespace
}  // namespace plmm::cli
