// Any text: nothing known is left after redaction, and restoring gives back the same bytes however
// they are cut. The first line of the input is a known value, its first byte the kind.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "fuzz/fuzz.h"
#include "privacy/redact.h"
#include "privacy/restore.h"
#include "privacy/scan.h"

namespace plmm::privacy {
namespace {

std::string restored(const Redactor& redactor, std::string_view text, std::size_t chunk) {
  StreamRestorer restorer(redactor.replacements(), Links::fill);
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += chunk)
    out += restorer.push(text.substr(at, chunk));
  return out + restorer.finish();
}

// A second opinion, without folding and spellings: the plain value between bytes that are no
// letters. Text within brackets is skipped.
bool stands_plainly(std::string_view text, std::string_view value) {
  for (std::size_t at = text.find(value); at != text.npos; at = text.find(value, at + 1)) {
    const auto letter = [&](std::size_t i) {
      return i < text.size() &&
             (is_alphanumeric(text[i]) || static_cast<unsigned char>(text[i]) > 127);
    };
    const bool bracketed = at > 0 && text[at - 1] == '[';
    if (!bracketed && !letter(at - 1) && !letter(at + value.size())) return true;
  }
  return false;
}

void check(Redactor& redactor, std::string_view text) {
  const Redaction redaction = redactor.redact(text);
  CHECK(redactor.leaks(redaction.text).empty());
  for (const std::string_view value : {"Lena", "lena vogt", "Graz", "0660 1234567"}) {
    CHECK(!stands_plainly(redaction.text, value));
  }
  for (const std::size_t chunk : {1UL, 7UL, text.size() + 1}) {
    CHECK(restored(redactor, redaction.text, chunk) == text);
  }
  // An answer may hold anything, placeholders of others too.
  StreamRestorer kept(redactor.replacements());
  StreamRestorer cut(redactor.replacements());
  const std::string half = cut.push(text.substr(0, text.size() / 2));
  CHECK(half + cut.push(text.substr(text.size() / 2)) == kept.push(text));
  CHECK(cut.finish() == kept.finish());
  CHECK(redactor.redact(text).text == redaction.text);  // each value keeps its placeholder
  std::string kinds;
  for (const Replacement& replacement : redaction.replacements) {
    kinds += label(replacement.kind).substr(0, 2);
  }
  fuzz::note(kinds);
}

}  // namespace
}  // namespace plmm::privacy

std::vector<std::string> plmm::fuzz::seeds() {
  return {"Tom Berg\nLena Vogt in Graz, lena@example.org, +43 660 1234567, GB82WEST12345698765432",
          "kMüller\nMueller [NAME_1] [NAME_1.2] [name 1's] ![a](//b/[CITY_1]) Mu\u0308ller",
          "h4111 1111\n4111-1111-1111-1111 born 12.5.1990 at 203.0.113.7 and 2001:db8::1",
          "a\n\\u004cena %4cena \\nlena L. Vogt VOGT'S LenaVogt 0660/1234567 [NAME_[NAME_1]]",
          "d王伟\n我叫王伟 \xFF\xC3 https://lena:vogt@graz.example"};
}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using plmm::privacy::Kind;
  using plmm::privacy::Known;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view line = input.substr(0, input.find('\n'));
  std::vector<Known> known{
      {Kind::name, "Lena Vogt"}, {Kind::city, "Graz"}, {Kind::phone, "+43 660 1234567"}};
  if (!line.empty()) {
    const auto kind =
        static_cast<Kind>(static_cast<unsigned char>(line[0]) % plmm::privacy::kKinds);
    known.push_back({kind, std::string(line.substr(1))});
  }
  plmm::privacy::Redactor redactor(known);
  plmm::privacy::check(redactor, input.substr(std::min(line.size() + 1, input.size())));
  return 0;
}
