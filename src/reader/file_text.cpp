// Gives bytes to the reader of their kind; see file_text.h.
#include "reader/file_text.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "reader/documents.h"
#include "reader/html.h"
#include "reader/mail.h"
#include "reader/pdf.h"
#include "reader/plain_text.h"

namespace plmm::reader {
namespace {

enum class Kind : std::uint8_t { text, markdown, html, code, pdf, mail };

constexpr std::array<std::string_view, 6> kText{"txt", "text", "rst", "org", "tex", "log"};
constexpr std::array<std::string_view, 2> kMarkdown{"md", "markdown"};
constexpr std::array<std::string_view, 3> kHtml{"html", "htm", "xhtml"};
constexpr std::array<std::string_view, 3> kMail{"mbox", "mbx", "eml"};
constexpr std::array<std::string_view, 47> kCode{
    "c",    "h",    "cc",   "cpp", "cxx",  "hpp",  "hh",    "inl", "m",   "rs",    "go",  "py",
    "js",   "ts",   "jsx",  "tsx", "java", "kt",   "swift", "rb",  "php", "pl",    "pm",  "sh",
    "bash", "zsh",  "lua",  "r",   "jl",   "hs",   "ml",    "el",  "cs",  "fs",    "sql", "scala",
    "css",  "toml", "yaml", "yml", "json", "conf", "cfg",   "ini", "csv", "cmake", "bib"};

template <class Endings>
bool has(const Endings& endings, std::string_view ending) {
  return std::ranges::find(endings, ending) != endings.end();
}

std::optional<Kind> kind_of(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos) return Kind::text;
  const std::string ending = lower_case(name.substr(dot + 1));
  if (has(kText, ending)) return Kind::text;
  if (has(kMarkdown, ending)) return Kind::markdown;
  if (has(kHtml, ending)) return Kind::html;
  if (has(kCode, ending)) return Kind::code;
  if (has(kMail, ending)) return Kind::mail;
  if (ending == "pdf") return Kind::pdf;
  return {};
}

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::text:
      return "text";
    case Kind::markdown:
      return "Markdown";
    case Kind::html:
      return "HTML";
    case Kind::code:
      return "code";
    case Kind::pdf:
      return "PDF";
    case Kind::mail:
      return "mail";
  }
  return "";
}

/// "trip" of "trip.md"; the whole name of program text, where the ending says something.
std::string title_of(Kind kind, std::string_view name) {
  if (!is_utf8(name)) return "a file";
  return one_line(kind == Kind::code ? name : name.substr(0, name.rfind('.')), kTitleBytesMax);
}

FileText read_lines(Kind kind, std::string_view bytes) {
  FileText out;
  out.places = Places::lines;
  if (kind != Kind::code) out.marks = Marks::headings;
  if (kind == Kind::markdown) out.title = first_heading(bytes, kTitleBytesMax);
  out.sections.push_back({{}, with_every_line(bytes), 1});
  return out;
}

FileText read_html(std::string_view bytes) {
  auto page = parse_html(bytes);
  FileText out;
  out.marks = Marks::headings;
  out.title = std::move(page.title);
  out.sections.push_back({{}, std::move(page.text), 0});
  return out;
}

Result<FileText> read_as(Kind kind, std::string_view bytes, const Cancel& cancel) {
  if (kind == Kind::pdf) return read_pdf(bytes, cancel);
  if (kind == Kind::mail) return read_mail(bytes, cancel);  // of any character set
  if (const auto reason = why_no_text(bytes); !reason.empty())
    return fail(ErrorCode::unsupported, std::string(reason));
  return kind == Kind::html ? read_html(bytes) : read_lines(kind, bytes);
}

}  // namespace

bool has_known_kind(std::string_view name) { return kind_of(name).has_value(); }

std::unexpected<Error> too_much_text() {
  return fail(ErrorCode::limit_exceeded,
              "more than " + std::to_string(kDocumentBytesMax >> 20U) + " MiB of text");
}

Result<FileText> text_of_file(std::string_view name, std::string_view bytes, const Cancel& cancel) {
  auto kind = kind_of(name);
  if (kind && is_mbox(bytes)) kind = Kind::mail;
  if (!kind) return fail(ErrorCode::unsupported, "a kind of file that is not read");
  FileText out = TRY(read_as(*kind, bytes, cancel));
  out.kind = name_of(*kind);
  if (out.title.empty()) out.title = title_of(*kind, name);
  std::size_t n_bytes = 0;
  for (const Section& section : out.sections) n_bytes += section.text.size();
  if (n_bytes == 0) return fail(ErrorCode::invalid_argument, "empty");
  if (n_bytes > kDocumentBytesMax) return too_much_text();
  return out;
}

}  // namespace plmm::reader
