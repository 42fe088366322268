// A small state machine over lines; see turn_reader.h.
#include "apps/plmm/terminal/turn_reader.h"

#include <utility>

namespace plmm::terminal {
namespace {

constexpr std::string_view kBlock = "\"\"\"";

}  // namespace

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

bool TurnReader::add_to_block(std::string_view line) {
  const auto stop = line.find(kBlock);
  text_ += line.substr(0, stop);
  in_block_ = stop == std::string_view::npos;
  if (in_block_ && !(text_.empty() && line.empty())) text_ += '\n';
  return !in_block_;
}

bool TurnReader::add(std::string_view line) {
  if (in_block_) return add_to_block(line);
  if (!begun_ && trimmed(line).starts_with(kBlock)) {
    begun_ = in_block_ = true;
    return add_to_block(trimmed(line).substr(kBlock.size()));
  }
  const bool goes_on = line.ends_with('\\');
  if (goes_on) line.remove_suffix(1);
  text_ += line;
  if (goes_on) text_ += '\n';
  begun_ = true;
  return !goes_on;
}

std::string TurnReader::take() {
  begun_ = in_block_ = false;
  auto out = std::exchange(text_, {});
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

}  // namespace plmm::terminal
