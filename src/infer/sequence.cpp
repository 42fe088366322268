// The limits of a sequence and the words for what goes beyond them.
#include "infer/sequence.h"

#include <algorithm>
#include <string>

#include "model/model.h"

namespace plmm::infer {
namespace {

constexpr int kContextDefault = 8192;  // tokens; its cache stays below 200 MB for models up to 1.5B

}  // namespace

Result<int> context_of(const model::Model& model, int n_context) {
  const int most = model.config().n_context;
  if (n_context < 0 || n_context > most) {
    return fail(ErrorCode::invalid_argument, "context of " + std::to_string(n_context) +
                                                 " tokens: this model takes 1 to " +
                                                 std::to_string(most));
  }
  return n_context == 0 ? std::min(most, kContextDefault) : n_context;
}

Result<> check_prompt(const model::Model& model, std::span<const text::TokenId> prompt,
                      int n_context) {
  if (prompt.empty()) return fail(ErrorCode::invalid_argument, "the prompt is empty");
  if (prompt.size() > static_cast<std::size_t>(n_context)) {
    return fail(ErrorCode::invalid_argument,
                "the prompt has " + std::to_string(prompt.size()) + " tokens, the context " +
                    std::to_string(n_context) + "; shorten it or raise --context");
  }
  return check_ids(model, prompt);
}

Result<> check_ids(const model::Model& model, std::span<const text::TokenId> tokens) {
  const int n_vocabulary = model.config().n_vocabulary;
  for (const text::TokenId id : tokens) {
    if (id < 0 || id >= n_vocabulary) {
      return fail(ErrorCode::invalid_argument, "token id " + std::to_string(id) +
                                                   " is outside the vocabulary of " +
                                                   std::to_string(n_vocabulary));
    }
  }
  return {};
}

}  // namespace plmm::infer
