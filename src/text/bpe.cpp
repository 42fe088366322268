// Byte-level byte-pair encoding.
#include "text/bpe.h"

#include <algorithm>

#include "base/narrow.h"
#include "text/merge_symbols.h"
#include "text/special_tokens.h"
#include "text/unicode.h"

namespace plmm::text {
namespace {

// GPT-2 writes each byte as a printable character: itself where it is one, else the next from
// U+0100 on.
struct ByteAlphabet {
  std::array<char32_t, 256> character_of{};
  std::array<int, 0x144> byte_of{};  // 0x144 = 256 + 68 bytes that are not printable; -1: no byte

  ByteAlphabet() {
    byte_of.fill(-1);
    char32_t next = 0x100;
    for (int byte = 0; byte < 256; ++byte) {
      const bool printable = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
      const char32_t character = printable ? static_cast<char32_t>(byte) : next++;
      character_of[static_cast<std::size_t>(byte)] = character;
      byte_of[character] = byte;
    }
  }
};

const ByteAlphabet& byte_alphabet() {
  static const ByteAlphabet kAlphabet;
  return kAlphabet;
}

std::string byte_text(std::uint8_t byte) {
  std::string text;
  append_utf8(byte_alphabet().character_of[byte], text);
  return text;
}

}  // namespace

Result<std::unique_ptr<Tokenizer>> BpeTokenizer::create(const VocabularySpec& spec) {
  const auto pre_tokenizer = pre_tokenizer_from_name(spec.pre);
  if (!pre_tokenizer) {
    return fail(
        ErrorCode::unsupported,
        "tokenizer.ggml.pre is a kind that is not known here; known are " + pre_tokenizer_names());
  }
  std::unique_ptr<BpeTokenizer> tokenizer(new BpeTokenizer(spec, *pre_tokenizer));
  TRY(tokenizer->add_merges(spec));
  return tokenizer;
}

BpeTokenizer::BpeTokenizer(const VocabularySpec& spec, PreTokenizer pre_tokenizer)
    : Tokenizer(spec),
      pre_tokenizer_(pre_tokenizer),
      whole_words_first_(pre_tokenizer == PreTokenizer::llama3),
      merges_(spec.merges.size()) {
  for (std::size_t byte = 0; byte < 256; ++byte) {
    const auto id = index().find(byte_text(static_cast<std::uint8_t>(byte)));
    byte_ids_[byte] = id && mergeable(*id) ? *id : -1;
  }
}

Result<> BpeTokenizer::add_merges(const VocabularySpec& spec) {
  for (std::size_t rank = 0; rank < spec.merges.size(); ++rank) {
    const std::string_view merge = spec.merges[rank];
    const std::size_t space = merge.find(' ', 1);
    const auto bad = [rank](const char* why) {
      return fail(ErrorCode::corrupt_data,
                  "tokenizer.ggml.merges: entry " + std::to_string(rank) + why);
    };
    if (space == std::string_view::npos) return bad(" is not two pieces with a space between");
    const auto left = index().find(merge.substr(0, space));
    const auto right = index().find(merge.substr(space + 1));
    if (!left || !right) return bad(" joins a piece that is not in the vocabulary");
    const auto joined =
        index().find(std::string(merge.substr(0, space)).append(merge.substr(space + 1)));
    if (!joined) return bad(" makes a piece that is not in the vocabulary");
    if (!mergeable(*joined)) continue;
    merges_.add(*left, *right, {narrow<std::uint32_t>(rank), *joined});
  }
  return {};
}

std::vector<TokenId> BpeTokenizer::encode(std::string_view utf8, Special special) const {
  std::vector<TokenId> ids;
  std::string bytes;
  for (const Fragment& fragment : specials(special).split(utf8)) {
    if (fragment.id >= 0) {
      ids.push_back(fragment.id);
      continue;
    }
    const Characters text(fragment.text);
    for (const Word word : split_words(pre_tokenizer_, text)) {
      bytes.clear();
      for (std::size_t i = word.begin; i < word.end; ++i) append_utf8(text.codes[i], bytes);
      encode_word(bytes, ids);
    }
  }
  return ids;
}

void BpeTokenizer::encode_word(std::string_view bytes, std::vector<TokenId>& ids) const {
  if (whole_words_first_ && bytes.size() <= index().longest()) {
    std::string text;
    for (const char byte : bytes) text += byte_text(static_cast<std::uint8_t>(byte));
    const auto id = index().find(text);
    if (id && mergeable(*id)) {
      ids.push_back(*id);
      return;
    }
  }
  std::vector<Symbol> symbols;
  symbols.reserve(bytes.size());
  for (std::uint32_t i = 0; i < narrow<std::uint32_t>(bytes.size()); ++i) {
    symbols.push_back({byte_ids_[static_cast<std::uint8_t>(bytes[i])], i, 1, -1, -1});
  }
  link_symbols(symbols);
  merge_symbols(symbols, [this](const Symbol& left, const Symbol& right) -> std::optional<Merge> {
    if (left.id < 0 || right.id < 0) return std::nullopt;
    return merges_.find(left.id, right.id);
  });
  for (const Symbol& symbol : symbols) {
    if (symbol.length > 0 && symbol.id >= 0) ids.push_back(symbol.id);
  }
}

std::string BpeTokenizer::piece(TokenId id, Special special) const {
  const std::string_view text = index().text(id);
  switch (kind(id)) {
    case TokenKind::user_defined:
      return std::string(text);
    case TokenKind::control:
    case TokenKind::unknown:
      return special == Special::parse ? std::string(text) : std::string();
    case TokenKind::unused:
      return {};
    case TokenKind::normal:
    case TokenKind::byte:
      break;
  }
  std::string bytes;
  const auto& byte_of = byte_alphabet().byte_of;
  for (std::size_t at = 0; at < text.size();) {
    const Decoded decoded = decode_lenient(text, at);
    const int byte = decoded.character < byte_of.size() ? byte_of[decoded.character] : -1;
    if (byte >= 0) {
      bytes.push_back(static_cast<char>(byte));
    } else {
      bytes += text.substr(at, decoded.n_bytes);  // not of the byte alphabet: as the file has it
    }
    at += decoded.n_bytes;
  }
  return bytes;
}

}  // namespace plmm::text
