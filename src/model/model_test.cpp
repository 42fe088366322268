// What a model file says of itself, and each lie that is refused: one tiny model with one thing
// wrong.
#include "model/model.h"

#include <gtest/gtest.h>

#include <functional>
#include <ostream>

#include "model/architectures.h"
#include "model/tiny_run.h"

namespace plmm::model {
namespace {

using std::string_view_literals::operator""sv;
using tensor::DType;
using Texts = std::vector<std::string_view>;

/// One thing that is wrong with a model, and how it is refused.
struct Lie {
  const char* name;
  std::function<void(TinyModel&)> tell;
  ErrorCode code;
  const char* says;  // part of the message
  const char* architecture = "llama";
};
void PrintTo(const Lie& lie, std::ostream* out) { *out << lie.name; }

std::function<void(TinyModel&)> set(const char* key, gguf::Value value) {
  return [key, value = std::move(value)](TinyModel& m) { m.metadata[key] = value; };
}
std::function<void(TinyModel&)> drop(const char* key) {
  return [key](TinyModel& m) { m.metadata.erase(key); };
}
std::function<void(TinyModel&)> shape(const char* tensor, std::vector<std::uint64_t> ne) {
  return [tensor, ne = std::move(ne)](TinyModel& m) {
    std::uint64_t n = 1;
    for (const auto dim : ne) n *= dim;
    m.tensors[tensor] = TinyTensor::of(ne, std::vector<float>(n));
  };
}
constexpr std::uint64_t operator""_u(unsigned long long n) { return n; }

class Refuses : public testing::TestWithParam<Lie> {
 protected:
  Error error() {
    const Lie& lie = GetParam();
    TinyModel tiny({.architecture = lie.architecture, .n_layers = 1});
    lie.tell(tiny);
    const std::string bytes = tiny.bytes();
    ThreadPool pool(1);
    const auto model = load_bytes(bytes, false, pool);
    if (model) return {ErrorCode::cancelled, "was accepted"};
    return model.error();
  }
};

TEST_P(Refuses, a_file_with_one_thing_wrong) {
  const Error got = error();
  EXPECT_EQ(got.code, GetParam().code) << got.what;
  EXPECT_NE(got.what.find(GetParam().says), std::string::npos) << got.what;
  EXPECT_TRUE(got.what.starts_with("tiny.gguf: ")) << got.what;
}

std::string name_of(const testing::TestParamInfo<Lie>& instance) { return instance.param.name; }

constexpr auto corrupt = ErrorCode::corrupt_data;
constexpr auto unsupported = ErrorCode::unsupported;

const Lie kConfigLies[] = {
    {"no_architecture", drop("general.architecture"), corrupt, "general.architecture"},
    {"unknown_architecture", set("general.architecture", "mamba"sv), unsupported,
     "architecture is none of those we run (llama, qwen2, qwen3, gemma3)"},
    {"no_layer_count", drop("llama.block_count"), corrupt, "llama.block_count"},
    {"no_layers", set("llama.block_count", 0_u), corrupt, "llama.block_count"},
    {"too_many_layers", set("llama.block_count", kLayersMax + 1), corrupt, "llama.block_count"},
    {"narrow_embedding", set("llama.embedding_length", 31_u), corrupt, "llama.embedding_length"},
    {"wide_embedding", set("llama.embedding_length", kEmbeddingMax + 1), corrupt,
     "llama.embedding_length"},
    {"no_feed_forward", drop("llama.feed_forward_length"), corrupt, "llama.feed_forward_length"},
    {"wide_feed_forward", set("llama.feed_forward_length", kFeedForwardMax + 1), corrupt,
     "llama.feed_forward_length"},
    {"no_heads", set("llama.attention.head_count", 0_u), corrupt, "llama.attention.head_count"},
    {"heads_of_another_kind", set("llama.attention.head_count", std::vector<std::int64_t>{4}),
     corrupt, "llama.attention.head_count"},
    {"too_many_key_heads", set("llama.attention.head_count_kv", kHeadsMax + 1), corrupt,
     "llama.attention.head_count_kv"},
    {"heads_that_do_not_divide", set("llama.attention.head_count_kv", 3_u), unsupported,
     "4 query heads cannot share 3 key heads evenly"},
    {"long_keys", set("llama.attention.key_length", kHeadDimMax + 1), corrupt,
     "llama.attention.key_length"},
    {"odd_heads",
     [](TinyModel& m) {
       m.metadata["llama.attention.key_length"] = 17_u;
       m.metadata["llama.attention.value_length"] = 17_u;
     },
     unsupported, "head size 17 is not a multiple of 16"},
    {"more_heads_than_width",
     [](TinyModel& m) {
       m.metadata.erase("llama.attention.key_length");
       m.metadata["llama.attention.head_count"] = 65_u;
     },
     corrupt, "head size 0 is outside 1"},
    {"heads_too_wide",
     [](TinyModel& m) {
       m.metadata.erase("llama.attention.key_length");
       m.metadata["llama.embedding_length"] = 65'536_u;
     },
     corrupt, "head size 16384 is outside 1"},
    {"values_unlike_keys", set("llama.attention.value_length", 32_u), unsupported,
     "keys and values of different lengths"},
    {"no_context", drop("llama.context_length"), corrupt, "llama.context_length"},
    {"endless_context", set("llama.context_length", kContextMax + 1), corrupt,
     "llama.context_length"},
    {"no_epsilon", drop("llama.attention.layer_norm_rms_epsilon"), corrupt,
     "llama.attention.layer_norm_rms_epsilon"},
    {"epsilon_of_zero", set("llama.attention.layer_norm_rms_epsilon", 0.0), corrupt,
     "llama.attention.layer_norm_rms_epsilon"},
    {"base_below_one", set("llama.rope.freq_base", 0.5), corrupt, "llama.rope.freq_base"},
    {"yarn", set("llama.rope.scaling.type", "yarn"sv), unsupported,
     "rope scaling is not 'linear' (key 'llama.rope.scaling.type')"},
    {"scaling_of_another_kind", set("llama.rope.scaling.type", 1_u), corrupt,
     "llama.rope.scaling.type"},
    {"scaled_by_zero",
     [](TinyModel& m) {
       m.metadata["llama.rope.scaling.type"] = "linear"sv;
       m.metadata["llama.rope.scaling.factor"] = 0.0;
     },
     corrupt, "llama.rope.scaling.factor"},
    {"old_scale_of_zero", set("llama.rope.scale_linear", 0.0), corrupt, "llama.rope.scale_linear"},
    {"half_rotated_heads", set("llama.rope.dimension_count", 8_u), unsupported,
     "rotates 8 of 16 head dimensions"},
    {"gemma_without_a_window", drop("gemma3.attention.sliding_window"), corrupt,
     "gemma3.attention.sliding_window", "gemma3"},
    {"gemma_that_sees_nothing", set("gemma3.attention.sliding_window", 0_u), corrupt,
     "gemma3.attention.sliding_window", "gemma3"},
};
INSTANTIATE_TEST_SUITE_P(Config, Refuses, testing::ValuesIn(kConfigLies), name_of);

const Lie kTensorLies[] = {
    {"no_embedding", [](TinyModel& m) { m.tensors.erase("token_embd.weight"); }, corrupt,
     "tensor 'token_embd.weight' is missing or not a matrix"},
    {"flat_embedding", shape("token_embd.weight", {64}), corrupt,
     "tensor 'token_embd.weight' is missing or not a matrix"},
    {"endless_vocabulary", shape("token_embd.weight", {1, kVocabularyMax + 1}), corrupt,
     "tensor 'token_embd.weight' is missing or not a matrix"},
    {"narrow_embedding", shape("token_embd.weight", {32, 271}), corrupt,
     "tensor 'token_embd.weight' has shape [32, 271], the metadata asks for [64, 271]"},
    {"missing_tensor", [](TinyModel& m) { m.tensors.erase("blk.0.ffn_up.weight"); }, corrupt,
     "tensor 'blk.0.ffn_up.weight' is missing"},
    {"missing_layer", set("llama.block_count", 2_u), corrupt,
     "tensor 'blk.1.attn_norm.weight' is missing"},
    {"turned_matrix", shape("blk.0.ffn_down.weight", {64, 96}), corrupt,
     "tensor 'blk.0.ffn_down.weight' has shape [64, 96], the metadata asks for [96, 64]"},
    {"norm_as_matrix", shape("output_norm.weight", {64, 1}), corrupt,
     "tensor 'output_norm.weight' has shape [64, 1], the metadata asks for [64]"},
    {"other_head", shape("output.weight", {64, 270}), corrupt,
     "tensor 'output.weight' has shape [64, 270], the metadata asks for [64, 271]"},
    {"too_many_factors", shape("rope_freqs.weight", {16}), corrupt,
     "tensor 'rope_freqs.weight' has shape [16], the metadata asks for [8]"},
    {"unknown_tensor", shape("blk.0.ffn_gate_exps.weight", {32}), unsupported,
     "a tensor that architecture 'llama' does not use: 'blk.0.ffn_gate_exps.weight'"},
    {"layer_too_many", shape("blk.1.attn_norm.weight", {64}), unsupported,
     "a tensor that architecture 'llama' does not use: 'blk.1.attn_norm.weight'"},
    {"llama_with_biases", shape("blk.0.attn_q.bias", {64}), unsupported, "'blk.0.attn_q.bias'"},
    {"rows_of_half_blocks",
     [](TinyModel& m) {
       m.metadata["llama.feed_forward_length"] = 48_u;
       shape("blk.0.ffn_gate.weight", {64, 48})(m);
       shape("blk.0.ffn_up.weight", {64, 48})(m);
       shape("blk.0.ffn_down.weight", {48, 64})(m);
     },
     unsupported, "rows of tensor 'blk.0.ffn_down.weight' are not a multiple of 32 long"},
    {"qwen2_without_biases", [](TinyModel& m) { m.tensors.erase("blk.0.attn_v.bias"); }, corrupt,
     "tensor 'blk.0.attn_v.bias' is missing", "qwen2"},
    {"qwen3_without_head_norms", [](TinyModel& m) { m.tensors.erase("blk.0.attn_k_norm.weight"); },
     corrupt, "tensor 'blk.0.attn_k_norm.weight' is missing", "qwen3"},
    {"gemma3_without_post_norms",
     [](TinyModel& m) { m.tensors.erase("blk.0.post_ffw_norm.weight"); }, corrupt,
     "tensor 'blk.0.post_ffw_norm.weight' is missing", "gemma3"},
};
INSTANTIATE_TEST_SUITE_P(Tensors, Refuses, testing::ValuesIn(kTensorLies), name_of);

const Lie kVocabularyLies[] = {
    {"no_kind_of_tokenizer", drop("tokenizer.ggml.model"), corrupt, "tokenizer.ggml.model"},
    {"unknown_kind_of_tokenizer", set("tokenizer.ggml.model", "bert"sv), unsupported,
     "tokenizer.ggml.model is a kind that is not known here"},
    {"pre_of_another_kind", set("tokenizer.ggml.pre", 1_u), corrupt, "tokenizer.ggml.pre"},
    {"no_tokens", drop("tokenizer.ggml.tokens"), corrupt,
     "key 'tokenizer.ggml.tokens' is missing or its size absurd"},
    {"empty_tokens", set("tokenizer.ggml.tokens", Texts{}), corrupt,
     "key 'tokenizer.ggml.tokens' is missing or its size absurd"},
    {"endless_tokens", set("tokenizer.ggml.tokens", Texts(kVocabularyMax + 1)), corrupt,
     "key 'tokenizer.ggml.tokens' is missing or its size absurd"},
    {"tokens_that_are_numbers", set("tokenizer.ggml.tokens", std::vector<std::int64_t>{1}), corrupt,
     "key 'tokenizer.ggml.tokens' is not the expected kind of list"},
    {"merges_that_are_one_text", set("tokenizer.ggml.merges", "a b"sv), corrupt,
     "key 'tokenizer.ggml.merges' is not the expected kind of list"},
    {"scores_that_are_texts", set("tokenizer.ggml.scores", Texts{"1"}), corrupt,
     "key 'tokenizer.ggml.scores' is not the expected kind of list"},
    {"types_that_are_floats", set("tokenizer.ggml.token_type", std::vector<double>{1}), corrupt,
     "key 'tokenizer.ggml.token_type' is not the expected kind of list"},
    {"type_of_zero", set("tokenizer.ggml.token_type", std::vector<std::int64_t>{1, 0}), corrupt,
     "token 1 has type 0, known are 1 to 6"},
    {"type_of_seven", set("tokenizer.ggml.token_type", std::vector<std::int64_t>{7}), corrupt,
     "token 0 has type 7, known are 1 to 6"},
    {"types_of_other_tokens", set("tokenizer.ggml.token_type", std::vector<std::int64_t>{1}),
     corrupt, "tokenizer.ggml.token_type has 1 entries for 271 tokens"},
    {"start_outside", set("tokenizer.ggml.bos_token_id", 271_u), corrupt,
     "tokenizer.ggml.bos_token_id"},
    {"end_outside", set("tokenizer.ggml.eos_token_id", 271_u), corrupt,
     "tokenizer.ggml.eos_token_id"},
    {"end_of_turn_outside", set("tokenizer.ggml.eot_token_id", 4'294'967'295_u), corrupt,
     "tokenizer.ggml.eot_token_id"},
    {"unknown_outside", set("tokenizer.ggml.unknown_token_id", std::int64_t{-1}), corrupt,
     "tokenizer.ggml.unknown_token_id"},
    {"padding_outside", set("tokenizer.ggml.padding_token_id", 1_u << 40U), corrupt,
     "tokenizer.ggml.padding_token_id"},
    {"flag_that_is_a_number", set("tokenizer.ggml.add_bos_token", 1_u), corrupt,
     "tokenizer.ggml.add_bos_token"},
    {"merge_of_unknown_pieces", set("tokenizer.ggml.merges", Texts{"x yz"}), corrupt,
     "tokenizer.ggml.merges: entry 0"},
    {"more_rows_than_tokens", shape("token_embd.weight", {64, 272}), corrupt,
     "the vocabulary has 271 tokens, the embedding 272 rows"},
    {"more_tokens_than_rows", shape("token_embd.weight", {64, 270}), corrupt,
     "the vocabulary has 271 tokens, the embedding 270 rows"},
};
INSTANTIATE_TEST_SUITE_P(Vocabulary, Refuses, testing::ValuesIn(kVocabularyLies), name_of);

gguf::Reader parse(const std::string& bytes) {
  return gguf::Reader::parse(std::as_bytes(std::span(bytes)), "tiny.gguf").value();
}

TEST(Config, takes_head_size_key_heads_and_base_from_the_rest_when_they_are_not_said) {
  TinyModel tiny({.n_kv_heads = 4});
  for (const char* key : {"llama.attention.head_count_kv", "llama.attention.key_length",
                          "llama.attention.value_length", "llama.rope.freq_base"}) {
    tiny.metadata.erase(key);
  }
  const std::string bytes = tiny.bytes();
  const auto config = read_config(parse(bytes));
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(config->head_dim, 16);
  EXPECT_EQ(config->n_kv_heads, 4);
  EXPECT_EQ(config->rope_theta, 10000.0F);
}

TEST(Config, reads_what_differs_between_the_architectures) {
  const auto read = [](const char* architecture, int n_layers) {
    TinyModel tiny({.architecture = architecture, .n_layers = n_layers});
    const std::string bytes = tiny.bytes();
    return read_config(parse(bytes)).value();
  };
  EXPECT_EQ(read("llama", 1).rope_pairs, RopePairs::neighbours);
  EXPECT_EQ(read("qwen2", 1).rope_pairs, RopePairs::halves);
  EXPECT_TRUE(read("qwen2", 1).qkv_bias);
  EXPECT_TRUE(read("qwen3", 1).qk_norm);
  const auto gemma = read("gemma3", 7);
  EXPECT_EQ(gemma.embedding_scale, 8.0F);
  EXPECT_EQ(gemma.sliding_window, 24);
  for (int i = 0; i < 7; ++i) EXPECT_EQ(gemma.is_local(i), i != 5) << i;
}

TEST(Config, reads_old_and_new_ways_to_scale_positions) {
  TinyModel tiny({});
  const auto scale = [&] {
    const std::string bytes = tiny.bytes();
    return read_config(parse(bytes)).value().rope_scale;
  };
  EXPECT_EQ(scale(), 1.0F);
  tiny.metadata["llama.rope.scale_linear"] = 2.0;
  EXPECT_EQ(scale(), 2.0F);
  tiny.metadata["llama.rope.scaling.type"] = "linear"sv;
  tiny.metadata["llama.rope.scaling.factor"] = 4.0;
  EXPECT_EQ(scale(), 4.0F);
  tiny.metadata["llama.rope.scaling.type"] = "none"sv;
  EXPECT_EQ(scale(), 1.0F);
}

TEST(Model, summarises_a_file_without_packing_it) {
  TinyModel tiny({.types = {DType::q8_0, DType::q4_0}, .n_layers = 1, .head = Head::untied});
  tiny.metadata["general.name"] = "Tiny"sv;
  tiny.metadata["general.license"] = "apache-2.0"sv;
  tiny.metadata["tokenizer.chat_template"] = "template"sv;
  const std::string bytes = tiny.bytes();
  const auto summary = summarise(parse(bytes));
  ASSERT_TRUE(summary) << summary.error().what;
  EXPECT_EQ(summary->architecture, "llama");
  EXPECT_EQ(summary->general_name, "Tiny");
  EXPECT_EQ(summary->licence, "apache-2.0");
  EXPECT_EQ(summary->chat_template, "template");
  EXPECT_EQ(summary->file_bytes, bytes.size());
  // Twice the embedding, q and output of 64 · 64, k and v of 64 · 32, three of 64 · 96, three
  // norms.
  EXPECT_EQ(summary->n_parameters,
            2U * 271 * 64 + 2 * 64 * 64 + 2 * 64 * 32 + 3 * 64 * 96 + 3 * 64);
  std::uint64_t n_tensors = 0;
  for (const auto& c : summary->classes) {
    n_tensors += static_cast<std::uint64_t>(c.n_tensors);
    if (c.name == "embedding") {
      EXPECT_EQ(c.bytes, 271U * 2 * 34);
    }
    if (c.name == "norm and bias") {
      EXPECT_EQ(c.bytes, 3U * 64 * 4);
    }
  }
  EXPECT_EQ(n_tensors, tiny.tensors.size());
}

TEST(Model, takes_texts_of_the_wrong_kind_as_absent) {
  TinyModel tiny({.n_layers = 1});
  tiny.metadata["general.name"] = 1_u;
  const std::string bytes = tiny.bytes();
  EXPECT_EQ(summarise(parse(bytes)).value().general_name, "");
}

TEST(Model, reads_the_vocabulary_as_the_file_says_it) {
  TinyModel tiny({.n_layers = 1});
  tiny.metadata["tokenizer.ggml.add_bos_token"] = true;
  const std::string bytes = tiny.bytes();
  const auto reader = parse(bytes);
  const auto spec = read_vocabulary(reader).value();
  EXPECT_EQ(spec.model, "gpt2");
  EXPECT_EQ(spec.pre, "gpt-2");
  EXPECT_EQ(spec.tokens.size(), 271U);
  EXPECT_EQ(spec.eos, std::optional<text::TokenId>(267));
  EXPECT_TRUE(spec.add_bos);
  EXPECT_FALSE(spec.add_space_prefix);
}

TEST(Model, sentence_piece_files_start_with_bos_and_a_space_unless_they_say_otherwise) {
  TinyModel tiny({.architecture = "gemma3", .n_layers = 1});
  const std::string bytes = tiny.bytes();
  const auto reader = parse(bytes);
  const auto spec = read_vocabulary(reader).value();
  EXPECT_TRUE(spec.add_bos);
  EXPECT_TRUE(spec.add_space_prefix);
  EXPECT_EQ(spec.scores.size(), spec.tokens.size());
}

TEST(Model, keeps_quantised_weights_small_unless_they_must_be_exact) {
  TinyModel tiny({.types = {DType::q4_0}});
  const std::string bytes = tiny.bytes();
  ThreadPool pool(2);
  const auto fast = load_bytes(bytes, false, pool).value();
  const auto exact = load_bytes(bytes, true, pool).value();
  EXPECT_LT(fast->bytes_per_token() * 6, exact->bytes_per_token());
  EXPECT_EQ(fast->tokenizer().size(), 271U);
  EXPECT_TRUE(exact->exact());
}

}  // namespace
}  // namespace plmm::model
