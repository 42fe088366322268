// A grammar of one line, read so that it can stop at any byte:
//   '[' LABEL ('_' | '\_' | ' ' | '-') number ('.' number)? ("'s" | "’s")? ']'
#include "privacy/placeholder.h"

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "privacy/scan.h"

namespace plmm::privacy {
namespace {

using Status = ParsedPlaceholder::Status;
constexpr std::size_t kDigitsMax = 8;

bool starts_a_label(std::string_view word) {
  for (std::size_t i = 0; i < kKinds; ++i) {
    const std::string_view whole = label(static_cast<Kind>(i));
    if (word.size() <= whole.size() &&
        std::ranges::equal(word, whole.substr(0, word.size()),
                           [](char a, char b) { return lower(a) == lower(b); })) {
      return true;
    }
  }
  return false;
}

/// A cursor; each step returns nothing when the grammar is broken or the text ends, and says which.
class Cursor {
 public:
  Cursor(std::string_view text, std::size_t at) : text_(text), at_(at) {}

  std::size_t at() const { return at_; }
  Status failure() const { return failure_; }

  std::optional<Kind> read_label() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_letter(text_[at_]) && starts_a_label(word_from(begin))) ++at_;
    if (!starts_a_label(word_from(begin))) return refuse<Kind>();
    if (at_ == text_.size()) return refuse_at_end<Kind>();
    const auto kind = kind_named(word_from(begin));
    return kind ? kind : refuse<Kind>();
  }

  std::optional<std::uint32_t> read_number() {
    std::uint32_t out = 0;
    const std::size_t begin = at_;
    for (; at_ < text_.size() && is_digit(text_[at_]); ++at_) {
      if (at_ - begin == kDigitsMax) return refuse<std::uint32_t>();
      out = 10 * out + static_cast<std::uint32_t>(text_[at_] - '0');
    }
    if (at_ == text_.size()) return refuse_at_end<std::uint32_t>();
    return at_ > begin ? std::optional(out) : refuse<std::uint32_t>();
  }

  /// Reads one of `words`; nothing when none stands here.
  std::optional<std::string_view> read_one_of(std::initializer_list<std::string_view> words) {
    const std::string_view rest = text_.substr(at_);
    for (const std::string_view word : words) {
      if (rest.starts_with(word)) {
        at_ += word.size();
        return word;
      }
      if (word.starts_with(rest)) return refuse_at_end<std::string_view>();
    }
    return refuse<std::string_view>();
  }

 private:
  std::string_view word_from(std::size_t begin) const { return text_.substr(begin, at_ - begin); }
  template <class T>
  std::optional<T> refuse() {
    failure_ = Status::none;
    return std::nullopt;
  }
  template <class T>
  std::optional<T> refuse_at_end() {
    failure_ = Status::unfinished;
    return std::nullopt;
  }

  std::string_view text_;
  std::size_t at_;
  Status failure_ = Status::none;
};

}  // namespace

std::string to_text(Placeholder placeholder) {
  std::string out = "[";
  out += label(placeholder.kind);
  out += '_' + std::to_string(placeholder.value);
  if (placeholder.spelling > 1) out += '.' + std::to_string(placeholder.spelling);
  return out + ']';
}

ParsedPlaceholder parse_placeholder(std::string_view text, std::size_t at) {
  CHECK(text[at] == '[');
  Cursor cursor(text, at + 1);
  const auto failed = [&] { return ParsedPlaceholder{.status = cursor.failure()}; };
  ParsedPlaceholder out{.status = Status::whole};
  const auto kind = cursor.read_label();
  if (!kind || !cursor.read_one_of({"_", "\\_", " ", "-"})) return failed();
  const auto value = cursor.read_number();
  if (!value) return failed();
  out.placeholder = {*kind, *value};
  auto mark = cursor.read_one_of({"]", ".", "'s", "’s"});
  if (mark == ".") {
    const auto spelling = cursor.read_number();
    if (!spelling) return failed();
    out.placeholder.spelling = *spelling;
    mark = cursor.read_one_of({"]", "'s", "’s"});
  }
  if (!mark) return failed();
  if (*mark != "]") {
    out.genitive = *mark;
    if (!cursor.read_one_of({"]"})) return failed();
  }
  out.n_bytes = cursor.at() - at;
  return out;
}

std::vector<Span> find_placeholders(std::string_view text) {
  std::vector<Span> out;
  for (std::size_t at = text.find('['); at != text.npos; at = text.find('[', at)) {
    const ParsedPlaceholder parsed = parse_placeholder(text, at);
    if (parsed.status == Status::whole) out.push_back({at, at + parsed.n_bytes, Kind::text});
    at += std::max<std::size_t>(parsed.n_bytes, 1);
  }
  return out;
}

}  // namespace plmm::privacy
