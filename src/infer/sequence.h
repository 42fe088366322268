// What holds for every sequence of a model: its context, the prompts it takes.
#pragma once

#include <span>

#include "base/result.h"
#include "text/tokenizer.h"

namespace plmm::model {
class Model;
}

namespace plmm::infer {

/// Positions of a sequence's context: 0 means the smaller of the model's own and 8,192.
/// invalid_argument for one that the model does not take.
Result<int> context_of(const model::Model& model, int n_context);

/// invalid_argument when a prompt is empty, has unknown ids or does not fit the context.
Result<> check_prompt(const model::Model& model, std::span<const text::TokenId> prompt,
                      int n_context);
Result<> check_ids(const model::Model& model, std::span<const text::TokenId> tokens);

}  // namespace plmm::infer
