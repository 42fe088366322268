// The table of presets.
#include "expert/presets.h"

#include <algorithm>
#include <array>
#include <string>
#include <system_error>

namespace plmm::expert {
namespace {

constexpr auto kComputing = std::to_array<std::string_view>(
    {"Linux commands and the shell", "manual pages", "programming languages",
     "computer networks and protocols", "databases", "operating systems", "computer hardware",
     "computing terms and acronyms"});
constexpr auto kMoney = std::to_array<std::string_view>(
    {"accounting and book-keeping", "investments, shares and bonds", "loans and mortgages", "taxes",
     "budgets and savings", "currencies and exchange rates", "banks and credit cards"});
constexpr auto kArts = std::to_array<std::string_view>(
    {"painting and painters", "sculpture", "architecture", "art movements and styles",
     "music and composers", "literature and writers", "theatre and dance", "film and photography"});

constexpr std::array kPresets{
    Preset{"it",
           "Computers and programming",
           "Linux commands, programming languages, networks and the words of computing",
           kComputing,
           {"/usr/share/dictd/foldoc", "dict-foldoc", {}, {}}},
    Preset{"finance",
           "Money and finance",
           "Book-keeping, investments, loans, taxes and the accounts of a household",
           kMoney,
           {"/usr/share/doc/gnucash-docs/gnucash-guide-en", "gnucash-docs", {}, {}}},
    Preset{"art",
           "The arts",
           "Painting, sculpture, architecture, music, literature, theatre and film",
           kArts,
           {{}, {}, "wikipedia-leads", "Arts"}},
};

}  // namespace

std::span<const Preset> presets() { return kPresets; }

const Preset* find_preset(std::string_view name) {
  const auto* const found = std::ranges::find(kPresets, name, &Preset::name);
  return found == kPresets.end() ? nullptr : found;
}

bool is_installed(const PresetDocuments& documents) {
  if (documents.path.empty()) return false;
  std::error_code absent;
  const std::filesystem::path path(documents.path);
  return std::filesystem::exists(path, absent) ||
         std::filesystem::exists(std::string(documents.path) + ".index", absent);
}

}  // namespace plmm::expert
