// Versions in the vault: in use, undone, forgotten, replaced, damaged.
#include "learn/adapters.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <list>

#include "learn/adapter_bytes.h"
#include "model/lora_file.h"
#include "model/tiny_lora.h"
#include "model/tiny_run.h"
#include "personal/vault_fixture.h"
#include "store/database.h"

namespace plmm::learn {
namespace {

using personal::Area;

class AdaptersTest : public personal::VaultFixture {
 protected:
  void SetUp() override {
    VaultFixture::SetUp();
    vault_.emplace(opened());
    model_ = load(1);
  }

  std::unique_ptr<model::Model> load(std::uint64_t seed) {
    const model::TinyModel tiny{model::TinyOptions{.seed = seed}};
    return model::load_bytes(files_.emplace_back(tiny.bytes()), false, pool_).value();
  }
  Version version(std::vector<std::int64_t> sources, const model::Model& model) const {
    Version out;
    out.time_ms = 1'700'000'000'000;
    out.model = "tiny";
    out.base_fingerprint = model::fingerprint(model.reader());
    out.n_turns = static_cast<std::int64_t>(sources.size());
    out.seconds = 1.5;
    out.figures = {20, 16, 0.75, 0.85, 10, 10.125};
    out.sources = std::move(sources);
    return out;
  }
  model::LoraAdapter adapter(std::uint64_t seed) const {
    return model::tiny_lora(model_->config(), {.rank = 2, .alpha = 4}, 0.05F, seed);
  }
  std::int64_t keep(std::vector<std::int64_t> sources, std::uint64_t seed = 5) {
    const auto number = adapters().keep(version(std::move(sources), *model_), adapter(seed));
    EXPECT_TRUE(number) << number.error().what;
    return number.value_or(0);
  }
  Adapters adapters() { return Adapters(*vault_); }
  /// Of the version in use; 0: none.
  std::int64_t used() {
    const auto loaded = adapters().load_for(*model_);
    EXPECT_TRUE(loaded) << loaded.error().what;
    return loaded && *loaded ? (*loaded)->version.number : 0;
  }
  /// The box of the newest record, which is of weights.
  std::string sealed_part() const {
    auto database = store::Database::open(place_.database).value();
    auto select =
        database.prepare("SELECT sealed FROM record WHERE area = 6 ORDER BY id DESC").value();
    EXPECT_EQ(select.step().value(), store::Step::row);
    const auto blob = select.blob(0);
    return {reinterpret_cast<const char*>(blob.data()), blob.size()};
  }
  std::vector<Standing> standings() {
    std::vector<Standing> out;
    const auto versions = adapters().versions().value();
    for (const auto& version : versions) out.push_back(version.standing);
    return out;
  }

