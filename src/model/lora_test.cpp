// Fresh adapters and the check that an adapter fits its model.
#include "model/lora.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/tiny_lora.h"

namespace plmm::model {
namespace {

TEST(Lora, starts_with_small_a_and_zero_b) {
  Rng rng(1);
  const auto adapter = create_lora(tiny_lora_config(), {.rank = 8, .alpha = 16.0F}, rng);
  ASSERT_TRUE(adapter);
  ASSERT_TRUE(check_lora(*adapter, tiny_lora_config()));
  const LoraPair& down = adapter->pair(1, LoraTarget::down);
  EXPECT_EQ(down.n_in, 96);
  EXPECT_EQ(down.n_out, 64);
  ASSERT_EQ(down.a.size(), 8U * 96U);
  ASSERT_EQ(down.b, std::vector<float>(64U * 8U, 0.0F));
  const float bound = 1.0F / std::sqrt(96.0F);
  float largest = 0.0F;
  for (const float value : down.a) largest = std::max(largest, std::abs(value));
  EXPECT_LE(largest, bound);
  EXPECT_GT(largest, bound * 0.9F);
  EXPECT_EQ(adapter->scaling(down), 2.0F);
}

TEST(Lora, leaves_out_what_is_no_target) {
  Rng rng(1);
  const auto adapter =
      create_lora(tiny_lora_config(), {.rank = 4, .targets = {LoraTarget::value}}, rng);
  ASSERT_TRUE(adapter);
  EXPECT_TRUE(adapter->pair(0, LoraTarget::query).empty());
  EXPECT_FALSE(adapter->pair(0, LoraTarget::value).empty());
  EXPECT_EQ(adapter->n_parameters(), 2U * 4U * (64U + 32U));
}

TEST(Lora, the_same_seed_gives_the_same_adapter) {
  Rng first(7), second(7), third(8);
  const auto a = create_lora(tiny_lora_config(), {.rank = 4}, first);
  const auto b = create_lora(tiny_lora_config(), {.rank = 4}, second);
  const auto c = create_lora(tiny_lora_config(), {.rank = 4}, third);
  EXPECT_EQ(a->layers, b->layers);
  EXPECT_NE(a->layers, c->layers);
}

TEST(Lora, refuses_what_cannot_be) {
  Rng rng(1);
  for (const int rank : {0, -1, 33, 257}) {  // 33: more than the 32 rows of a key matrix
    const auto adapter = create_lora(tiny_lora_config(), {.rank = rank}, rng);
    ASSERT_FALSE(adapter) << rank;
    EXPECT_EQ(adapter.error().code, ErrorCode::invalid_argument);
  }
  EXPECT_FALSE(create_lora(tiny_lora_config(), {.rank = 4, .alpha = 0.0F}, rng));
  EXPECT_FALSE(create_lora(tiny_lora_config(), {.rank = 4, .alpha = std::nanf("")}, rng));
  EXPECT_FALSE(create_lora(tiny_lora_config(), {.rank = 4, .targets = {}}, rng));
}

TEST(Lora, does_not_fit_another_model) {
  Rng rng(1);
  const auto adapter = create_lora(tiny_lora_config(), {.rank = 4}, rng);
  ModelConfig other = tiny_lora_config();
  other.n_ff = 128;
  EXPECT_NE(check_lora(*adapter, other).error().what.find("gate matrix of layer 0"),
            std::string::npos);
  other = tiny_lora_config();
  other.n_layers = 3;
  EXPECT_NE(check_lora(*adapter, other).error().what.find("2 layers, the model has 3"),
            std::string::npos);
  other = tiny_lora_config();
  other.architecture = "qwen2";
  EXPECT_NE(check_lora(*adapter, other).error().what.find("'llama'"), std::string::npos);
}

TEST(Lora, refuses_values_that_are_no_numbers) {
  Rng rng(1);
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(),
                          std::numeric_limits<float>::infinity(), -70'000.0F}) {
    auto adapter = create_lora(tiny_lora_config(), {.rank = 4}, rng);
    adapter->pair(1, LoraTarget::up).b[3] = bad;
    const auto checked = check_lora(*adapter, tiny_lora_config());
    ASSERT_FALSE(checked);
    EXPECT_NE(checked.error().what.find("up matrix of layer 1"), std::string::npos);
  }
}

}  // namespace
}  // namespace plmm::model
