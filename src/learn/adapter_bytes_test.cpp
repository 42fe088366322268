// An adapter through bytes and back, and bytes that lie.
#include "learn/adapter_bytes.h"

#include <gtest/gtest.h>

#include "model/tiny_lora.h"
#include "tensor/blocks.h"

namespace plmm::learn {
namespace {

std::string good() {
  const model::LoraOptions options{
      .rank = 3, .alpha = 6, .targets = {model::LoraTarget::query, model::LoraTarget::down}};
  return to_bytes(model::tiny_lora(model::tiny_lora_config(), options));
}

Result<model::LoraAdapter> parse(const std::string& bytes) {
  return parse_adapter(std::as_bytes(std::span(bytes)), model::tiny_lora_config());
}

TEST(AdapterBytes, come_back_as_the_packed_adapter_has_them) {
  const model::LoraOptions options{
      .rank = 3, .alpha = 6, .targets = {model::LoraTarget::query, model::LoraTarget::down}};
  auto wanted = model::tiny_lora(model::tiny_lora_config(), options);
  const auto parsed = parse(to_bytes(wanted));
  ASSERT_TRUE(parsed) << parsed.error().what;
  for (auto& layer : wanted.layers) {
    for (auto& pair : layer) {
      for (auto* values : {&pair.a, &pair.b}) {
        for (float& value : *values) value = tensor::f16_to_f32(tensor::f32_to_f16(value));
      }
    }
  }
  EXPECT_EQ(parsed->layers, wanted.layers);
  EXPECT_EQ(parsed->alpha, wanted.alpha);
  EXPECT_EQ(parsed->rank, 3);
  EXPECT_EQ(to_bytes(*parsed), good());
}

TEST(AdapterBytes, that_are_cut_anywhere_are_noticed) {
  const std::string bytes = good();
  for (std::size_t n = 0; n < bytes.size(); n += n < 64 ? 1 : 97)
    EXPECT_EQ(parse(bytes.substr(0, n)).error().code, ErrorCode::corrupt_data) << n;
  EXPECT_EQ(parse(bytes + "x").error().code, ErrorCode::corrupt_data);
}

TEST(AdapterBytes, of_another_kind_or_model_are_refused) {
  std::string bytes = good();
  bytes[0] ^= 1;
  EXPECT_EQ(parse(bytes).error().code, ErrorCode::corrupt_data);
  bytes = good();
  bytes[8] = 3;  // layers
  EXPECT_EQ(parse(bytes).error().code, ErrorCode::invalid_argument);
  bytes = good();
  bytes[13] = 2;  // a rank of 512 and some
  EXPECT_EQ(parse(bytes).error().code, ErrorCode::corrupt_data);
}

TEST(AdapterBytes, with_what_is_no_number_are_refused) {
  std::string bytes = good();
  bytes[16] = 0;
  bytes[17] = 0x7E;  // NaN in the first matrix
  EXPECT_FALSE(parse(bytes));
}

}  // namespace
}  // namespace plmm::learn
