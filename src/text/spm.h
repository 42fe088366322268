// SentencePiece-style tokens with scores (GGUF model "llama", also Gemma's).
#pragma once

#include <array>
#include <memory>

#include "text/tokenizer.h"

namespace plmm::text {

/// Spaces become U+2581, then the neighbours whose join has the highest score merge. Characters
/// without a token are written as byte tokens <0xXX>. Source: Kudo & Richardson 2018, the BPE
/// model.
class SpmTokenizer final : public Tokenizer {
 public:
  /// Needs: what Tokenizer::create checks for every model. Checks the scores.
  static Result<std::unique_ptr<Tokenizer>> create(const VocabularySpec& spec);

  std::vector<TokenId> encode(std::string_view utf8, Special special) const override;
  std::vector<TokenId> encode_more(std::string_view utf8, Special special) const override;
  std::string piece(TokenId id, Special special) const override;

 private:
  enum class Before : std::uint8_t { start, text };
  explicit SpmTokenizer(const VocabularySpec& spec);
  std::vector<TokenId> encode_after(Before before, std::string_view utf8, Special special) const;
  void encode_text(std::string_view escaped, std::vector<TokenId>& ids) const;
  TokenId find_mergeable(std::string_view text) const;  // -1: none

  std::vector<std::uint32_t> ranks_;   // by id; a higher score has a lower rank
  std::array<TokenId, 256> byte_ids_;  // -1: neither a byte token nor an unknown token
  bool add_space_prefix_;
};

}  // namespace plmm::text
