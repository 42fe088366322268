// Fuzz entry of model loading: metadata, vocabulary and tensors that lie; what is accepted must
// survive a forward pass.
#include "fuzz/fuzz.h"
#include "model/tiny_run.h"

namespace plmm::model {
namespace {

constexpr int kContext = 32;

/// Two tokens at once, then one: both ways through the stages.
void compute(const Model& model, ThreadPool& pool) {
  const int n_context = std::min(kContext, model.config().n_context);
  auto cache = KvCache::create(model.config(), n_context, kernel::CacheType::int8);
  auto workspace = Workspace::create(model, 2, n_context, pool.size());
  CHECK(cache && workspace);
  std::vector<float> logits(static_cast<std::size_t>(model.config().n_vocabulary));
  const text::TokenId last = model.config().n_vocabulary - 1;
  const text::TokenId tokens[] = {last, 0};
  int position = 0;
  for (const std::size_t n : {std::size_t{2}, std::size_t{1}}) {
    if (position + static_cast<int>(n) > n_context) break;
    CHECK(forward(model, *cache, **workspace, pool, std::span(tokens).first(n), position, 1, logits,
                  Cancel()));
    position += static_cast<int>(n);
  }
}

/// 0: loaded and computed; -1: refused.
int load_and_compute(std::span<const std::byte> bytes) {
  static ThreadPool pool(1);
  auto reader = gguf::Reader::parse(bytes, "m");
  if (!reader) return -1;
  const auto summary = summarise(*reader);
  const auto vocabulary = read_vocabulary(*reader);
  const auto tiers = kernel::available_kernels();
  auto loaded = Model::load(std::move(*reader), *tiers[bytes.size() % tiers.size()], false, pool);
  if (!loaded) {
    fuzz::note(loaded.error().what);
    return -1;
  }
  CHECK(summary && vocabulary);
  compute(**loaded, pool);
  return 0;
}

}  // namespace
}  // namespace plmm::model

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return plmm::model::load_and_compute(std::as_bytes(std::span(data, size)));
}

/// Each architecture with one layer, below the 16 KB that the driver mutates.
std::vector<std::string> plmm::fuzz::seeds() {
  using tensor::DType;
  std::vector<std::string> out;
  for (const char* architecture : {"llama", "qwen2", "qwen3", "gemma3"}) {
    text::TinyVocabulary vocabulary;
    vocabulary.spec().model = "gpt2";
    vocabulary.spec().pre = "qwen2";
    for (char letter = '!'; letter < '9'; ++letter) vocabulary.add(std::string(1, letter));
    vocabulary.add_merge("0 1");
    vocabulary.add("01");
    vocabulary.spec().eos = vocabulary.add("<eos>", text::TokenKind::control);
    model::TinyModel tiny({.architecture = architecture,
                           .types = {DType::q8_0, DType::q4_0, DType::q5_1, DType::q4_1},
                           .n_embd = 32,
                           .n_heads = 2,
                           .n_kv_heads = 1,
                           .n_ff = 32,
                           .n_layers = 1},
                          std::move(vocabulary));
    if (out.empty()) tiny.metadata["llama.rope.scaling.type"] = std::string_view("linear");
    out.push_back(tiny.bytes());
    CHECK(out.back().size() < 16'384);
  }
  return out;
}
