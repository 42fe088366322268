// The rule of promotion.
#include "learn/verdict.h"

namespace plmm::learn {

Verdict verdict_on(const Figures& figures) {
  // Written so that a figure that is no number promotes nothing.
  const bool is_better = figures.own_ratio_high > 0 && figures.own_ratio_high < 1;
  if (!is_better) return Verdict::not_better;
  const bool keeps_general = figures.general_before > 0 &&
                             figures.general_after <= kGeneralRatioMax * figures.general_before;
  return keeps_general ? Verdict::promoted : Verdict::forgets_general;
}

}  // namespace plmm::learn
