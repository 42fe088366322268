// What all tokenizers share: checks of the vocabulary, special and end tokens, decoding.
#include "text/tokenizer.h"

#include <algorithm>
#include <array>

#include "text/bpe.h"
#include "text/special_tokens.h"
#include "text/spm.h"
#include "text/token_index.h"
#include "text/unicode.h"

namespace plmm::text {
namespace {

// Sizes from the file. The largest vocabularies in use have 2^18 tokens, each below 512 bytes.
constexpr std::size_t kTokensMax = std::size_t{1} << 22;
constexpr std::size_t kMergesMax = std::size_t{1} << 24;
constexpr std::size_t kTokenBytesMax = std::size_t{1} << 16;

// Tokens by which a model ends its answer, under whatever name the file gives as EOS.
constexpr std::array<std::string_view, 14> kEndTokens{
    "<|im_end|>",         "<|eot_id|>",  "<|eom_id|>",    "<end_of_turn>", "<|endoftext|>",
    "<|end_of_text|>",    "<|end|>",     "<eos>",         "<EOT>",         "<｜end▁of▁sentence｜>",
    "<end_of_utterance>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>"};

// Tokens that open a turn. With the end tokens they are the frame of a chat, which plain text must
// not be able to forge.
constexpr std::array<std::string_view, 10> kTurnTokens{
    "<|im_start|>",      "<start_of_turn>",   "<|start_header_id|>",
    "<|end_header_id|>", "<|begin_of_text|>", "[INST]",
    "[/INST]",           "<|system|>",        "<|user|>",
    "<|assistant|>"};

Result<> check_id(const VocabularySpec& spec, const std::optional<TokenId>& id, const char* key) {
  if (!id || (*id >= 0 && static_cast<std::size_t>(*id) < spec.tokens.size())) return {};
  return fail(ErrorCode::corrupt_data, std::string(key) + " is " + std::to_string(*id) +
                                           ", outside the vocabulary of " +
                                           std::to_string(spec.tokens.size()) + " tokens");
}

Result<> check_tokens(const VocabularySpec& spec) {
  if (spec.tokens.empty()) return fail(ErrorCode::corrupt_data, "tokenizer.ggml.tokens is empty");
  if (spec.tokens.size() > kTokensMax || spec.merges.size() > kMergesMax) {
    return fail(ErrorCode::limit_exceeded,
                "the vocabulary has " + std::to_string(spec.tokens.size()) + " tokens and " +
                    std::to_string(spec.merges.size()) + " merges; the limits are " +
                    std::to_string(kTokensMax) + " and " + std::to_string(kMergesMax));
  }
  for (std::size_t id = 0; id < spec.tokens.size(); ++id) {
    if (spec.tokens[id].size() > kTokenBytesMax) {
      return fail(ErrorCode::limit_exceeded, "tokenizer.ggml.tokens: entry " + std::to_string(id) +
                                                 " has " + std::to_string(spec.tokens[id].size()) +
                                                 " bytes; the limit is " +
                                                 std::to_string(kTokenBytesMax));
    }
  }
  return {};
}

Result<> check_kinds(const VocabularySpec& spec) {
  if (!spec.kinds.empty() && spec.kinds.size() != spec.tokens.size()) {
    return fail(ErrorCode::corrupt_data, "tokenizer.ggml.token_type has " +
                                             std::to_string(spec.kinds.size()) + " entries for " +
                                             std::to_string(spec.tokens.size()) + " tokens");
  }
  for (std::size_t id = 0; id < spec.kinds.size(); ++id) {
    if (spec.kinds[id] < TokenKind::normal || spec.kinds[id] > TokenKind::byte) {
      return fail(ErrorCode::corrupt_data, "tokenizer.ggml.token_type: entry " +
                                               std::to_string(id) + " is not a type from 1 to 6");
    }
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Tokenizer>> Tokenizer::create(const VocabularySpec& spec) {
  TRY(check_tokens(spec));
  TRY(check_kinds(spec));
  TRY(check_id(spec, spec.bos, "tokenizer.ggml.bos_token_id"));
  TRY(check_id(spec, spec.eos, "tokenizer.ggml.eos_token_id"));
  TRY(check_id(spec, spec.eot, "tokenizer.ggml.eot_token_id"));
  TRY(check_id(spec, spec.unknown, "tokenizer.ggml.unknown_token_id"));
  TRY(check_id(spec, spec.padding, "tokenizer.ggml.padding_token_id"));
  if (spec.add_bos && !spec.bos) {
    return fail(ErrorCode::corrupt_data,
                "tokenizer.ggml.add_bos_token is set but there is no bos_token_id");
  }
  if (spec.model == "gpt2") return BpeTokenizer::create(spec);
  if (spec.model == "llama") return SpmTokenizer::create(spec);
  return fail(ErrorCode::unsupported,
              "tokenizer.ggml.model is a kind that is not known here; known are gpt2, llama");
}

Tokenizer::Tokenizer(const VocabularySpec& spec)
    : kinds_(spec.kinds),
      bos_(spec.bos),
      eos_(spec.eos),
      add_bos_(spec.add_bos),
      index_(std::make_shared<TokenIndex>(spec.tokens)) {
  kinds_.resize(spec.tokens.size(), TokenKind::normal);
  const auto make_control = [this](TokenId id) {
    kinds_[static_cast<std::size_t>(id)] = TokenKind::control;
  };
  if (spec.unknown) kinds_[static_cast<std::size_t>(*spec.unknown)] = TokenKind::unknown;
  for (const auto& id : {spec.eos, spec.eot}) {
    if (id) ends_.push_back(*id);
  }
  for (const std::string_view text : kEndTokens) {
    if (const auto id = find(text)) ends_.push_back(*id);
  }
  std::sort(ends_.begin(), ends_.end());
  ends_.erase(std::unique(ends_.begin(), ends_.end()), ends_.end());
  std::for_each(ends_.begin(), ends_.end(), make_control);
  for (const std::string_view text : kTurnTokens) {
    if (const auto id = find(text)) make_control(*id);
  }
  if (spec.bos) make_control(*spec.bos);

  std::vector<TokenId> user_defined;
  std::vector<TokenId> all;
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    const auto id = static_cast<TokenId>(i);
    const bool by_user = kinds_[i] == TokenKind::user_defined;
    if (by_user) user_defined.push_back(id);
    if (by_user || kinds_[i] == TokenKind::control || kinds_[i] == TokenKind::unknown)
      all.push_back(id);
  }
  user_defined_ = std::make_shared<SpecialTokens>(*index_, std::move(user_defined));
  all_special_ = std::make_shared<SpecialTokens>(*index_, std::move(all));
}

const SpecialTokens& Tokenizer::specials(Special special) const {
  return special == Special::parse ? *all_special_ : *user_defined_;
}

std::string Tokenizer::decode(std::span<const TokenId> ids, Special special) const {
  std::string text;
  for (const TokenId id : ids) text += piece(id, special);
  return text;
}

std::optional<TokenId> Tokenizer::find(std::string_view token_text) const {
  return index_->find(token_text);
}

bool Tokenizer::is_end(TokenId id) const {
  return std::binary_search(ends_.begin(), ends_.end(), id);
}

std::string StreamDecoder::push(std::string_view piece) {
  pending_ += piece;
  std::string whole;
  std::size_t at = 0;
  while (at < pending_.size()) {
    const Utf8Step step = inspect_utf8(pending_, at);
    if (step.status == Utf8Status::unfinished) break;
    if (step.status == Utf8Status::whole) {
      whole.append(pending_, at, step.n_bytes);
    } else {
      append_utf8(kReplacement, whole);
    }
    at += step.n_bytes;
  }
  pending_.erase(0, at);
  return whole;
}

std::string StreamDecoder::finish() {
  std::string rest;
  if (!pending_.empty()) append_utf8(kReplacement, rest);
  pending_.clear();
  return rest;
}

}  // namespace plmm::text
