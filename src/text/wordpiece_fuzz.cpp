// Any text on a small WordPiece vocabulary, and any bytes as a vocabulary.
#include "text/wordpiece.h"

#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "fuzz/fuzz.h"
#include "text/bert_normalize.h"
#include "text/unicode.h"

namespace plmm::text {
namespace {

constexpr std::string_view kVocabulary =
    "[UNK]\n[CLS]\n[SEP]\na\nb\n##a\n##b\n##ab\nab\n,\n\xC3\xA6\n##\xC3\xA6\n\xE4\xBD\xA0\n";

void try_text(const WordPiece& tokenizer, std::string_view text) {
  const auto ids = tokenizer.encode(text, 64);
  CHECK(ids.size() >= 2 && ids.size() <= 64);
  for (const TokenId id : ids) CHECK(id >= 0 && static_cast<std::size_t>(id) < tokenizer.size());
  const auto few = tokenizer.encode(text, 8);
  for (std::size_t i = 0; i + 1 < few.size(); ++i) CHECK(few[i] == ids[i]);
}

/// What is normal stays as it is.
void try_normal(std::string_view text) {
  const std::u32string once = normalize_uncased(text);
  std::string utf8;
  for (const char32_t c : once) append_utf8(c, utf8);
  std::u32string twice = normalize_uncased(utf8);
  std::erase(twice, U' ');  // ideographs get spaces each time
  std::u32string want = once;
  std::erase(want, U' ');
  CHECK(twice == want);
}

}  // namespace
}  // namespace plmm::text

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using plmm::text::WordPiece;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const WordPiece tiny = WordPiece::create(plmm::text::kVocabulary, "v").value();
  plmm::text::try_text(tiny, text);
  plmm::text::try_normal(text);
  const auto own = WordPiece::create(text, "v");
  plmm::fuzz::note(own ? "vocabulary" : own.error().what);
  if (!own) return -1;
  plmm::text::try_text(*own, text);
  return 0;
}

std::vector<std::string> plmm::fuzz::seeds() {
  return {"",
          "a, ab aab \xE4\xBD\xA0 b",
          std::string(text::kVocabulary),
          "A\xCC\x81\xCC\xA3 \xEA\xB0\x80 \xC4\xB0 \xC3\x86",
          "\xED\xA0\x80 \xF4\x8F\xBF\xBF \xF0\x9D\x85\x9E \xFF",
          std::string(300, 'a')};
}
