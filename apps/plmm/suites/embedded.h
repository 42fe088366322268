// Texts as one array of embeddings, as memory takes them.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "infer/embedder.h"

namespace plmm::suites {

/// [texts.size()][dimension]. Errors of Embedder::embed().
inline Result<std::vector<float>> embedded(infer::Embedder& embedder,
                                           std::span<const std::string_view> texts) {
  std::vector<float> out(texts.size() * static_cast<std::size_t>(embedder.dimension()));
  TRY(embedder.embed(texts, out));
  return out;
}

}  // namespace plmm::suites
