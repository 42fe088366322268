// Text to token ids and back, as the model's own file defines it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace plmm::text {

using TokenId = std::int32_t;
class TokenIndex;
class SpecialTokens;

/// GGUF token types (tokenizer.ggml.token_type).
enum class TokenKind : std::uint8_t {
  normal = 1,
  unknown = 2,
  control = 3,
  user_defined = 4,
  unused = 5,
  byte = 6
};

/// What a model file says about its vocabulary. Views may point into the file; Tokenizer::create
/// copies what it keeps.
struct VocabularySpec {
  std::string model;  // tokenizer.ggml.model: "gpt2" (byte-level BPE) or "llama" (SentencePiece)
  std::string pre;    // tokenizer.ggml.pre: gpt-2, smollm, qwen2, llama-bpe, deepseek-r1-qwen …
  std::vector<std::string_view> tokens;  // text of each id
  std::vector<float> scores;             // SentencePiece only; empty or one per token
  std::vector<TokenKind> kinds;          // empty (all normal) or one per token
  std::vector<std::string_view> merges;  // BPE only: "left right", by rank
  std::optional<TokenId> bos, eos, eot, unknown, padding;
  bool add_bos = false;
  bool add_space_prefix = false;  // SentencePiece: a space before the first piece
};

/// Whether the text of special tokens ("<|im_end|>") in the input becomes these tokens or plain
/// text. User input is always plain: nobody types themselves into another role.
enum class Special : std::uint8_t { plain, parse };

/// Immutable after creation: any thread may use one.
class Tokenizer {
 public:
  /// corrupt_data for ids out of range, merges of unknown pieces, sizes that differ;
  /// limit_exceeded; unsupported for an unknown model or pre. Tokens that a chat is built of
  /// ("<|im_end|>") count as control even if the file says otherwise.
  static Result<std::unique_ptr<Tokenizer>> create(const VocabularySpec& spec);
  virtual ~Tokenizer() = default;

  /// Ids of `utf8`; broken UTF-8 is taken byte by byte (as U+FFFD where the original tokenizer does
  /// so). No BOS added. Needs: fewer than 2^31 bytes.
  virtual std::vector<TokenId> encode(std::string_view utf8, Special special) const = 0;
  /// The same for text that stands behind other text: SentencePiece puts no space before it.
  virtual std::vector<TokenId> encode_more(std::string_view utf8, Special special) const {
    return encode(utf8, special);
  }
  /// The bytes of one token, not necessarily whole characters. Control tokens give nothing unless
  /// Special::parse.
  virtual std::string piece(TokenId id, Special special = Special::plain) const = 0;

  std::string decode(std::span<const TokenId> ids, Special special = Special::plain) const;
  std::size_t size() const { return kinds_.size(); }
  TokenKind kind(TokenId id) const { return kinds_[static_cast<std::size_t>(id)]; }
  /// By its exact text in the vocabulary.
  std::optional<TokenId> find(std::string_view token_text) const;
  std::optional<TokenId> bos() const { return bos_; }
  std::optional<TokenId> eos() const { return eos_; }
  bool add_bos() const { return add_bos_; }
  /// Ends an answer: EOS, EOT and the known end-of-turn markers of the vocabulary.
  bool is_end(TokenId id) const;

 protected:
  explicit Tokenizer(const VocabularySpec& spec);  // of a spec that create() has checked
  const TokenIndex& index() const { return *index_; }
  /// Whether merging characters may make this token. Control tokens and the like never come out of
  /// plain text.
  bool mergeable(TokenId id) const {
    return kind(id) == TokenKind::normal || kind(id) == TokenKind::user_defined;
  }
  const SpecialTokens& specials(Special special) const;

 private:
  std::vector<TokenKind> kinds_;
  std::vector<TokenId> ends_;  // sorted
  std::optional<TokenId> bos_, eos_;
  bool add_bos_ = false;
  std::shared_ptr<const TokenIndex> index_;            // token text → id
  std::shared_ptr<const SpecialTokens> user_defined_;  // cut out of any text
  std::shared_ptr<const SpecialTokens> all_special_;   // cut out by Special::parse
};

/// Joins pieces into text and holds back the bytes of an unfinished UTF-8 character.
class StreamDecoder {
 public:
  /// Whole characters that `piece` completes. Bytes that can never become a character come out as
  /// U+FFFD.
  std::string push(std::string_view piece);
  /// What is left at the end, U+FFFD for an unfinished character.
  std::string finish();

 private:
  std::string pending_;
};

}  // namespace plmm::text
