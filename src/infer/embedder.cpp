// Texts are tokenized on all threads, cut into groups, and each group is computed by one thread.
#include "infer/embedder.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>
#include <utility>

#include "base/file.h"
#include "base/thread_pool.h"
#include "gguf/safetensors.h"
#include "kernel/dispatch.h"
#include "model/bert.h"
#include "text/wordpiece.h"

namespace plmm::infer {
namespace {

constexpr std::uint64_t kVocabularyBytesMax = 64U << 20U;
/// Tokens that share a pass over the weights: enough to use them well, few enough that activations
/// stay in the cache of a core.
constexpr std::size_t kGroupTokens = 128;

struct Files {
  std::filesystem::path weights;
  std::filesystem::path vocabulary;
};

Files find_files(const std::filesystem::path& weights) {
  std::error_code ignored;
  if (std::filesystem::is_directory(weights, ignored)) {
    return {weights / "model.safetensors", weights / "vocab.txt"};
  }
  auto own = weights;
  own.replace_extension(".vocab.txt");
  if (std::filesystem::exists(own, ignored)) return {weights, own};
  return {weights, weights.parent_path() / "vocab.txt"};
}

model::BertPrecision bert_precision(EmbedderPrecision precision) {
  return precision == EmbedderPrecision::int8  ? model::BertPrecision::int8
         : precision == EmbedderPrecision::f16 ? model::BertPrecision::f16
                                               : model::BertPrecision::f32;
}

/// Texts [begin, end) that one thread computes at once.
struct Group {
  std::size_t begin;
  std::size_t end;
};

/// Neighbours as long as they fit together; no text is divided. With few tokens each thread gets a
/// part of them.
std::vector<Group> make_groups(const std::vector<std::vector<std::int32_t>>& tokens,
                               std::size_t n_threads) {
  std::size_t n_total = 0;
  for (const auto& text : tokens) n_total += text.size();
  const std::size_t n_max = std::min(kGroupTokens, n_total / n_threads + 1);
  std::vector<Group> out;
  for (std::size_t begin = 0; begin < tokens.size();) {
    std::size_t end = begin, n = 0;
    do {
      n += tokens[end++].size();
    } while (end < tokens.size() && n + tokens[end].size() <= n_max);
    out.push_back({begin, end});
    begin = end;
  }
  return out;
}

}  // namespace

Embedder::Embedder() = default;
Embedder::~Embedder() = default;

Result<std::unique_ptr<Embedder>> Embedder::load(const std::filesystem::path& weights,
                                                 const EmbedderOptions& options) {
  const auto* const kernels = TRY(kernel::choose_kernels(options.tier));
  const Files files = find_files(weights);
  auto file = TRY(gguf::SafetensorsReader::open(files.weights));
  const std::string vocabulary = TRY(read_file(files.vocabulary, kVocabularyBytesMax));
  std::unique_ptr<Embedder> out(new Embedder());
  out->pool_ = std::make_unique<ThreadPool>(ThreadPool::count_or_all(options.n_threads));
  out->tokenizer_ = std::make_unique<const text::WordPiece>(
      TRY(text::WordPiece::create(vocabulary, files.vocabulary.string())));
  out->bert_ = TRY(model::Bert::load(std::move(file), options.n_heads,
                                     bert_precision(options.precision), *kernels, *out->pool_));
  const auto& config = out->bert_->config();
  if (out->tokenizer_->size() > static_cast<std::size_t>(config.n_vocabulary)) {
    return fail(ErrorCode::corrupt_data,
                files.vocabulary.string() + ": has " + std::to_string(out->tokenizer_->size()) +
                    " tokens, the model " + std::to_string(config.n_vocabulary) +
                    " (of another model?). Run: plmm pull all-minilm-l6-v2");
  }
  if (options.n_tokens_max < 2 || options.n_tokens_max > config.n_positions) {
    return fail(ErrorCode::invalid_argument, files.weights.string() + ": texts can have 2 to " +
                                                 std::to_string(config.n_positions) +
                                                 " tokens, not " +
                                                 std::to_string(options.n_tokens_max));
  }
  out->n_tokens_max_ = static_cast<std::size_t>(options.n_tokens_max);
  const auto n_group = static_cast<int>(std::max(kGroupTokens, out->n_tokens_max_));
  for (int i = 0; i < out->pool_->size(); ++i) {
    out->workspaces_.push_back(TRY(model::BertWorkspace::create(config, n_group)));
  }
  return out;
}

int Embedder::dimension() const { return bert_->config().n_embd; }

void Embedder::tokenize(std::span<const std::string_view> texts,
                        std::vector<std::vector<std::int32_t>>& tokens) {
  std::atomic<std::size_t> next{0};
  pool_->run([&](int) {
    for (std::size_t i = next++; i < texts.size(); i = next++) {
      tokens[i] = tokenizer_->encode(texts[i], n_tokens_max_);
    }
  });
}

Result<> Embedder::embed(std::span<const std::string_view> texts, std::span<float> out) {
  const auto width = static_cast<std::size_t>(dimension());
  if (out.size() / width != texts.size() || out.size() % width != 0) {
    return fail(ErrorCode::invalid_argument, std::to_string(texts.size()) +
                                                 " texts have embeddings of " +
                                                 std::to_string(texts.size() * width) +
                                                 " numbers, not of " + std::to_string(out.size()));
  }
  std::vector<std::vector<std::int32_t>> tokens(texts.size());
  tokenize(texts, tokens);
  const auto groups = make_groups(tokens, static_cast<std::size_t>(pool_->size()));
  std::atomic<std::size_t> next{0};
  pool_->run([&](int thread) {
    std::vector<std::int32_t> ids;
    std::vector<int> lengths;
    for (std::size_t i = next++; i < groups.size(); i = next++) {
      const auto [begin, end] = groups[i];
      ids.clear();
      lengths.clear();
      for (std::size_t text = begin; text < end; ++text) {
        ids.insert(ids.end(), tokens[text].begin(), tokens[text].end());
        lengths.push_back(static_cast<int>(tokens[text].size()));
      }
      model::bert_embed(*bert_, workspaces_[static_cast<std::size_t>(thread)], {ids, lengths},
                        out.subspan(begin * width, (end - begin) * width));
    }
  });
  if (std::ranges::all_of(out, [](float x) { return std::isfinite(x); })) return {};
  return fail(ErrorCode::corrupt_data,
              "an embedding has values that are no numbers (damaged weights?). "
              "Run: plmm pull all-minilm-l6-v2");
}

}  // namespace plmm::infer
