// The golden logits of testdata/logits: what transformers computed once, a few kilobytes a model.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "base/result.h"
#include "text/tokenizer.h"

namespace plmm::bench {

/// Logits at some ids behind one position.
struct GoldenRow {
  std::vector<text::TokenId> ids;  // the n_best best ones, best first, then random ones
  std::vector<float> logits;       // [ids.size()]
  std::size_t n_best = 0;
  double log_sum_exp = 0;  // over the whole vocabulary
};

struct Golden {
  std::vector<text::TokenId> tokens;
  std::map<int, GoldenRow> rows;  // by position
};

/// The form is in testdata/logits/README.md. not_found, or corrupt_data with the path.
Result<Golden> read_golden(const std::filesystem::path& path);

/// Σ (ours − golden)² and Σ golden² over the stored logits of one position.
struct SquaredError {
  double error = 0;
  double power = 0;
};
/// Needs: ids < logits.size() (corrupt_data otherwise).
Result<SquaredError> compare(const GoldenRow& golden, std::span<const float> logits);

}  // namespace plmm::bench
