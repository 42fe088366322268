// The text that suites feed: wiki leads, or the user's own files, as windows of tokens.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bench/bench.h"
#include "text/tokenizer.h"

namespace plmm::bench {

using Tokens = std::vector<text::TokenId>;

/// options.data, or enough of the suite's own text for n_tokens. offline when it cannot be had.
Result<std::string> suite_text(const Options& options, int n_tokens);

/// Up to n_tokens of the text in windows of `width`, each with its start token where the model
/// wants one.
std::vector<Tokens> windows(const text::Tokenizer& tokenizer, std::string_view text, int n_tokens,
                            int width);

}  // namespace plmm::bench
