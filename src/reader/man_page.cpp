// Requests of groff and the macros of man(7) and mdoc(7), line by line.
#include "reader/man_page.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "reader/plain_text.h"

namespace plmm::reader {
namespace {

using Arguments = std::vector<std::string>;

template <std::size_t n>
bool is_one_of(const std::array<std::string_view, n>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

constexpr std::array<std::string_view, 15> kParagraphs{
    "PP", "P", "LP", "Pp", "sp", "HP", "RS", "RE", "Bl", "El", "Lp", "SY", "YS", "TS", "TE"};
constexpr std::array<std::string_view, 9> kFonts{"B", "I", "SB", "SM", "R", "UR", "MT", "OP", "Dl"};
constexpr std::array<std::string_view, 6> kAlternating{"BR", "RB", "IR", "RI", "BI", "IB"};
/// Macros of mdoc whose arguments are text.
constexpr std::array<std::string_view, 37> kMdocText{
    "Fl", "Ar", "Op", "Pa", "Cm", "Ic", "Li", "Dq", "Sq", "Em", "Sy", "Ev", "Va",
    "Xr", "Nm", "Oo", "Oc", "Ns", "Ql", "Qq", "Pq", "Aq", "Ad", "An", "Dv", "Er",
    "Fn", "Ft", "Fa", "Ux", "Bx", "Ox", "Nx", "Fx", "Tn", "No", "Lk"};
constexpr std::array<std::string_view, 5> kConditions{"if", "ie", "el", "while", "de"};

constexpr std::size_t kTagBytesMax = 100;  // what is longer is a sentence

/// A macro's arguments: divided by spaces, "…" keeps them.
Arguments split_arguments(std::string_view line) {
  Arguments out;
  std::size_t at = 0;
  while (at < line.size()) {
    if (line[at] == ' ' || line[at] == '\t') {
      ++at;
      continue;
    }
    if (line.substr(at).starts_with("\\\"")) break;  // a comment
    const bool quoted = line[at] == '"';
    if (quoted) ++at;
    std::string argument;
    while (at < line.size()) {
      const bool doubled = quoted && line.substr(at).starts_with("\"\"");
      if (doubled) ++at;
      if (!doubled && (quoted ? line[at] == '"' : line[at] == ' ' || line[at] == '\t')) break;
      if (!quoted && line.substr(at).starts_with("\\ ")) argument += line[at++];
      argument += line[at++];
    }
    ++at;
    out.push_back(resolve_escapes(argument));
  }
  return out;
}

std::string join(const Arguments& arguments, std::string_view between) {
  std::string out;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (i > 0) out += between;
    out += arguments[i];
  }
  return out;
}

/// "Fl x Ar file" as "-x file". The page's own name stands for an empty Nm.
std::string mdoc_text(std::string_view macro, const Arguments& arguments, std::string_view name) {
  std::string out;
  std::string closing;
  bool glue = true;
  const auto put = [&](std::string_view text) {
    const bool closes = text.size() == 1 && std::string_view(".,:;)]?!").contains(text[0]);
    if (!out.empty() && !glue && !closes) out += ' ';
    out += text;
    glue = text == "(" || text == "[";
  };
  Arguments words{std::string(macro)};
  words.insert(words.end(), arguments.begin(), arguments.end());
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word == "Fl") {
      put("-");
      glue = i + 1 < words.size();
    } else if (word == "Ns") {
      glue = true;
    } else if (word == "Op" || word == "Oo") {
      put("[");
      if (word == "Op") closing = "]" + closing;
    } else if (word == "Oc") {
      out += ']';
    } else if (word == "Xr" && i + 2 < words.size()) {
      put(words[i + 1] + "(" + words[i + 2] + ")");
      i += 2;
    } else if (word == "Nm" && i == 0 && (words.size() == 1 || words[1].size() == 1)) {
      put(name);
    } else if (word == "Ux") {
      put("UNIX");
    } else if (!is_one_of(kMdocText, word)) {
      put(word);
    }
  }
  return out + closing;
}

class Page {
 public:
  void line(std::string_view raw) {
    if (skip(raw)) return;
    if (raw.empty()) {
      paragraph();
    } else if (raw.front() == '.' || raw.front() == '\'') {
      raw.remove_prefix(1);
      raw.remove_prefix(std::min(raw.find_first_not_of(" \t"), raw.size()));
      const auto end = std::min(raw.find_first_of(" \t"), raw.size());
      macro(raw.substr(0, end), raw.substr(end));
    } else {
      text(resolve_escapes(raw));
    }
  }

  Document take() && {
    Document document;
    document.name = one_line(name_.empty() ? "" : name_ + "(" + section_ + ")", kTitleBytesMax);
    document.title = document.name;
    const auto dash = summary_.find(" - ");
    const auto summary = dash == std::string::npos ? summary_ : summary_.substr(dash + 3);
    if (!summary.empty()) document.title += ": " + summary;
    document.title = one_line(document.title, kTitleBytesMax);
    document.text = cleaned(out_);
    return document;
  }

