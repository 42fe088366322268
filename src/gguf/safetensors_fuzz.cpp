// Fuzz entry of the safetensors reader; what it accepts must lie in the file, and be found again.
#include "gguf/safetensors.h"

#include "base/check.h"
#include "fuzz/fuzz.h"
#include "gguf/safetensors_forge.h"
#include "tensor/blocks.h"

namespace plmm::gguf {
namespace {

void use(const SafetensorsReader& reader) {
  std::string shape;
  for (const Safetensor& t : reader.tensors()) {
    CHECK(reader.tensor(t.name) == &t);
    const std::size_t n = t.data.size() / tensor::info(t.type).block_bytes;
    std::vector<float> values(n);
    if (n > 0) tensor::decode_row(t.type, t.data, values);
    shape += static_cast<char>('a' + static_cast<char>(t.type));
    shape += static_cast<char>('A' + t.shape.size());
  }
  fuzz::note(shape.substr(0, 12));
}

}  // namespace
}  // namespace plmm::gguf

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto reader =
      plmm::gguf::SafetensorsReader::parse(std::as_bytes(std::span(data, size)), "m");
  if (!reader) {
    plmm::fuzz::note(reader.error().what);
    return -1;
  }
  plmm::gguf::use(*reader);
  return 0;
}

std::vector<std::string> plmm::fuzz::seeds() {
  using gguf::safetensors_file;
  gguf::SafetensorsForge file;
  file.add("a.weight", "F32", {2, 1}, "01234567").add("b", "F16", {1}, "01");
  file.add("c", "BF16", {2}, "0123").add("positions", "I64", {1}, "01234567");
  return {file.bytes(),
          safetensors_file("{}", ""),
          safetensors_file(R"({"__metadata__":{"format":"pt"}} )", ""),
          safetensors_file(R"({"t":{"dtype":"F32","shape":[4294967296,4294967296],)"
                           R"("data_offsets":[0,4]}})",
                           "1234"),
          safetensors_file(R"({"t":{"dtype":"U8","shape":[1],"data_offsets":)"
                           R"([18446744073709551615,0]}})",
                           "1"),
          safetensors_file("[[[[{{{{", ""),
          std::string(8, '\xFF')};
}
