// Watches a stream for texts that end it, and holds back what may be the beginning of one.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace plmm::infer {

class StopText {
 public:
  /// `stops` are kept by view; empty ones never match.
  explicit StopText(std::span<const std::string> stops) : stops_(stops) {}

  /// Adds text. What is certain to belong to the answer comes back; true in `found` once a stop
  /// text has appeared (it and all after it are dropped).
  std::string push(std::string_view text, bool& found);
  /// What was held back, when the stream ends without a stop text.
  std::string finish();

 private:
  std::span<const std::string> stops_;
  std::string held_;
};

}  // namespace plmm::infer
