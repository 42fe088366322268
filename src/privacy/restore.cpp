// Placeholders are read at each '['; a beginning of one waits for the next chunk.
#include "privacy/restore.h"

#include <algorithm>
#include <utility>

#include "privacy/scan.h"

namespace plmm::privacy {

// A link begins with "//", "](" or "www."; a tag with '<' and a letter. It ends with white space,
// or behind '<' with '>' or a line break. '\' counts as '/', as it does in browsers.
void LinkWatch::push(char c) {
  const bool ends = c == '\n' || c == '\r' || (angle_ ? c == '>' : is_space(c));
  if (ends) {
    *this = {};
    return;
  }
  if (c == '\\') c = '/';
  if (last_ == '<' && (is_letter(c) || c == '/' || c == '!')) inside_ = true;
  if ((last_ == '/' && c == '/') || (last_ == ']' && c == '(')) inside_ = true;
  if (c == '<') angle_ = true;
  constexpr std::string_view kHost = "www.";
  n_of_www_ = lower(c) == kHost[n_of_www_] ? n_of_www_ + 1 : lower(c) == 'w' ? n_of_www_ : 0;
  if (n_of_www_ == kHost.size()) {
    inside_ = true;
    n_of_www_ = 0;
  }
  last_ = c;
}

StreamRestorer::StreamRestorer(std::span<const Replacement> replacements, Links links)
    : links_(links) {
  for (const Replacement& replacement : replacements) {
    const std::string& text = replacement.placeholder;
    if (!text.starts_with('[')) continue;
    const ParsedPlaceholder parsed = parse_placeholder(text, 0);
    if (parsed.status == ParsedPlaceholder::Status::whole) {
      originals_.emplace(parsed.placeholder, replacement.original);
    }
  }
}

void StreamRestorer::put(std::string_view bytes, std::string& out) {
  for (const char c : bytes) watch_.push(c);
  out += bytes;
}

std::string StreamRestorer::push(std::string_view chunk) {
  held_ += chunk;
  std::string out;
  std::size_t at = 0;
  while (at < held_.size()) {
    const std::size_t bracket = std::min(held_.find('[', at), held_.size());
    put(std::string_view(held_).substr(at, bracket - at), out);
    at = bracket;
    if (at == held_.size()) break;
    const ParsedPlaceholder parsed = parse_placeholder(held_, at);
    if (parsed.status == ParsedPlaceholder::Status::unfinished) break;
    const auto original = parsed.status == ParsedPlaceholder::Status::whole
                              ? originals_.find(parsed.placeholder)
                              : originals_.end();
    if (original == originals_.end() || (links_ == Links::keep && watch_.inside())) {
      const std::size_t n_bytes = std::max<std::size_t>(parsed.n_bytes, 1);
      put(std::string_view(held_).substr(at, n_bytes), out);
      at += n_bytes;
      continue;
    }
    out += original->second;
    out += parsed.genitive;
    at += parsed.n_bytes;
  }
  held_.erase(0, at);
  return out;
}

std::string StreamRestorer::finish() {
  watch_ = {};
  return std::exchange(held_, {});
}

}  // namespace plmm::privacy
