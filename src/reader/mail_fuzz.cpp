// Fuzz entry of mail: any bytes as a message, an mbox and a header.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "fuzz/fuzz.h"
#include "reader/documents.h"
#include "reader/mail.h"
#include "reader/plain_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  CHECK(plmm::reader::is_utf8(plmm::reader::decode_words(source)));
  const auto file = plmm::reader::read_mail(source, plmm::Cancel());
  CHECK(file.has_value());
  std::size_t n_bytes = 0;
  std::int64_t last = 0;
  for (const auto& section : file->sections) {
    CHECK(plmm::reader::is_utf8(section.text) && plmm::reader::is_utf8(section.title) &&
          !section.text.empty());
    CHECK(section.title.size() <= plmm::reader::kTitleBytesMax && !section.title.contains('\n'));
    CHECK(section.place > last);
    last = section.place;
    n_bytes += section.text.size();
  }
  CHECK(n_bytes <= 32 * size + 64 * (file->sections.size() + 1));
  const auto letter = [](std::uint64_t n) { return static_cast<char>('a' + std::bit_width(n)); };
  plmm::fuzz::note(std::string{letter(file->sections.size()), letter(n_bytes)});
  return file->sections.empty() ? -1 : 0;
}

std::vector<std::string> plmm::fuzz::seeds() {
  return {"From a\nSubject: =?utf-8?Q?b=20c?=\nFrom: d\n e\n\nf\n> g\n\nFrom h\nSubject: i\n\nj\n",
          "Content-Type: multipart/mixed; boundary=\"b\"\n\n--b\nContent-Type: text/plain; "
          "charset=iso-8859-15\nContent-Transfer-Encoding: quoted-printable\n\na=A4=\n\n--b\n"
          "Content-Type: text/html\nContent-Transfer-Encoding: base64\n\nPHA+eA==\n--b--\n"};
}