  ThreadPool pool_{1};
  std::list<std::string> files_;  // models are views into them
  std::optional<personal::Vault> vault_;
  std::unique_ptr<model::Model> model_;
};

TEST_F(AdaptersTest, come_back_with_all_that_was_said_of_them) {
  EXPECT_EQ(used(), 0);
  EXPECT_EQ(keep({1, 2, 7}), 1);
  const auto loaded = adapters().load_for(*model_).value();
  ASSERT_TRUE(loaded);
  EXPECT_EQ(to_bytes(loaded->adapter), to_bytes(adapter(5)));
  EXPECT_EQ(loaded->version.sources, (std::vector<std::int64_t>{1, 2, 7}));
  EXPECT_EQ(loaded->version.figures, (Figures{20, 16, 0.75, 0.85, 10, 10.125}));
  EXPECT_EQ(loaded->version.seconds, 1.5);
  EXPECT_EQ(loaded->version.n_bytes, static_cast<std::int64_t>(to_bytes(adapter(5)).size()));
}

TEST_F(AdaptersTest, are_used_on_the_model_that_they_were_learnt_on_and_on_no_other) {
  keep({1});
  EXPECT_FALSE(adapters().load_for(*load(2)).value());
  ASSERT_TRUE(adapters().keep(version({2}, *load(2)), adapter(6)));
  EXPECT_EQ(used(), 1);
}

TEST_F(AdaptersTest, undo_goes_back_to_the_former_and_then_to_none) {
  keep({1}, 5);
  keep({1, 2}, 6);
  EXPECT_EQ(used(), 2);
  const auto gone = adapters().undo().value();
  ASSERT_EQ(gone.versions.size(), 1U);
  EXPECT_EQ(gone.versions[0].number, 2);
  EXPECT_EQ(used(), 1);
  EXPECT_EQ(to_bytes((*adapters().load_for(*model_))->adapter), to_bytes(adapter(5)));
  ASSERT_TRUE(adapters().undo());
  EXPECT_EQ(used(), 0);
  EXPECT_TRUE(adapters().undo()->versions.empty());
  EXPECT_EQ(keep({1}), 3);  // no number twice
}

TEST_F(AdaptersTest, that_learnt_from_what_is_forgotten_go_and_others_stay) {
  keep({1, 2}, 5);
  keep({1, 2, 3}, 6);
  const std::int64_t unknown = 9, newer = 3, older = 2;
  EXPECT_TRUE(adapters().forget({&unknown, 1})->versions.empty());
  EXPECT_EQ(adapters().forget({&newer, 1})->versions.size(), 1U);
  EXPECT_EQ(used(), 1);
  EXPECT_EQ(adapters().forget({&older, 1})->versions.size(), 1U);
  EXPECT_EQ(used(), 0);
  EXPECT_EQ(standings(), (std::vector{Standing::forgotten, Standing::forgotten}));
  const auto versions = adapters().versions().value();
  for (const auto& version : versions) EXPECT_TRUE(version.sources.empty());
}

TEST_F(AdaptersTest, of_one_model_only_two_are_kept) {
  for (std::uint64_t i = 1; i <= 4; ++i) keep({1}, i);
  EXPECT_EQ(standings(),
            (std::vector{Standing::replaced, Standing::replaced, Standing::kept, Standing::kept}));
  // The weights of those that are gone are gone: one record each, and the parts of two.
  EXPECT_EQ(vault_->read(Area::adapter)->size(), 4U + 2U);
}

TEST_F(AdaptersTest, that_are_refused_leave_their_figures_and_what_is_in_use) {
  keep({1}, 5);
  EXPECT_EQ(adapters().refuse(version({1, 2}, *model_)).value(), 2);
  EXPECT_EQ(standings(), (std::vector{Standing::kept, Standing::refused}));
  const auto refused = adapters().versions()->back();
  EXPECT_EQ(refused.n_turns, 2);
  EXPECT_EQ(refused.figures, (Figures{20, 16, 0.75, 0.85, 10, 10.125}));
  EXPECT_TRUE(refused.sources.empty());
  EXPECT_EQ(used(), 1);
  EXPECT_EQ(keep({1, 2, 3}, 6), 3);
  EXPECT_EQ(adapters().undo()->versions.front().number, 3);
  EXPECT_EQ(used(), 1);
  for (std::size_t i = 0; i < kVersionsMax; ++i)
    ASSERT_TRUE(adapters().refuse(version({}, *model_)));
  EXPECT_EQ(standings().size(), kVersionsMax);
  EXPECT_EQ(standings().front(), Standing::kept);
}

TEST_F(AdaptersTest, keep_a_history_that_does_not_grow_without_end) {
  for (std::size_t i = 0; i < kVersionsMax + 3; ++i) keep({1});
  const auto versions = adapters().versions().value();
  EXPECT_EQ(versions.size(), kVersionsMax);
  EXPECT_EQ(versions.back().number, static_cast<std::int64_t>(kVersionsMax + 3));
}

TEST_F(AdaptersTest, stand_nowhere_in_plain_bytes_and_nowhere_once_they_are_gone) {
  const std::string weights = to_bytes(adapter(5));
  keep({1});
  EXPECT_EQ(on_disk().find(weights.substr(weights.size() / 2, 24)), std::string::npos);
  const std::string sealed = sealed_part();
  ASSERT_GT(sealed.size(), weights.size());
  const std::string some = sealed.substr(sealed.size() / 2, 24);
  EXPECT_NE(on_disk().find(some), std::string::npos);
  const auto gone = adapters().undo();
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->traces, personal::Traces::gone);
  EXPECT_EQ(on_disk().find(some), std::string::npos);
}

TEST_F(AdaptersTest, without_one_of_their_parts_are_refused) {
  keep({1});
  ASSERT_TRUE(vault_->change([&](personal::Edit& edit) -> Result<> {
    const auto records = TRY(edit.read(Area::adapter));
    return edit.remove(Area::adapter, records.back().id);
  }));
  EXPECT_EQ(adapters().load_for(*model_).error().code, ErrorCode::corrupt_data);
  EXPECT_EQ(adapters().undo()->versions.size(), 1U);  // and can be got rid of
  EXPECT_EQ(used(), 0);
}

TEST_F(AdaptersTest, whose_records_are_flipped_or_cut_are_noticed) {
  keep({1});
  auto database = store::Database::open(place_.database).value();
  auto select = database.prepare("SELECT id, sealed FROM record WHERE area = 6").value();
  std::vector<std::pair<std::int64_t, std::string>> records;
  while (select.step().value() == store::Step::row) {
    const auto blob = select.blob(1);
    records.emplace_back(select.int64(0),
                         std::string(reinterpret_cast<const char*>(blob.data()), blob.size()));
  }
  select.reset();
  ASSERT_EQ(records.size(), 2U);
  auto update = database.prepare("UPDATE record SET sealed = ?2 WHERE id = ?1").value();
  const auto write = [&](std::int64_t id, const std::string& sealed) {
    return update.run(id, std::as_bytes(std::span(sealed)));
  };
  for (const auto& [id, sealed] : records) {
    for (std::size_t at = 0; at < sealed.size(); at += 1 + sealed.size() / 40) {
      std::string flipped = sealed;
      flipped[at] = static_cast<char>(flipped[at] ^ 1);
      ASSERT_TRUE(write(id, flipped));
      EXPECT_EQ(adapters().load_for(*model_).error().code, ErrorCode::corrupt_data) << at;
      ASSERT_TRUE(write(id, sealed.substr(0, at)));
      EXPECT_EQ(adapters().load_for(*model_).error().code, ErrorCode::corrupt_data) << at;
    }
    ASSERT_TRUE(write(id, sealed));
  }
  EXPECT_EQ(used(), 1);
}

}  // namespace
}  // namespace plmm::learn
