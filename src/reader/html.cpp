// A forgiving scanner of tags; no tree is built.
#include "reader/html.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "reader/plain_text.h"
#include "text/unicode.h"

namespace plmm::reader {
namespace {

constexpr std::size_t kEntityBytesMax = 10;  // "&thetasym;" is the longest of those below

constexpr std::array<std::pair<std::string_view, char32_t>, 40> kEntities{{
    {"amp", U'&'},     {"lt", U'<'},      {"gt", U'>'},      {"quot", U'"'},    {"apos", U'\''},
    {"nbsp", U' '},    {"copy", 0xA9},    {"reg", 0xAE},     {"trade", 0x2122}, {"hellip", 0x2026},
    {"mdash", 0x2014}, {"ndash", 0x2013}, {"lsquo", 0x2018}, {"rsquo", 0x2019}, {"ldquo", 0x201C},
    {"rdquo", 0x201D}, {"laquo", 0xAB},   {"raquo", 0xBB},   {"bull", 0x2022},  {"middot", 0xB7},
    {"times", 0xD7},   {"divide", 0xF7},  {"plusmn", 0xB1},  {"deg", 0xB0},     {"euro", 0x20AC},
    {"pound", 0xA3},   {"yen", 0xA5},     {"cent", 0xA2},    {"sect", 0xA7},    {"para", 0xB6},
    {"frac12", 0xBD},  {"frac14", 0xBC},  {"auml", 0xE4},    {"ouml", 0xF6},    {"uuml", 0xFC},
    {"szlig", 0xDF},   {"eacute", 0xE9},  {"egrave", 0xE8},  {"larr", 0x2190},  {"rarr", 0x2192},
}};

constexpr std::array<std::string_view, 28> kBlocks{
    "p",     "div",     "section", "article", "table", "tr",    "ul",    "ol",        "li", "dl",
    "dt",    "dd",      "h1",      "h2",      "h3",    "h4",    "h5",    "h6",        "hr", "pre",
    "title", "caption", "form",    "body",    "main",  "thead", "tbody", "blockquote"};
constexpr std::array<std::string_view, 9> kHidden{"script", "style",  "nav",    "header", "footer",
                                                  "aside",  "button", "select", "svg"};

template <class Names>
bool has(const Names& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::optional<char32_t> number_of(std::string_view digits, int base) {
  std::uint32_t value = 0;
  const auto end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, value, base);
  const bool surrogate = value >= 0xD800 && value < 0xE000;
  if (read.ec != std::errc() || read.ptr != end || value >= 0x110000 || surrogate) return {};
  return value;
}

/// What stands between & and ;.
std::optional<char32_t> character_of(std::string_view entity) {
  if (entity.starts_with("#x") || entity.starts_with("#X")) return number_of(entity.substr(2), 16);
  if (entity.starts_with("#")) return number_of(entity.substr(1), 10);
  const auto found = std::ranges::find(kEntities, entity, [](const auto& e) { return e.first; });
  if (found == kEntities.end()) return {};
  return found->second;
}

/// <name …>, </name>.
struct Tag {
  std::string name;  // lower-case
  bool closes = false;
  bool is_navigation = false;  // by its class
};

Tag parse_tag(std::string_view inside) {
  Tag out;
  out.closes = inside.starts_with('/');
  if (out.closes) inside.remove_prefix(1);
  for (const char c : inside) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '/' || c == '>') break;
    out.name += lower(c);
  }
  const auto at = inside.find("class=");
  if (at == std::string_view::npos) return out;
  const auto value = inside.substr(at + 6, 40);
  out.is_navigation = value.find("navheader") < 2 || value.find("navfooter") < 2 ||
                      value.find("toc") == 1 || value.find("navbar") < 2;
  return out;
}

