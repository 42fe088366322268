// Loading an engine: files, tiers, templates.
#include "infer/engine.h"

#include <gtest/gtest.h>

#include "base/thread_pool.h"
#include "infer/script_model_fixture.h"
#include "kernel/dispatch.h"

namespace plmm::infer {
namespace {

TEST(Engine, runs_on_the_tier_that_was_asked_for) {
  model::TinyModel tiny(script_options());
  const ModelFile file(tiny);
  LoadOptions slow = on_threads(1);
  slow.tier = "reference";
  EXPECT_EQ(file.load(slow)->tier(), "reference");
  EXPECT_EQ(file.load()->tier(), kernel::available_kernels().front()->name);
}

TEST(Engine, names_the_tiers_there_are_when_asked_for_another) {
  model::TinyModel tiny(script_options());
  LoadOptions options;
  options.tier = "abacus";
  const auto engine = Engine::load(ModelFile(tiny).path(), options);
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().code, ErrorCode::invalid_argument);
  EXPECT_TRUE(engine.error().what.ends_with("reference")) << engine.error().what;
}

TEST(Engine, takes_the_threads_it_is_given_or_one_per_core) {
  model::TinyModel tiny(script_options());
  const ModelFile file(tiny);
  EXPECT_EQ(file.load(on_threads(3))->pool().size(), 3);
  EXPECT_GE(file.load(on_threads(0))->pool().size(), 1);
}

TEST(Engine, says_which_file_is_missing_or_damaged) {
  model::TinyModel tiny(script_options());
  auto path = ModelFile(tiny).path();  // gone by now
  auto engine = Engine::load(path, {});
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().code, ErrorCode::not_found);
  EXPECT_NE(engine.error().what.find(path.string()), std::string::npos);

  tiny.tensors.erase("output_norm.weight");
  const ModelFile damaged(tiny);
  engine = Engine::load(damaged.path(), {});
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().code, ErrorCode::corrupt_data);
  EXPECT_NE(engine.error().what.find(damaged.path().string()), std::string::npos);
}

TEST(Engine, recognises_the_files_template_unless_another_is_named) {
  model::TinyModel tiny(script_options());
  tiny.metadata["tokenizer.chat_template"] =
      std::string_view("'<|im_start|>system\nBe kind.<|im_end|>\n'");
  const ModelFile file(tiny);
  const auto engine = file.load();
  EXPECT_EQ(engine->chat_template(), text::TemplateFamily::chatml);
  EXPECT_EQ(engine->default_system(), "Be kind.");
  LoadOptions plain = on_threads(1);
  plain.chat_template = text::TemplateFamily::plain;
  const auto forced = file.load(plain);
  EXPECT_EQ(forced->chat_template(), text::TemplateFamily::plain);
  EXPECT_EQ(forced->default_system(), "") << "it is part of the file's template";
}

TEST(Engine, loads_a_file_with_an_unknown_template_and_says_so_at_the_chat) {
  model::TinyModel tiny(script_options());
  tiny.metadata["tokenizer.chat_template"] = std::string_view("{{ of no family }}");
  const auto engine = ModelFile(tiny).load();
  ASSERT_FALSE(engine->chat_template());
  EXPECT_EQ(engine->chat_template().error().code, ErrorCode::unsupported);
}

TEST(Engine, a_file_without_a_template_is_plain_text) {
  model::TinyModel tiny(script_options());
  EXPECT_EQ(ModelFile(tiny).load()->chat_template(), text::TemplateFamily::plain);
}

TEST(Engine, keeps_every_weight_as_f32_where_it_must_be_exact) {
  model::TinyModel tiny({.types = {tensor::DType::q4_0}, .n_layers = 1});
  const ModelFile file(tiny);
  LoadOptions exact = on_threads(1);
  exact.precision = Precision::exact;
  EXPECT_GT(file.load(exact)->load_stats().packed_bytes,
            6 * file.load()->load_stats().packed_bytes);
}

}  // namespace
}  // namespace plmm::infer
