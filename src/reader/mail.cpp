// Messages, their headers and their parts; see mail.h. Source: RFC 4155, 5322, 2045 to 2047.
#include "reader/mail.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "reader/documents.h"
#include "reader/html.h"
#include "reader/mail_coding.h"
#include "reader/plain_text.h"

namespace plmm::reader {
namespace {

using Headers = std::map<std::string, std::string, std::less<>>;  // by lower-case name

/// Without the carriage return that mail has at the end of a line.
std::string_view take_mail_line(std::string_view& rest) {
  auto line = take_line(rest);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Whether a line is "Name: …".
bool is_header(std::string_view line) {
  const auto colon = line.find(':');
  return colon != std::string_view::npos && colon > 0 &&
         std::ranges::all_of(line.substr(0, colon), [](char c) { return c > ' ' && c <= '~'; });
}

/// Takes the headers and the empty line behind them off `message`. Folded lines are joined; of
/// headers that come twice the first counts.
Headers take_headers(std::string_view& message) {
  Headers out;
  std::string* last = nullptr;
  std::size_t n_bytes = 0;
  while (!message.empty()) {
    const auto line = take_mail_line(message);
    if (line.empty()) break;
    n_bytes += line.size();
    if (n_bytes > kMailHeaderBytesMax) continue;
    if (line.front() == ' ' || line.front() == '\t') {
      if (last != nullptr) last->append(" ").append(trimmed(line));
    } else if (is_header(line)) {
      const auto colon = line.find(':');
      const auto [at, is_new] =
          out.try_emplace(lower_case(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
      last = is_new ? &at->second : nullptr;
    }
  }
  return out;
}

std::string_view value_of(const Headers& headers, std::string_view name) {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

/// "text/html" of "Text/HTML; charset=…"; text/plain where nothing is said.
std::string type_of(const Headers& headers) {
  const auto value = value_of(headers, "content-type");
  const auto type = lower_case(trimmed(value.substr(0, value.find(';'))));
  return type.empty() ? "text/plain" : type;
}

/// A parameter of the content type, without its quotes.
std::string parameter(const Headers& headers, std::string_view name) {
  std::string_view rest = value_of(headers, "content-type");
  for (;;) {
    const auto stop = rest.find(';');
    if (stop == std::string_view::npos) return {};
    rest.remove_prefix(stop + 1);
    const auto one = trimmed(rest.substr(0, rest.find(';')));
    const auto equals = one.find('=');
    if (equals == std::string_view::npos || lower_case(trimmed(one.substr(0, equals))) != name)
      continue;
    auto value = trimmed(one.substr(equals + 1));
    if (value.starts_with('"')) value = value.substr(1, value.find('"', 1) - 1);
    return std::string(value);
  }
}

/// The parts of a body between its boundary lines.
std::vector<std::string_view> parts_of(std::string_view body, const std::string& boundary) {
  std::vector<std::string_view> out;
  const std::string mark = "--" + boundary;
  const char* begin = nullptr;
  while (!body.empty()) {
    const char* const at = body.data();
    const auto line = take_mail_line(body);
    if (!line.starts_with(mark)) continue;
    const auto behind = trimmed(line.substr(mark.size()));
    if (!behind.empty() && behind != "--")
      continue;  // another boundary, which begins like this one
    if (begin != nullptr) out.emplace_back(begin, static_cast<std::size_t>(at - begin));
    begin = body.data();
    if (behind == "--") return out;
  }
  if (begin != nullptr)  // it breaks off
    out.emplace_back(begin, static_cast<std::size_t>(body.data() - begin));
  return out;
}

struct Texts {
  std::string plain;
  std::string html;
};

/// The first plain text and the first HTML below a part.
void find_texts(std::string_view part, int depth, Texts& out) {
  const Headers headers = take_headers(part);
  const std::string type = type_of(headers);
  if (type.starts_with("multipart/")) {
    const auto boundary = parameter(headers, "boundary");
    if (boundary.empty() || depth == kMailPartDepthMax) return;
    for (const auto below : parts_of(part, boundary)) find_texts(below, depth + 1, out);
    return;
  }
  std::string* const into = type == "text/plain"  ? &out.plain
                            : type == "text/html" ? &out.html
                                                  : nullptr;
  const bool is_attached =
      lower_case(value_of(headers, "content-disposition")).starts_with("attach");
  if (into == nullptr || !into->empty() || is_attached) return;
  const auto coding = lower_case(value_of(headers, "content-transfer-encoding"));
  const std::string bytes = coding == "base64"             ? decode_base64(part)
                            : coding == "quoted-printable" ? decode_quoted_printable(part)
                                                           : std::string(part);
  *into = utf8_from(parameter(headers, "charset"), bytes);
}

std::string without_quotes(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto line = take_mail_line(text);
    if (!line.starts_with('>')) out.append(line).append("\n");
  }
  return out;
}

/// Without text where the message has none.
Section read_message(std::string_view message, std::int64_t number) {
  std::string_view rest = message;
  const Headers headers = take_headers(rest);
  Texts texts;
  find_texts(message, 0, texts);
  if (texts.plain.empty()) texts.plain = parse_html(texts.html).text;
  const auto body = cleaned(without_quotes(texts.plain));
  Section out;
  out.place = number;
  out.title = one_line(decode_words(value_of(headers, "subject")), kTitleBytesMax);
  const auto from = one_line(decode_words(value_of(headers, "from")), kTitleBytesMax);
  const auto date = one_line(decode_words(value_of(headers, "date")), kTitleBytesMax);
  if (body.empty()) return out;
  if (!from.empty()) out.text += "From " + from + (date.empty() ? "" : ", " + date) + "\n";
  out.text += body;
  return out;
}

/// Where the next message of an mbox begins: at "From " behind an empty line.
std::size_t next_message(std::string_view mbox) {
  for (std::size_t at = 1;; ++at) {
    at = mbox.find("\nFrom ", at);
    if (at == std::string_view::npos) return mbox.size();
    const char before = mbox[at - 1];
    if (before == '\n' || (before == '\r' && at > 1 && mbox[at - 2] == '\n')) return at + 1;
  }
}

}  // namespace

bool is_mbox(std::string_view bytes) {
  if (!bytes.starts_with("From ")) return false;
  take_mail_line(bytes);
  return is_header(take_mail_line(bytes));
}

std::string decode_words(std::string_view header) {
  std::string out;
  bool was_word = false;  // white space between two of them is none
  while (!header.empty()) {
    const auto begin = header.find("=?");
    const auto charset_end = begin == std::string_view::npos ? begin : header.find('?', begin + 2);
    const auto coding_end =
        charset_end == std::string_view::npos ? charset_end : header.find('?', charset_end + 1);
    const auto end =
        coding_end == std::string_view::npos ? coding_end : header.find("?=", coding_end + 1);
    if (end == std::string_view::npos) break;
    const auto between = header.substr(0, begin);
    if (!was_word || !trimmed(between).empty()) out += between;
    const auto charset = header.substr(begin + 2, charset_end - begin - 2);
    const auto coding = lower_case(header.substr(charset_end + 1, coding_end - charset_end - 1));
    std::string text(header.substr(coding_end + 1, end - coding_end - 1));
    if (coding == "q") std::ranges::replace(text, '_', ' ');
    out += utf8_from(charset, coding == "b" ? decode_base64(text) : decode_quoted_printable(text));
    was_word = true;
    header.remove_prefix(end + 2);
  }
  return utf8_from("", out + std::string(header));
}

Result<FileText> read_mail(std::string_view bytes, const Cancel& cancel) {
  FileText out;
  out.places = Places::messages;
  std::size_t n_bytes = 0;
  const bool has_many = is_mbox(bytes);
  for (std::int64_t number = 1; !bytes.empty(); ++number) {
    if (cancel.requested()) return fail(ErrorCode::cancelled, "stopped while reading mail");
    if (number > static_cast<std::int64_t>(kMailsMax))
      return fail(ErrorCode::limit_exceeded,
                  "more than " + std::to_string(kMailsMax) + " messages");
    auto message = bytes.substr(0, has_many ? next_message(bytes) : bytes.size());
    bytes.remove_prefix(message.size());
    if (has_many) take_mail_line(message);
    auto section = read_message(message, number);
    n_bytes += section.text.size();
    if (n_bytes > kDocumentBytesMax) return too_much_text();
    if (!section.text.empty()) out.sections.push_back(std::move(section));
  }
  return out;
}

}  // namespace plmm::reader
