// Reads golden logits and compares with them.
#include "bench/golden.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/file.h"

namespace plmm::bench {
namespace {

constexpr std::uint64_t kFileBytesMax = 1 << 20;

Golden parse(const nlohmann::json& json) {
  Golden out;
  json.at("token_ids").get_to(out.tokens);
  const auto random_ids = json.at("random_ids").get<std::vector<text::TokenId>>();
  for (const auto& position : json.at("positions")) {
    GoldenRow& row = out.rows[position.at("position").get<int>()];
    position.at("best_ids").get_to(row.ids);
    position.at("best_logits").get_to(row.logits);
    row.n_best = row.ids.size();
    position.at("log_sum_exp").get_to(row.log_sum_exp);
    row.ids.insert(row.ids.end(), random_ids.begin(), random_ids.end());
    const auto random_logits = position.at("random_logits").get<std::vector<float>>();
    row.logits.insert(row.logits.end(), random_logits.begin(), random_logits.end());
  }
  return out;
}

}  // namespace

Result<Golden> read_golden(const std::filesystem::path& path) {
  const std::string text = TRY(read_file(path, kFileBytesMax));
  try {
    Golden out = parse(nlohmann::json::parse(text));
    for (const auto& [position, row] : out.rows) {
      if (position < 0 || position >= static_cast<int>(out.tokens.size()) ||
          row.ids.size() != row.logits.size()) {
        return fail(ErrorCode::corrupt_data,
                    fmt::format("{}: position {} does not fit", path.string(), position));
      }
    }
    return out;
  } catch (const nlohmann::json::exception& error) {
    return fail(ErrorCode::corrupt_data, fmt::format("{}: {}", path.string(), error.what()));
  }
}

Result<SquaredError> compare(const GoldenRow& golden, std::span<const float> logits) {
  SquaredError out;
  for (std::size_t i = 0; i < golden.ids.size(); ++i) {
    const auto id = static_cast<std::size_t>(golden.ids[i]);
    if (golden.ids[i] < 0 || id >= logits.size()) {
      return fail(ErrorCode::corrupt_data,
                  fmt::format("golden logits of id {}, but the vocabulary has {}", golden.ids[i],
                              logits.size()));
    }
    const double wanted = golden.logits[i];
    const double difference = static_cast<double>(logits[id]) - wanted;
    out.error += difference * difference;
    out.power += wanted * wanted;
  }
  return out;
}

}  // namespace plmm::bench
