// Any text on tiny vocabularies: encoding, decoding, streaming and template recognition.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "fuzz/fuzz.h"
#include "text/chat_template.h"
#include "text/pretokenize.h"
#include "text/tiny_vocabulary.h"
#include "text/tokenizer.h"
#include "text/unicode.h"

namespace plmm::text {
namespace {

std::unique_ptr<Tokenizer> make(TinyVocabulary vocabulary) {
  auto tokenizer = Tokenizer::create(vocabulary.spec());
  CHECK(tokenizer.has_value());
  return std::move(*tokenizer);
}

bool valid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Step step = inspect_utf8(text, at);
    if (step.status != Utf8Status::whole) return false;
    at += step.n_bytes;
  }
  return true;
}

// The text of `pieces` as a stream that arrives in chunks of `chunk` bytes.
std::string stream(std::string_view bytes, std::size_t chunk) {
  StreamDecoder decoder;
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += chunk) {
    const std::string whole = decoder.push(bytes.substr(at, chunk));
    CHECK(valid_utf8(whole));
    text += whole;
  }
  return text + decoder.finish();
}

void try_tokenizer(const Tokenizer& tokenizer, std::string_view text, bool keeps_bytes) {
  for (const Special special : {Special::plain, Special::parse}) {
    const std::vector<TokenId> ids = tokenizer.encode(text, special);
    for (const TokenId id : ids) {
      CHECK(id >= 0 && static_cast<std::size_t>(id) < tokenizer.size());
      CHECK(special == Special::parse || tokenizer.kind(id) != TokenKind::control);
    }
    if (keeps_bytes) CHECK(tokenizer.decode(ids, Special::parse) == text);
  }
}

void try_chat(const Tokenizer& tokenizer, std::string_view text) {
  const auto family = recognise_template(text, tokenizer);
  fuzz::note(family ? name(*family) : std::string_view(family.error().what));
  default_system(text);
  std::vector<Message> messages{{Role::system, std::string(text.substr(0, text.size() / 2))},
                                {Role::user, std::string(text)}};
  const TemplateFamily used = family.value_or(TemplateFamily::zephyr);
  const auto first = encode_chat(used, messages, tokenizer);
  messages.push_back({Role::assistant, std::string(text)});
  messages.push_back({Role::user, "aa"});
  const auto second = encode_chat(used, messages, tokenizer);
  CHECK(first.size() < second.size() && std::equal(first.begin(), first.end(), second.begin()));
}

// A vocabulary out of the input: every line is a token, lines with a space are merges too.
void try_vocabulary(std::string_view text) {
  VocabularySpec spec;
  spec.model = text.size() % 2 == 0 ? "gpt2" : "llama";
  spec.pre = "qwen2";
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.find(' ') != std::string_view::npos) spec.merges.push_back(line);
    spec.tokens.push_back(line);
    spec.kinds.push_back(static_cast<TokenKind>(line.empty() ? 1 : line.back() % 8));
    spec.scores.push_back(static_cast<float>(line.size()));
  }
  spec.add_space_prefix = text.size() % 3 == 0;
  if (text.size() > 8) spec.eos = text[7];
  if (text.size() > 8) spec.unknown = text[8];
  const auto tokenizer = Tokenizer::create(spec);
  fuzz::note(tokenizer ? "vocabulary" : tokenizer.error().what);
  if (tokenizer) try_tokenizer(**tokenizer, text, false);
}

// The words of each pre-tokenizer cover the text.
void try_words(std::string_view text) {
  const Characters characters(text);
  for (const auto pre : {PreTokenizer::fallback, PreTokenizer::gpt2, PreTokenizer::smollm,
                         PreTokenizer::qwen2, PreTokenizer::llama3}) {
    std::size_t at = 0;
    for (const Word word : split_words(pre, characters)) {
      CHECK(word.begin == at && word.end > at);
      at = word.end;
    }
    CHECK(at == characters.codes.size());
  }
}

std::vector<std::unique_ptr<Tokenizer>> tokenizers() {
  std::vector<std::unique_ptr<Tokenizer>> all;
  for (const char* pre : {"default", "gpt-2", "smollm", "qwen2", "llama-bpe"}) {
    all.push_back(make(TinyVocabulary::bpe(pre)));
  }
  all.push_back(make(TinyVocabulary::spm()));
  TinyVocabulary prefixed = TinyVocabulary::spm();
  prefixed.spec().add_space_prefix = true;
  all.push_back(make(std::move(prefixed)));
  return all;
}
constexpr std::size_t kBpe = 5;  // so many of them are byte-level

void try_all(std::string_view text) {
  static const auto kTokenizers = tokenizers();
  const bool valid = valid_utf8(text);
  for (std::size_t i = 0; i < kTokenizers.size(); ++i) {
    try_tokenizer(*kTokenizers[i], text, valid && i < kBpe);
  }
  try_words(text);
  try_vocabulary(text);
  try_chat(*kTokenizers[text.size() % kTokenizers.size()], text);
  const std::string whole = stream(text, std::max<std::size_t>(text.size(), 1));
  CHECK(valid_utf8(whole));
  CHECK(!valid || whole == text);
  for (const std::size_t chunk : {1, 2, 3, 7}) CHECK(stream(text, chunk) == whole);
}

}  // namespace
}  // namespace plmm::text

std::vector<std::string> plmm::fuzz::seeds() {
  return {"Hello hello  hello\n\n\n\n",
          "we'll WE'VE 'tis 12345 3.14",
          "नमस्ते 漢字 😀👩‍👧 e\u0301 \u00a0\u3000",
          "<|im_start|>user\nhi<|im_end|>\n<tool_call><b>",
          "'<|im_start|>system\\nYou are kind.<|im_end|>\\n'",
          "{{ bos_token }}<start_of_turn>model [INST] <|start_header_id|><|user|><|assistant|></s>",
          "h\ne\nhe\nh e\n<|im_end|>\nabc\n",
          std::string("\xC0\xAF\xED\xA0\x80\xF4\x90\x80\x80\xE2\x82\xFF\0 aaaa", 18)};
}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  plmm::text::try_all(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
