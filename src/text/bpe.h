// Byte-level byte-pair encoding (GGUF model "gpt2").
#pragma once

#include <array>
#include <memory>

#include "text/pretokenize.h"
#include "text/token_index.h"
#include "text/tokenizer.h"

namespace plmm::text {

/// Each byte of a word is a token of its own, then neighbours merge by rank. Bytes without a token
/// are left out. Source: Sennrich et al. 2016; the byte alphabet is GPT-2's (Radford et al. 2019).
class BpeTokenizer final : public Tokenizer {
 public:
  /// Needs: what Tokenizer::create checks for every model. Checks the merges and the pre-tokenizer.
  static Result<std::unique_ptr<Tokenizer>> create(const VocabularySpec& spec);

  std::vector<TokenId> encode(std::string_view utf8, Special special) const override;
  std::string piece(TokenId id, Special special) const override;

 private:
  BpeTokenizer(const VocabularySpec& spec, PreTokenizer pre_tokenizer);
  Result<> add_merges(const VocabularySpec& spec);
  void encode_word(std::string_view bytes, std::vector<TokenId>& ids) const;

  PreTokenizer pre_tokenizer_;
  bool whole_words_first_;             // a word that is a token is not merged (Llama 3)
  std::array<TokenId, 256> byte_ids_;  // -1: no token for this byte
  MergeTable merges_;
};

}  // namespace plmm::text
