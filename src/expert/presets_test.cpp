// Tests of the presets: names, limits of a card, and what the router was tuned on.
#include "expert/presets.h"

#include <gtest/gtest.h>

#include <string>

#include "base/file.h"
#include "protocol/messages.h"

namespace plmm::expert {
namespace {

TEST(Presets, are_it_finance_and_art) {
  std::string names;
  for (const Preset& preset : presets()) names += std::string(preset.name) + " ";
  EXPECT_EQ(names, "it finance art ");
  EXPECT_EQ(find_preset("art")->title, "The arts");
  EXPECT_EQ(find_preset("Art"), nullptr);
  EXPECT_EQ(find_preset(""), nullptr);
}

TEST(Presets, make_cards_within_the_limits_of_the_protocol) {
  for (const Preset& preset : presets()) {
    protocol::ExpertCard card;
    card.name = preset.name;
    card.title = preset.title;
    card.summary = preset.summary;
    card.topics.assign(preset.topics.begin(), preset.topics.end());
    card.prices = kUsualPrices;
    card.base_model = kUsualBaseModel;
    card.n_tokens_in_max = 1'024;
    const auto checked = protocol::check(card);
    EXPECT_TRUE(checked) << preset.name << ": " << checked.error().what;
  }
}

TEST(Presets, have_documents_of_a_package_or_of_the_catalogue) {
  for (const Preset& preset : presets()) {
    const auto& documents = preset.documents;
    EXPECT_NE(documents.package.empty(), documents.catalog.empty()) << preset.name;
    EXPECT_EQ(documents.package.empty(), documents.path.empty()) << preset.name;
  }
}

TEST(Presets, say_what_the_router_was_tuned_on) {
  std::string table;
  for (const Preset& preset : presets()) {
    table += std::string(preset.name) + '\t' + std::string(preset.title) + ';' +
             std::string(preset.summary);
    for (const auto topic : preset.topics) table += ';' + std::string(topic);
    table += '\n';
  }
  EXPECT_EQ(table, read_file("testdata/routing/cards.tsv", 1 << 20).value());
}

TEST(Presets, are_installed_where_their_documents_are) {
  const std::string folder = testing::TempDir();
  const std::string here = folder + "/plmm-presets";
  ASSERT_TRUE(write_file_atomically(here + ".index", "a\tA\tB\n"));
  EXPECT_TRUE(is_installed({.path = here, .package = "p", .catalog = {}, .topic = {}}));
  EXPECT_FALSE(is_installed({.path = here + "-no", .package = "p", .catalog = {}, .topic = {}}));
  EXPECT_FALSE(is_installed({.path = {}, .package = {}, .catalog = "c", .topic = {}}));
  std::filesystem::remove(here + ".index");
}

}  // namespace
}  // namespace plmm::expert
