// The experts that one name makes: what they are about, and which documents they answer from.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string_view>

#include "protocol/messages.h"

namespace plmm::expert {

/// Documents of a preset: those of a Debian package, or a file that the catalogue brings.
struct PresetDocuments {
  std::string_view path;     // where the package puts them (documents.h reads it); else empty
  std::string_view package;  // of Debian: "dict-foldoc"; else empty
  std::string_view catalog;  // a name among catalog::documents(); else empty
  std::string_view topic;    // of its articles: only those of this topic (ReadOptions)
};

struct Preset {
  std::string_view name;  // "it"
  std::string_view title;
  std::string_view summary;
  std::span<const std::string_view> topics;
  PresetDocuments documents;
};

/// In micro-credits: an answer of 200 tokens with four passages costs about 0.003 credits.
inline constexpr protocol::PriceCard kUsualPrices{{500}, {2'000}, {6'000}};
/// What answers where it is on the machine: a name of the catalogue.
inline constexpr std::string_view kUsualBaseModel = "qwen2.5-coder-1.5b";

/// In the order in which they are made. Their texts are those that the router was tuned on
/// (testdata/routing/cards.tsv; a test compares them).
std::span<const Preset> presets();
const Preset* find_preset(std::string_view name);

/// Whether the documents of a package are on this machine; false where the catalogue brings them.
bool is_installed(const PresetDocuments& documents);

}  // namespace plmm::expert
