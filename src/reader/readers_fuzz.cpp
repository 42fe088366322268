// Fuzz entry of the readers: any bytes as a page, a manual page, a dictionary and articles.
#include <algorithm>
#include <bit>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "fuzz/fuzz.h"
#include "reader/articles.h"
#include "reader/dictionary.h"
#include "reader/html.h"
#include "reader/man_page.h"
#include "reader/plain_text.h"

namespace {

using plmm::reader::Document;

/// What each reader promises.
void check(const Document& document, std::string_view source) {
  CHECK(document.title.size() <= plmm::reader::kTitleBytesMax);
  CHECK(!document.title.contains('\n'));
  // A request or an entity may write a little more than it is long.
  CHECK(document.text.size() <= 8 * source.size() + 64);
  const auto control = [](unsigned char c) { return c < 0x20 && c != '\n' && c != '\t'; };
  CHECK(std::ranges::none_of(document.text, control));
  if (plmm::reader::is_utf8(source)) {
    CHECK(plmm::reader::is_utf8(document.text) && plmm::reader::is_utf8(document.title));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  const auto page = plmm::reader::parse_html(source);
  check(page, source);
  const auto manual = plmm::reader::parse_man_page(source);
  check(manual, source);
  const auto half = size / 2;  // one as the index of the other
  plmm::reader::ReadReport report;
  std::size_t n_bytes = 0;
  const auto read = plmm::reader::read_dictionary(
      "d", source.substr(0, half), source.substr(half),
      [&](const Document& document) -> plmm::Result<> {
        check(document, source);
        n_bytes += document.text.size();
        return {};
      },
      report);
  CHECK(read.has_value() && n_bytes <= 2 * size);
  plmm::reader::ReadReport articles;
  const auto read_json = plmm::reader::read_articles(
      "a", source, {},
      [&](const Document& document) -> plmm::Result<> {
        check(document, source);
        CHECK(!document.title.empty() && !document.text.empty());
        return {};
      },
      plmm::Cancel(), articles);
  CHECK(read_json.has_value());
  // Letters, since the driver does not tell numbers apart.
  const auto letter = [](std::uint64_t n) { return static_cast<char>('a' + std::bit_width(n)); };
  const std::string shape{letter(page.text.size()),       letter(page.title.size()),
                          letter(manual.text.size()),     letter(manual.title.size()),
                          letter(report.n_documents),     letter(articles.n_documents),
                          letter(articles.skipped.size())};
  plmm::fuzz::note(shape);
  const auto n_documents = report.n_documents + articles.n_documents;
  return page.title.empty() && manual.title.empty() && n_documents == 0 ? -1 : 0;
}

std::vector<std::string> plmm::fuzz::seeds() {
  return {
      "<title>a</title><h1>b</h1><p>c &amp; <li>d<pre>e\n f</pre><nav>g</nav>",
      ".TH A 1\n.SH NAME\na \\- b\n.TP\n\\fB\\-x\\fR\ntext\\(em\n.if n \\{\\\n.\\}\n.nf\nx\n.fi\n",
      ".Dt A 1\n.Sh NAME\n.Nm a\n.Nd b\n.Op Fl x Ar y\n.Bl\n.It Fl z\nw\n.El\n.Xr b 2\n",
      R"({"a":{"title":"a","extract":"b","topic":"c","d":[1,{"e":null}]},"f":{"title":""}})",
      "a\tA\tN\nb\tN\tB\nxxxxxxa\n\n   {b} c\n   d\n"};
}
