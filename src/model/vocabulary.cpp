// Reads tokenizer.ggml.* of a file into what text::Tokenizer is made from.
#include <limits>

#include "base/narrow.h"
#include "model/model.h"

namespace plmm::model {
namespace {

constexpr std::string_view kPrefix = "tokenizer.ggml.";

/// The array of T at tokenizer.ggml.<name>; nullptr when absent, corrupt_data when of another kind.
template <class T>
Result<const std::vector<T>*> list(const gguf::Reader& reader, std::string_view name) {
  const std::string key = std::string(kPrefix) + std::string(name);
  const auto* value = reader.find(key);
  if (value == nullptr) return nullptr;
  if (const auto* array = std::get_if<std::vector<T>>(value)) return array;
  return fail(ErrorCode::corrupt_data,
              reader.name() + ": key '" + key + "' is not the expected kind of list");
}

Result<std::optional<text::TokenId>> special(const gguf::Reader& reader, std::string_view name,
                                             std::size_t n_tokens) {
  const std::string key = std::string(kPrefix) + std::string(name);
  if (reader.find(key) == nullptr) return std::nullopt;
  return narrow<text::TokenId>(TRY(reader.u64(key, 0, n_tokens - 1)));
}

Result<bool> flag(const gguf::Reader& reader, std::string_view name, bool otherwise) {
  const std::string key = std::string(kPrefix) + std::string(name);
  if (reader.find(key) == nullptr) return otherwise;
  return reader.boolean(key);
}

Result<std::vector<text::TokenKind>> kinds(const gguf::Reader& reader) {
  std::vector<text::TokenKind> out;
  const auto* types = TRY(list<std::int64_t>(reader, "token_type"));
  if (types == nullptr) return out;
  for (std::size_t i = 0; i < types->size(); ++i) {
    const std::int64_t type = (*types)[i];
    if (type < 1 || type > 6) {
      return fail(ErrorCode::corrupt_data, reader.name() + ": token " + std::to_string(i) +
                                               " has type " + std::to_string(type) +
                                               ", known are 1 to 6");
    }
    out.push_back(static_cast<text::TokenKind>(type));
  }
  return out;
}

}  // namespace

Result<text::VocabularySpec> read_vocabulary(const gguf::Reader& reader) {
  text::VocabularySpec out;
  out.model = TRY(reader.string("tokenizer.ggml.model"));
  if (reader.find("tokenizer.ggml.pre") != nullptr)
    out.pre = TRY(reader.string("tokenizer.ggml.pre"));
  const auto* tokens = TRY(list<std::string_view>(reader, "tokens"));
  if (tokens == nullptr || tokens->empty() || tokens->size() > kVocabularyMax) {
    return fail(ErrorCode::corrupt_data,
                reader.name() + ": key 'tokenizer.ggml.tokens' is missing or its size absurd");
  }
  out.tokens = *tokens;
  if (const auto* merges = TRY(list<std::string_view>(reader, "merges"))) out.merges = *merges;
  if (const auto* scores = TRY(list<double>(reader, "scores"))) {
    for (const double score : *scores) out.scores.push_back(static_cast<float>(score));
  }
  out.kinds = TRY(kinds(reader));
  const std::size_t n = out.tokens.size();
  out.bos = TRY(special(reader, "bos_token_id", n));
  out.eos = TRY(special(reader, "eos_token_id", n));
  out.eot = TRY(special(reader, "eot_token_id", n));
  out.unknown = TRY(special(reader, "unknown_token_id", n));
  out.padding = TRY(special(reader, "padding_token_id", n));
  const bool sentence_piece = out.model == "llama";
  out.add_bos = TRY(flag(reader, "add_bos_token", sentence_piece));
  out.add_space_prefix = TRY(flag(reader, "add_space_prefix", sentence_piece));
  return out;
}

}  // namespace plmm::model
