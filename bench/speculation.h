// What speculation gains: answers with and without it, in turn.
#pragma once

#include <string>

#include "base/result.h"
#include "bench/bench.h"
#include "bench/report.h"
#include "bench/workload.h"
#include "infer/engine.h"

namespace plmm::bench {

/// Greedy answers to the prompts of testdata/speculation, plain and speculating in turn (A B A B),
/// whose tokens must be the same (corrupt_data when they are not). Adds lookup_edit/<model> and
/// lookup_prose/<model>: seconds for the tokens behind the first, plain over speculating; of the
/// prose the prompt where that is least. For kDraftedModel also draft_chat/<model> where
/// kDraftModel is here.
Result<> measure_speculation(const Options& options, infer::Engine& engine, const ModelFile& file,
                             Report& report);

inline constexpr std::string_view kDraftedModel = "qwen2.5-coder-1.5b";
inline constexpr std::string_view kDraftModel = "qwen2.5-coder-0.5b";

}  // namespace plmm::bench
