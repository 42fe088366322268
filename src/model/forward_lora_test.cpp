// A pass with an adapter gives what the merged weights give; without one nothing changes.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <ostream>

#include "model/tiny_lora.h"
#include "model/tiny_run.h"

namespace plmm::model {
namespace {

constexpr int kTokens = 40;

struct Case {
  const char* name;
  TinyOptions options;
};
void PrintTo(const Case& instance, std::ostream* out) { *out << instance.name; }

class ForwardLora : public testing::TestWithParam<Case> {
 protected:
  ForwardLora() : tiny_(GetParam().options), bytes_(tiny_.bytes()) {}

  std::unique_ptr<Model> load(const std::string& bytes, bool exact) {
    auto model = load_bytes(bytes, exact, pool_);
    EXPECT_TRUE(model) << model.error().what;
    return std::move(model).value();
  }
  std::vector<float> run(const Model& model, AppliedLora lora) {
    TinyRun out(model, pool_);
    out.use(lora);
    return out.feed(random_tokens(kTokens, tiny_.n_vocabulary(), 3), kTokens);
  }

  TinyModel tiny_;
  std::string bytes_;
  ThreadPool pool_{2};
};

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double out = a.size() == b.size() ? 0.0 : INFINITY;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    out = std::max(out, static_cast<double>(std::abs(a[i] - b[i])));
  return out;
}

TEST_P(ForwardLora, is_as_if_the_adapter_were_merged) {
  const auto model = load(bytes_, true);
  const LoraAdapter adapter = tiny_lora(model->config(), {.rank = 5, .alpha = 8.0F});
  const auto packed = PackedLora::pack(adapter, *model);
  ASSERT_TRUE(packed) << packed.error().what;
  for (const float scale : {1.0F, 0.5F}) {
    TinyModel merged(GetParam().options);
    merge_into(merged, model->config(), adapter, scale);
    const auto want = run(*load(merged.bytes(), true), {});
    const auto got = run(*model, {packed->get(), scale});
    EXPECT_LT(largest_difference(got, want), 2e-4) << scale;
    EXPECT_GT(largest_difference(got, run(*model, {})), 1e-2);
  }
}

TEST_P(ForwardLora, the_fast_path_stays_near_the_exact_one) {
  const auto exact = load(bytes_, true), fast = load(bytes_, false);
  const LoraAdapter adapter = tiny_lora(exact->config(), {.rank = 16});
  const auto in_f32 = PackedLora::pack(adapter, *exact), in_f16 = PackedLora::pack(adapter, *fast);
  EXPECT_LT((*in_f16)->bytes(), (*in_f32)->bytes());
  const double alone = largest_difference(run(*fast, {}), run(*exact, {}));
  const double both = largest_difference(run(*fast, {in_f16->get()}), run(*exact, {in_f32->get()}));
  EXPECT_LT(both, 2.0 * alone + 0.02);
}

TEST_P(ForwardLora, changes_only_its_targets) {
  const auto model = load(bytes_, true);
  for (const LoraTarget target : all_lora_targets()) {
    const LoraAdapter adapter = tiny_lora(model->config(), {.rank = 3, .targets = {target}}, 0.1F);
    TinyModel merged(GetParam().options);
    merge_into(merged, model->config(), adapter, 1.0F);
    const auto packed = PackedLora::pack(adapter, *model);
    EXPECT_LT(
        largest_difference(run(*model, {packed->get()}), run(*load(merged.bytes(), true), {})),
        2e-4)
        << target_name(target);
  }
}

TEST_P(ForwardLora, scale_zero_is_the_model_alone) {
  const auto model = load(bytes_, false);
  const auto packed = PackedLora::pack(tiny_lora(model->config(), {.rank = 4}), *model);
  const auto want = run(*model, {}), got = run(*model, {packed->get(), 0.0F});
  EXPECT_EQ(std::memcmp(got.data(), want.data(), want.size() * sizeof(float)), 0);
}

TEST_P(ForwardLora, refuses_an_adapter_of_another_model) {
  const auto model = load(bytes_, false);
  LoraAdapter adapter = tiny_lora(model->config(), {.rank = 4});
  adapter.layers.pop_back();
  const auto packed = PackedLora::pack(adapter, *model);
  ASSERT_FALSE(packed);
  EXPECT_EQ(packed.error().code, ErrorCode::invalid_argument);
}

INSTANTIATE_TEST_SUITE_P(
    Tiny, ForwardLora,
    testing::Values(Case{"llama", {.head = Head::untied}},
                    Case{"qwen2", {.architecture = "qwen2", .n_embd = 96, .n_heads = 6}},
                    Case{"qwen3", {.architecture = "qwen3", .n_kv_heads = 1, .head_dim = 32}},
                    Case{"gemma3", {.architecture = "gemma3", .n_kv_heads = 1, .n_layers = 7}}),
    [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace plmm::model
