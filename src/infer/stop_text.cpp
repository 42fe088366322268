// The longest suffix that could begin a stop text stays behind.
#include "infer/stop_text.h"

#include <algorithm>
#include <utility>

namespace plmm::infer {

std::string StopText::push(std::string_view text, bool& found) {
  held_ += text;
  std::size_t first = std::string::npos, suffix = 0;
  for (const std::string& stop : stops_) {
    if (stop.empty()) continue;
    first = std::min(first, held_.find(stop));
    for (std::size_t n = std::min(stop.size() - 1, held_.size()); n > suffix; --n) {
      if (held_.ends_with(std::string_view(stop).substr(0, n))) suffix = n;
    }
  }
  found = first != std::string::npos;
  std::string out = held_.substr(0, found ? first : held_.size() - suffix);
  held_ = found ? std::string() : held_.substr(held_.size() - suffix);
  return out;
}

std::string StopText::finish() { return std::exchange(held_, {}); }

}  // namespace plmm::infer
