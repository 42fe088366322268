// WordPiece: the tokenizer of BERT's uncased models.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/token_index.h"
#include "text/tokenizer.h"

namespace plmm::text {

/// Immutable after creation: any thread may use one.
class WordPiece {
 public:
  /// From the bytes of a vocab.txt: a token a line, its id the number of lines before. `name`
  /// stands for the file in errors: corrupt_data where [CLS], [SEP] or [UNK] is missing,
  /// limit_exceeded.
  static Result<WordPiece> create(std::string_view vocabulary, std::string_view name);

  /// [CLS], the pieces of `utf8`, [SEP]; at most n_tokens_max ids (≥ 2), what does not fit is left
  /// out at the end. "[SEP]" and the like in the text are plain text. Broken UTF-8 is passed over.
  std::vector<TokenId> encode(std::string_view utf8, std::size_t n_tokens_max) const;

  std::size_t size() const { return index_->size(); }

 private:
  WordPiece() = default;
  void append_word(std::u32string_view word, std::size_t n_max, std::vector<TokenId>& out) const;

  std::shared_ptr<const TokenIndex> index_;
  TokenId start_ = 0;      // [CLS]
  TokenId separator_ = 0;  // [SEP]
  TokenId unknown_ = 0;    // [UNK]
};

}  // namespace plmm::text