class Page {
 public:
  void text(std::string_view raw) {
    if (!hidden_.empty()) return;
    const auto decoded = decode_entities(raw);
    if (in_title_) {
      title_ += decoded;
      return;
    }
    for (const char c : decoded) {
      const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
      if (n_pre_ > 0 || !space) {
        out_ += c;
      } else if (!out_.empty() && out_.back() != ' ' && out_.back() != '\n') {
        out_ += ' ';
      }
    }
  }

  void tag(const Tag& tag) {
    if (!hidden_.empty()) {
      if (tag.name == hidden_) n_hidden_ = tag.closes ? n_hidden_ - 1 : n_hidden_ + 1;
      if (n_hidden_ == 0) hidden_.clear();
      return;
    }
    if (!tag.closes && (has(kHidden, tag.name) || tag.is_navigation)) {
      hidden_ = tag.name;
      n_hidden_ = 1;
      return;
    }
    if (tag.name == "br") out_ += '\n';
    if (tag.name == "td" || tag.name == "th") out_ += tag.closes ? " " : "";
    if (tag.name == "pre") n_pre_ = tag.closes ? std::max(n_pre_ - 1, 0) : n_pre_ + 1;
    if (tag.name == "title") in_title_ = !tag.closes;
    if (!has(kBlocks, tag.name)) return;
    divide(tag.name == "tr" || tag.name == "li" ? 1 : 2);
    if (tag.closes) return;
    if (tag.name == "li") out_ += "- ";
    if (tag.name.size() == 2 && tag.name[0] == 'h' && tag.name[1] != 'r') {
      out_.append(static_cast<std::size_t>(tag.name[1] - '0'), '#');
      out_ += ' ';
    }
  }

  Document take() && {
    Document document;
    document.title = one_line(title_, kTitleBytesMax);
    document.text = cleaned(out_);
    return document;
  }

 private:
  void divide(std::size_t n_breaks) {
    while (!out_.empty() && out_.back() == ' ') out_.pop_back();
    if (out_.empty()) return;
    const auto last = out_.find_last_not_of('\n');
    const auto n = out_.size() - (last == std::string::npos ? 0 : last + 1);
    if (n < n_breaks) out_.append(n_breaks - n, '\n');
  }

  std::string title_;
  std::string out_;
  bool in_title_ = false;
  int n_pre_ = 0;
  std::string hidden_;  // the element that is left out, empty: none
  int n_hidden_ = 0;    // how many of its name are open
};

}  // namespace

std::string decode_entities(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto at = text.find('&');
    out += text.substr(0, at);
    if (at == std::string_view::npos) break;
    text.remove_prefix(at);
    const auto end = text.substr(0, kEntityBytesMax + 2).find(';');
    const auto character =
        end == std::string_view::npos ? std::nullopt : character_of(text.substr(1, end - 1));
    if (!character) {
      out += '&';
      text.remove_prefix(1);
      continue;
    }
    text::append_utf8(*character, out);
    text.remove_prefix(end + 1);
  }
  return out;
}

Document parse_html(std::string_view html) {
  Page page;
  while (!html.empty()) {
    const auto open = html.find('<');
    page.text(html.substr(0, open));
    if (open == std::string_view::npos) break;
    html.remove_prefix(open);
    if (html.starts_with("<!--")) {
      const auto end = html.find("-->");
      html.remove_prefix(end == std::string_view::npos ? html.size() : end + 3);
      continue;
    }
    const bool is_tag = html.size() > 1 && (html[1] == '/' || html[1] == '!' || html[1] == '?' ||
                                            (lower(html[1]) >= 'a' && lower(html[1]) <= 'z'));
    if (!is_tag) {
      page.text("<");
      html.remove_prefix(1);
      continue;
    }
    const auto close = html.find('>');
    if (close == std::string_view::npos) {  // nor is there one behind any later <
      page.text(html);
      break;
    }
    page.tag(parse_tag(html.substr(1, close - 1)));
    html.remove_prefix(close + 1);
  }
  return std::move(page).take();
}

}  // namespace plmm::reader
