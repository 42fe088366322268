// Turns labelled by hand with what they tell about who says them; the format is in
// testdata/facts/README.md.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "apps/plmm/suites/style_data.h"
#include "base/result.h"
#include "personal/noticing.h"
#include "personal/profile.h"

namespace plmm::suites {

inline constexpr std::size_t kLabelsBytesMax = 16 << 20;
inline constexpr std::size_t kLabelledTurnsMax = 100'000;

struct FactLabel {
  personal::Slot kind{};
  personal::Span value;
};
struct LabelledTurn {
  std::string said;
  std::vector<FactLabel> facts;
};

/// Lines of JSON. Turns of the package are looked up in `dialogues`, which may be empty where each
/// line has its own words. corrupt_data, naming the line; not_found where a turn is not there.
Result<std::vector<LabelledTurn>> parse_fact_labels(std::string_view jsonl,
                                                    const Dialogues& dialogues);

/// Whether any line refers to the package.
bool names_dialogues(std::string_view jsonl);

struct FactScore {
  std::size_t n_right = 0;  // proposals that a label of the same kind stands for
  std::size_t n_proposed = 0;
  std::size_t n_labels = 0;
  double precision() const;
  double recall() const;
};

/// A proposal is right where a label of its kind, taken by no other proposal, has with it at least
/// half of the longer of the two values in common.
FactScore score(const LabelledTurn& turn, const std::vector<personal::Noticed>& proposed);

}  // namespace plmm::suites
