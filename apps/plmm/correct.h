// A correction of an expert's answer, knowingly: what would leave is shown before it leaves.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apps/plmm/expert_desk.h"

namespace plmm::cli {

/// What an expert got wrong, and what is true.
struct CorrectionText {
  std::string question;
  std::string statement;
  std::vector<std::string> answers;  // short ones, each right; may be empty
};

/// Preview, a yes or no as the desk asks for it (where nobody can be asked, nothing is sent),
/// verdict and reward. An error means that there is no verdict; a refusal is none.
Result<> correct_expert(Context& context, ExpertDesk& desk, std::string_view expert,
                        const CorrectionText& correction);

}  // namespace plmm::cli
