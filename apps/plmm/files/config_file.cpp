// A line-by-line parser; an edit keeps all other lines byte for byte.
#include "apps/plmm/files/config_file.h"

#include <fmt/format.h>

#include <optional>

namespace plmm::files {
namespace {

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A cursor over one line.
class LineParser {
 public:
  LineParser(std::string_view line, std::string_view name, int number)
      : rest_(line), name_(name), number_(number) {}

  std::unexpected<Error> refuse(std::string_view what) const {
    return fail(ErrorCode::invalid_argument, fmt::format("{}:{}: {}", name_, number_, what));
  }
  void skip_spaces() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t'))
      rest_.remove_prefix(1);
  }
  bool at_end() const { return rest_.empty() || rest_.front() == '#'; }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  Result<std::string> key(std::string_view what) {
    std::size_t n = 0;
    while (n < rest_.size() && is_key_character(rest_[n])) ++n;
    if (n == 0) return refuse(fmt::format("{} is missing (letters, digits, _ and -)", what));
    if (n > 64) return refuse(fmt::format("{} is longer than 64 characters", what));
    std::string out(rest_.substr(0, n));
    rest_.remove_prefix(n);
    return out;
  }

  Result<ConfigEntry> value() {
    if (take('"')) return ConfigEntry{{}, TRY(basic_string()), ConfigType::string, number_};
    if (take('\'')) return ConfigEntry{{}, TRY(literal_string()), ConfigType::string, number_};
    return bare_value();
  }

  Result<> end() {
    skip_spaces();
    if (!at_end()) return refuse("there is text after the value");
    return {};
  }

 private:
  Result<std::string> basic_string() {
    std::string out;
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return out;
      if (c != '\\') {
        out += c;
        continue;
      }
      out += TRY(escape());
    }
    return refuse("the string has no closing \"");
  }

  Result<char> escape() {
    if (rest_.empty()) return refuse("the string has no closing \"");
    const char c = rest_.front();
    rest_.remove_prefix(1);
    switch (c) {
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case '"':
        return '"';
      case '\\':
        return '\\';
      default:
        return refuse("a string knows the escapes \\n \\t \\\" and \\\\ only");
    }
  }

  Result<std::string> literal_string() {
    const auto stop = rest_.find('\'');
    if (stop == std::string_view::npos) return refuse("the string has no closing '");
    std::string out(rest_.substr(0, stop));
    rest_.remove_prefix(stop + 1);
    return out;
  }

  Result<ConfigEntry> bare_value() {
    const auto word = rest_.substr(0, rest_.find_first_of(" \t#"));
    rest_.remove_prefix(word.size());
    if (word == "true" || word == "false")
      return ConfigEntry{{}, std::string(word), ConfigType::boolean, number_};
    bool digits = false;
    bool fraction = false;
    for (std::size_t i = 0; i < word.size(); ++i) {
      const char c = word[i];
      if (is_digit(c)) {
        digits = true;
      } else if (c == '.' || c == 'e' || c == 'E') {
        fraction = true;
      } else if (c != '-' && c != '+') {
        return refuse("a value is \"text\", a number, true or false");
      }
    }
    if (!digits) return refuse("a value is \"text\", a number, true or false");
    return ConfigEntry{
        {}, std::string(word), fraction ? ConfigType::real : ConfigType::integer, number_};
  }

  std::string_view rest_;
  std::string_view name_;
  int number_;
};

/// Takes the first line off `text`, without its end.
std::string_view take_line(std::string_view& text) {
  const auto stop = text.find('\n');
  auto line = text.substr(0, stop);
  text = stop == std::string_view::npos ? std::string_view() : text.substr(stop + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

Result<> check_characters(std::string_view text, std::string_view name) {
  int line = 1;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') ++line;
    if ((byte < 0x20 && c != '\n' && c != '\t' && c != '\r') || byte == 0x7F) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("{}:{}: a control character", name, line));
    }
  }
  return {};
}

/// The section of a "[section]" line, "" for a blank line or comment; nothing for an assignment.
Result<std::optional<std::string>> parse_section(LineParser& parser) {
  if (parser.at_end()) return std::optional<std::string>("");
  if (!parser.take('[')) return std::nullopt;
  auto section = TRY(parser.key("the section's name"));
  if (!parser.take(']')) return parser.refuse("a section is [name]");
  TRY(parser.end());
  return std::optional<std::string>(std::move(section));
}

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + '"';
}

}  // namespace

Result<std::vector<ConfigEntry>> parse_config(std::string_view text, std::string_view name) {
  if (text.size() > kConfigBytesMax) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("{}: larger than {} bytes", name, kConfigBytesMax));
  }
  TRY(check_characters(text, name));
  std::vector<ConfigEntry> out;
  std::string section;
  for (int number = 1; !text.empty(); ++number) {
    LineParser parser(take_line(text), name, number);
    parser.skip_spaces();
    if (const auto found = TRY(parse_section(parser)); found) {
      if (!found->empty()) section = *found;
      continue;
    }
    auto key = TRY(parser.key("the key"));
    parser.skip_spaces();
    if (!parser.take('=')) return parser.refuse("a line is: key = value");
    parser.skip_spaces();
    auto entry = TRY(parser.value());
    TRY(parser.end());
    entry.key = section.empty() ? std::move(key) : section + "." + key;
    for (const auto& other : out) {
      if (other.key == entry.key) {
        return parser.refuse(
            fmt::format("'{}' is set twice (first in line {})", entry.key, other.line));
      }
    }
    if (out.size() == kConfigEntriesMax)
      return parser.refuse(fmt::format("more than {} keys", kConfigEntriesMax));
    out.push_back(std::move(entry));
  }
  return out;
}

Result<std::string> with_entry(std::string_view text, std::string_view name,
                               const ConfigEntry& entry) {
  int replaced_line = 0;
  for (const auto& old : TRY(parse_config(text, name))) {
    if (old.key == entry.key) replaced_line = old.line;
  }
  const std::string line =
      entry.key + " = " +
      (entry.type == ConfigType::string ? in_quotes(entry.value) : entry.value) + "\n";
  std::string out;
  bool written = false;
  for (int number = 1; !text.empty(); ++number) {
    const auto old = take_line(text);
    const auto first = old.find_first_not_of(" \t");
    const bool section = first != std::string_view::npos && old[first] == '[';
    if (number == replaced_line || (replaced_line == 0 && section && !written)) {
      out += line;
      written = true;
    }
    if (number != replaced_line) out.append(old).append("\n");
  }
  if (!written) out += line;
  return out;
}

Result<std::string> without_entry(std::string_view text, std::string_view name,
                                  std::string_view key) {
  int removed_line = 0;
  for (const auto& old : TRY(parse_config(text, name))) {
    if (old.key == key) removed_line = old.line;
  }
  if (removed_line == 0) {
    return fail(ErrorCode::not_found, fmt::format("'{}' is not set in {}", key, name));
  }
  std::string out;
  for (int number = 1; !text.empty(); ++number) {
    const auto old = take_line(text);
    if (number != removed_line) out.append(old).append("\n");
  }
  return out;
}

}  // namespace plmm::files
