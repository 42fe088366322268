// Fuzz entry of a personal adapter's bytes: it fits its base model or it is refused.
#include "base/check.h"
#include "fuzz/fuzz.h"
#include "learn/adapter_bytes.h"
#include "model/tiny_lora.h"

namespace plmm::learn {
namespace {

int read(std::span<const std::byte> bytes) {
  const auto base = model::tiny_lora_config();
  const auto adapter = parse_adapter(bytes, base);
  if (!adapter) {
    fuzz::note(adapter.error().what);
    return -1;
  }
  CHECK(model::check_lora(*adapter, base));
  CHECK(to_bytes(*adapter).size() == bytes.size());
  return 0;
}

}  // namespace
}  // namespace plmm::learn

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return plmm::learn::read(std::as_bytes(std::span(data, size)));
}

std::vector<std::string> plmm::fuzz::seeds() {
  using plmm::model::LoraTarget;
  const auto base = plmm::model::tiny_lora_config();
  const plmm::model::LoraOptions one{.rank = 1, .alpha = 2, .targets = {LoraTarget::key}};
  const plmm::model::LoraOptions two{
      .rank = 2, .alpha = 1, .targets = {LoraTarget::query, LoraTarget::up}};
  return {plmm::learn::to_bytes(plmm::model::tiny_lora(base, one)),
          plmm::learn::to_bytes(plmm::model::tiny_lora(base, two))};
}
