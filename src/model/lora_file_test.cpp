// Adapter files: both formats both ways, and the smallest file for each error.
#include "model/lora_file.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "gguf/forge.h"
#include "gguf/safetensors_forge.h"
#include "model/architectures.h"
#include "model/tiny_lora.h"

namespace plmm::model {
namespace {

namespace fs = std::filesystem;
using gguf::Forge;
using gguf::SafetensorsForge;
using gguf::ValueType;

constexpr std::string_view kConfig = R"({"peft_type":"LORA","r":2,"lora_alpha":4,"bias":"none"})";
constexpr const char* kQuery = "base_model.model.model.layers.0.self_attn.q_proj.lora_";

ModelConfig config_of(const TinyOptions& options) {
  const std::string bytes = TinyModel(options).bytes();
  const auto reader = gguf::Reader::parse(std::as_bytes(std::span(bytes)), "tiny").value();
  return read_config(reader).value();
}
ModelConfig llama() { return config_of({}); }

/// A folder that goes when the test does.
struct Folder {
  fs::path path = fs::path(testing::TempDir()) / ("plmm-lora-" + std::to_string(::getpid()));
  ~Folder() { fs::remove_all(path); }
};

LoraAdapter example(const ModelConfig& base) {
  LoraAdapter out =
      tiny_lora(base, {.rank = 3, .alpha = 6.0F, .targets = {LoraTarget::query, LoraTarget::down}});
  out.base_fingerprint = "0123456789abcdef";
  return out;
}

void expect_same(const Result<LoraAdapter>& got, const LoraAdapter& want) {
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->layers, want.layers);
  EXPECT_EQ(got->rank, want.rank);
  EXPECT_EQ(got->alpha, want.alpha);
  EXPECT_EQ(got->architecture, want.architecture);
  EXPECT_EQ(got->base_fingerprint, want.base_fingerprint);
}

TEST(LoraFile, a_peft_folder_comes_back_as_it_was) {
  for (const char* architecture : {"llama", "qwen2", "gemma3"}) {
    const Folder folder;
    const ModelConfig base = config_of({.architecture = architecture});
    const LoraAdapter adapter = example(base);
    ASSERT_TRUE(save_peft(adapter, folder.path, "tiny"));
    expect_same(load_lora(folder.path, base), adapter);
  }
}

TEST(LoraFile, a_gguf_file_comes_back_as_it_was) {
  for (const char* architecture : {"llama", "qwen2", "gemma3"}) {
    const Folder folder;
    fs::create_directories(folder.path);
    const ModelConfig base = config_of({.architecture = architecture});
    const LoraAdapter adapter = example(base);
    const fs::path path = folder.path / "adapter.gguf";
    ASSERT_TRUE(save_gguf_lora(adapter, base, path, "tiny"));
    expect_same(load_lora(path, base), adapter);
  }
}

TEST(LoraFile, gguf_rows_of_query_and_key_stand_as_the_base_file_has_them) {
  const Folder folder;
  fs::create_directories(folder.path);
  const ModelConfig base = llama();  // its file rotates neighbours: rows 0 and 8 of ours lead
  const LoraAdapter adapter = example(base);
  const fs::path path = folder.path / "adapter.gguf";
  ASSERT_TRUE(save_gguf_lora(adapter, base, path, "tiny"));
  const auto reader = gguf::Reader::open(path).value();
  const auto* b = reader.tensor("blk.0.attn_q.weight.lora_b");
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(b->ne, (std::vector<std::uint64_t>{3, 64}));
  std::vector<float> stored(3 * 64);
  tensor::decode_row(b->type, b->data, stored);
  const LoraPair& pair = adapter.pair(0, LoraTarget::query);
  EXPECT_EQ(stored[0], pair.b[0]);
  EXPECT_EQ(stored[3], pair.b[8 * 3]);  // row 1 of the file: the other half's first
  const auto* down = reader.tensor("blk.1.ffn_down.weight.lora_a");
  ASSERT_NE(down, nullptr);
  EXPECT_EQ(down->ne, (std::vector<std::uint64_t>{96, 3}));
}

TEST(LoraFile, an_adapter_of_another_model_is_refused) {
  const Folder folder;
  const ModelConfig base = llama();
  ASSERT_TRUE(save_peft(example(base), folder.path, "tiny"));
  const auto refusal = [&](const TinyOptions& other) {
    const auto got = load_lora(folder.path, config_of(other));
    EXPECT_FALSE(got);
    EXPECT_EQ(got.error().code, ErrorCode::invalid_argument) << got.error().what;
    return got ? "" : got.error().what;
  };
  EXPECT_NE(refusal({.architecture = "qwen2"}).find("'llama'"), std::string::npos);
  EXPECT_NE(refusal({.n_ff = 128}).find("width of 96, the model's is 128"), std::string::npos);
  EXPECT_NE(refusal({.n_layers = 1}).find("more than 1 layers"), std::string::npos);
}

std::string bytes_of(std::size_t n_floats) { return std::string(n_floats * 4, '\0'); }

std::string peft_error(std::string_view config, const std::string& weights,
                       ErrorCode code = ErrorCode::corrupt_data) {
  const auto got = parse_peft(config, std::as_bytes(std::span(weights)), "f", llama());
  if (got) return "(read)";
  EXPECT_EQ(got.error().code, code) << got.error().what;
  EXPECT_TRUE(got.error().what.starts_with("f: ")) << got.error().what;
  return got.error().what.substr(3);
}

std::string whole() {
  SafetensorsForge out;
  out.add(std::string(kQuery) + "A.weight", "F32", {2, 64}, bytes_of(128));
  out.add(std::string(kQuery) + "B.weight", "F32", {64, 2}, bytes_of(128));
  return out.bytes();
}

TEST(LoraFile, reads_what_peft_writes_in_all_its_spellings) {
  EXPECT_EQ(peft_error(kConfig, whole()), "(read)");
  SafetensorsForge other;
  other.add("model.layers.1.mlp.up_proj.lora_A.default.weight", "BF16", {2, 64},
            std::string(256, '\0'));
  other.add("model.layers.1.mlp.up_proj.lora_B.default.weight", "F16", {96, 2},
            std::string(384, '\0'));
  EXPECT_EQ(peft_error(kConfig, other.bytes()), "(read)");
  const std::string bytes = whole();
  const auto rooted =
      parse_peft(R"({"r":4,"lora_alpha":3,"use_rslora":true,"bias":"none","alpha_pattern":{}})",
                 std::as_bytes(std::span(bytes)), "f", llama());
  ASSERT_TRUE(rooted);
  EXPECT_EQ(rooted->alpha, 6.0F);
}

TEST(LoraFile, refuses_configurations_that_mean_other_sums) {
  const auto error = [](std::string_view config, ErrorCode code) {
    return peft_error(config, whole(), code);
  };
  EXPECT_EQ(error("[", ErrorCode::corrupt_data), "adapter_config.json is no JSON object");
  EXPECT_EQ(error(R"({"r":2})", ErrorCode::corrupt_data),
            "adapter_config.json lacks the number lora_alpha");
  EXPECT_EQ(error(R"({"peft_type":"IA3"})", ErrorCode::unsupported),
            "adapter_config.json is of a kind other than LORA");
  EXPECT_EQ(error(R"({"use_dora":true})", ErrorCode::unsupported),
            "adapter_config.json asks for use_dora, which is not here");
  EXPECT_EQ(error(R"({"modules_to_save":["lm_head"]})", ErrorCode::unsupported),
            "adapter_config.json asks for modules_to_save, which is not here");
  EXPECT_EQ(error(R"({"bias":"all"})", ErrorCode::unsupported),
            "adapter_config.json asks for trained biases, which are not here");
  EXPECT_EQ(error(R"({"r":1e9,"lora_alpha":1})", ErrorCode::unsupported),
            "adapter_config.json has a rank outside 1 to 256");
  EXPECT_EQ(error(R"({"r":2,"lora_alpha":1e30})", ErrorCode::invalid_argument),
            "the adapter's alpha is outside 0 to 65,536");
}

TEST(LoraFile, refuses_tensors_that_lie) {
  const auto error = [](const SafetensorsForge& forge, ErrorCode code) {
    return peft_error(kConfig, forge.bytes(), code);
  };
  const std::string a = std::string(kQuery) + "A.weight", b = std::string(kQuery) + "B.weight";
  EXPECT_EQ(error(SafetensorsForge(), ErrorCode::corrupt_data), "holds no adapter's matrices");
  EXPECT_EQ(
      error(SafetensorsForge().add(a, "F32", {2, 64}, bytes_of(128)), ErrorCode::corrupt_data),
      "layer 0 has an A without B or a B without A");
  EXPECT_NE(error(SafetensorsForge()
                      .add(a, "F32", {2, 64}, bytes_of(128))
                      .add(b, "F32", {64, 1}, bytes_of(64)),
                  ErrorCode::corrupt_data)
                .find("another rank than its partner"),
            std::string::npos);
  EXPECT_NE(error(SafetensorsForge().add(a, "F32", {128}, bytes_of(128)), ErrorCode::corrupt_data)
                .find("is no matrix of an adapter"),
            std::string::npos);
  EXPECT_NE(error(SafetensorsForge().add(a, "F32", {0, 64}, ""), ErrorCode::unsupported)
                .find("has rank 0"),
            std::string::npos);
  EXPECT_NE(error(SafetensorsForge().add("base_model.model.lm_head.lora_A.weight", "F32", {2, 64},
                                         bytes_of(128)),
                  ErrorCode::unsupported)
                .find("changes something that adapters here cannot"),
            std::string::npos);
  SafetensorsForge spoilt;
  std::string values = bytes_of(128);
  values.replace(0, 4, "\xFF\xFF\xFF\xFF");  // NaN
  spoilt.add(a, "F32", {2, 64}, values).add(b, "F32", {64, 2}, bytes_of(128));
  EXPECT_NE(error(spoilt, ErrorCode::invalid_argument).find("not a number"), std::string::npos);
}

std::string gguf_error(const std::string& bytes, ErrorCode code) {
  const auto reader = gguf::Reader::parse(std::as_bytes(std::span(bytes)), "f");
  EXPECT_TRUE(reader) << reader.error().what;
  const auto got = read_gguf_lora(*reader, llama());
  if (got) return "(read)";
  EXPECT_EQ(got.error().code, code) << got.error().what;
  return got.error().what;
}

Forge adapter_file(std::uint64_t n_tensors, float alpha = 4.0F, std::string_view kind = "lora") {
  Forge out(n_tensors, 4);
  out.key("general.type", ValueType::string).string("adapter");
  out.key("general.architecture", ValueType::string).string("llama");
  out.key("adapter.type", ValueType::string).string(kind);
  out.key("adapter.lora.alpha", ValueType::f32).put(alpha);
  return out;
}

TEST(LoraFile, reads_a_gguf_adapter_made_elsewhere) {
  Forge file = adapter_file(2);
  file.tensor("blk.0.ffn_up.weight.lora_a", {64, 2}, 0, 0);
  file.tensor("blk.0.ffn_up.weight.lora_b", {2, 96}, 0, 512);
  EXPECT_EQ(gguf_error(file.data(512 + 768).bytes(), ErrorCode::corrupt_data), "(read)");
}

TEST(LoraFile, refuses_gguf_files_that_are_no_adapter_of_ours) {
  EXPECT_NE(gguf_error(Forge(0, 0).bytes(), ErrorCode::unsupported).find("general.type"),
            std::string::npos);
  EXPECT_NE(gguf_error(adapter_file(0, 4.0F, "control").bytes(), ErrorCode::unsupported)
                .find("adapter.type"),
            std::string::npos);
  EXPECT_NE(gguf_error(adapter_file(0, -1.0F).bytes(), ErrorCode::corrupt_data)
                .find("adapter.lora.alpha"),
            std::string::npos);
  Forge quantised = adapter_file(1);
  quantised.tensor("blk.0.ffn_up.weight.lora_a", {64, 2}, 8, 0);
  EXPECT_NE(gguf_error(quantised.data(136).bytes(), ErrorCode::unsupported).find("is quantised"),
            std::string::npos);
  for (const char* name :
       {"blk.0.ffn_up.weight", "blk.00.ffn_up.weight.lora_a", "blk.9999.ffn_up.weight.lora_a",
        "blk.0.x.weight.lora_a", "token_embd.weight.lora_a"}) {
    Forge file = adapter_file(1);
    file.tensor(name, {64, 2}, 0, 0);
    EXPECT_NE(gguf_error(file.data(512).bytes(), ErrorCode::unsupported).find("adapters here"),
              std::string::npos)
        << name;
  }
}

TEST(LoraFile, says_where_no_adapter_is) {
  const Folder folder;
  fs::create_directories(folder.path);
  EXPECT_EQ(load_lora(folder.path, llama()).error().code, ErrorCode::not_found);
  EXPECT_EQ(load_lora(folder.path / "missing", llama()).error().code, ErrorCode::not_found);
}

TEST(Fingerprint, tells_files_apart) {
  const auto of = [](const TinyOptions& options) {
    const std::string bytes = TinyModel(options).bytes();
    return fingerprint(gguf::Reader::parse(std::as_bytes(std::span(bytes)), "m").value());
  };
  EXPECT_EQ(of({}), of({}));
  EXPECT_EQ(of({}).size(), 16U);
  EXPECT_NE(of({}), of({.seed = 2}));
  EXPECT_NE(of({}), of({.types = {tensor::DType::q8_0}}));
}

}  // namespace
}  // namespace plmm::model