 private:
  /// Whether the line belongs to a definition, a condition or a table's form, which are left out.
  bool skip(std::string_view raw) {
    if (definition_) {
      definition_ = !raw.starts_with("..");
      return true;
    }
    if (n_braces_ > 0) {
      count_braces(raw);
      return true;
    }
    if (table_form_) {
      table_form_ = !raw.ends_with('.');
      return true;
    }
    return raw.starts_with(".\\\"") || raw.starts_with("'\\\"") || raw == "." || raw == "'";
  }

  void count_braces(std::string_view raw) {
    for (std::size_t at = 0; (at = raw.find('\\', at)) != std::string_view::npos; at += 2) {
      if (raw.substr(at).starts_with("\\{")) ++n_braces_;
      if (raw.substr(at).starts_with("\\}")) --n_braces_;
    }
    n_braces_ = std::max(n_braces_, 0);
  }

  void macro(std::string_view name, std::string_view rest) {
    if (name == "de" || name == "de1" || name == "am" || name == "ig") {
      definition_ = true;
      return;
    }
    if (is_one_of(kConditions, name)) {
      count_braces(rest);
      return;
    }
    const auto arguments = split_arguments(rest);
    if (name == "TH" || name == "Dt") return header(arguments);
    if (name == "SH" || name == "Sh") return heading("# ", arguments);
    if (name == "SS" || name == "Ss") return heading("## ", arguments);
    if (name == "TP" || name == "TQ") return tag_follows();
    if (name == "IP" || name == "It") return item(name, arguments);
    if (name == "nf" || name == "EX" || name == "Bd") return keep_lines(Lines::kept);
    if (name == "fi" || name == "EE" || name == "Ed") return keep_lines(Lines::filled);
    if (name == "br") return put("\n");
    if (name == "TS") table_form_ = true;
    if (name == "RS" && tag_stands_alone()) return;
    if (is_one_of(kParagraphs, name)) return paragraph();
    if (name == "Nd") return nd(arguments);
    if (name == "Nm" && name_.empty() && !arguments.empty()) name_ = arguments[0];
    if (is_one_of(kFonts, name)) return text(join(arguments, " "));
    if (is_one_of(kAlternating, name)) return text(join(arguments, ""));
    if (is_one_of(kMdocText, name)) text(mdoc_text(name, arguments, name_));
  }

  enum class Lines { filled, kept };

  void header(const Arguments& arguments) {
    if (arguments.size() < 2) return;
    name_ = arguments[0];
    // Headers are in capitals, commands are not.
    if (std::ranges::none_of(name_, [](char c) { return c >= 'a' && c <= 'z'; })) {
      for (char& c : name_) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    section_ = arguments[1];
  }

  void heading(std::string_view mark, const Arguments& arguments) {
    paragraph();
    lines_ = Lines::filled;
    const auto title = join(arguments, " ");
    in_name_ = title == "NAME";
    put(std::string(mark) + title);
    paragraph();
  }

  void nd(const Arguments& arguments) { text("- " + join(arguments, " ")); }

  /// The next line is an option, and what stands behind it says what it does.
  void tag_follows() {
    paragraph();
    tag_ = Tag::next;
  }

  /// asciidoc sets an option as a paragraph and indents what it does: then they are joined.
  bool tag_stands_alone() {
    const auto start = out_.rfind("\n\n");
    const auto last = std::string_view(out_).substr(start == std::string::npos ? 0 : start + 2);
    if (!last.starts_with('-') || last.size() > kTagBytesMax) return false;
    put(": ");
    return true;
  }

  void item(std::string_view name, const Arguments& arguments) {
    paragraph();
    if (arguments.empty()) return;
    const auto tag = name == "It" ? mdoc_text("", arguments, name_) : arguments[0];
    put(tag == "•" || tag == "*" || tag == "-" || tag == "o" ? "- " : tag + ": ");
  }

  void keep_lines(Lines lines) {
    paragraph();
    lines_ = lines;
  }

  void text(const std::string& line) {
    if (line.empty()) return;
    if (in_name_) summary_ += (summary_.empty() ? "" : " ") + line;
    if (tag_ == Tag::written) {
      put(": ");
      tag_ = Tag::none;
    }
    const bool apart = !out_.empty() && out_.back() != '\n' && out_.back() != ' ';
    if (apart) put(lines_ == Lines::kept ? "\n" : " ");
    put(line);
    if (tag_ == Tag::next) tag_ = Tag::written;
  }

  void paragraph() {
    tag_ = Tag::none;
    while (!out_.empty() && out_.back() == ' ') out_.pop_back();
    if (!out_.empty()) put("\n\n");
  }

  void put(std::string_view text) { out_ += text; }

  enum class Tag { none, next, written };

  std::string name_, section_, summary_, out_;
  Tag tag_ = Tag::none;
  Lines lines_ = Lines::filled;
  bool in_name_ = false;
  bool definition_ = false;  // inside .de … ..
  bool table_form_ = false;  // behind .TS, up to the line that ends with a dot
  int n_braces_ = 0;         // open in a condition
};

}  // namespace

Document parse_man_page(std::string_view source) {
  Page page;
  while (!source.empty()) {
    const auto end = std::min(source.find('\n'), source.size());
    page.line(source.substr(0, end));
    source.remove_prefix(std::min(end + 1, source.size()));
  }
  return std::move(page).take();
}

}  // namespace plmm::reader
