// Changes of a library: on a copy first, whole or not at all, one at a time.
#include "expert/staging.h"

#include <gtest/gtest.h>

#include "expert/library_fixture.h"
#include "protocol/json.h"

namespace plmm::expert {
namespace {

class Staging : public LibraryTest {
 protected:
  Staging() { EXPECT_TRUE(create(it())); }

  Result<StagedLibrary> stage() { return StagedLibrary::stage(folder_ / "it", embedder()); }
  std::size_t n_passages() {
    const auto library = open();
    EXPECT_TRUE(library) << library.error().what;
    return library->card().n_passages;
  }
  std::vector<std::string> files() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(folder_ / "it")) {
      out.push_back(entry.path().filename().string());
    }
    std::ranges::sort(out);
    return out;
  }
  const NewPassage semaphore_[1] = {{"semaphore", "A semaphore counts who may come in."}};
};

TEST_F(Staging, a_copy_is_changed_and_the_library_is_not) {
  auto staged = stage();
  ASSERT_TRUE(staged) << staged.error().what;
  ASSERT_TRUE(staged->library().add("new", semaphore_));
  EXPECT_EQ(staged->library().card().n_passages, 3U);
  EXPECT_EQ(staged->library().find("semaphore", 1)->front().document, "new");
  EXPECT_EQ(n_passages(), 2U);
}

TEST_F(Staging, what_is_thrown_away_leaves_nothing) {
  const auto before = files();
  ASSERT_TRUE(stage()->library().add("new", semaphore_));
  EXPECT_EQ(files(), before);
  EXPECT_EQ(n_passages(), 2U);
}

TEST_F(Staging, a_copy_becomes_the_library_with_the_next_number) {
  auto staged = stage();
  ASSERT_TRUE(staged->library().add("new", semaphore_));
  EXPECT_EQ(*staged->library().remove("a.jsonl"), 2U);
  auto library = std::move(*staged).promote(staged->next_release());
  ASSERT_TRUE(library) << library.error().what;
  EXPECT_EQ(library->card().release, 2U);
  EXPECT_EQ(library->card().n_passages, 1U);
  EXPECT_EQ(*library->documents(), std::vector<std::string>{"new"});
  const auto card = protocol::parse_card(*read_file(folder_ / "it/card.json", 1 << 16));
  ASSERT_TRUE(card) << card.error().what;
  EXPECT_EQ(card->release, 2U);
  EXPECT_EQ(card->n_passages, 1U);
  EXPECT_FALSE(fs::exists(folder_ / "it/library.sqlite"));
}

TEST_F(Staging, a_number_is_never_used_again) {
  auto staged = stage();
  EXPECT_EQ(std::move(*staged).promote(1).error().code, ErrorCode::invalid_argument);
}

TEST_F(Staging, who_has_the_old_library_open_goes_on_and_can_take_the_new_one) {
  auto old = open();
  auto staged = stage();
  ASSERT_TRUE(staged->library().add("new", semaphore_));
  ASSERT_TRUE(std::move(*staged).promote(2));
  EXPECT_EQ(old->card().release, 1U);
  EXPECT_EQ(old->find("queue", 1)->front().title, "queue");
  const auto refreshed = old->refresh();
  ASSERT_TRUE(refreshed) << refreshed.error().what;
  EXPECT_EQ(old->card().release, 2U);
  EXPECT_EQ(old->find("semaphore", 1)->front().title, "semaphore");
}

TEST_F(Staging, one_change_at_a_time) {
  const auto first = stage();
  ASSERT_TRUE(first);
  const auto second = stage();
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().what.find("under way"), std::string::npos) << second.error().what;
}

TEST_F(Staging, what_a_crash_left_is_not_opened_and_goes) {
  fs::create_directories(folder_ / "it/staged");
  fs::copy_file(folder_ / "it/library.sqlite", folder_ / "it/staged/library.sqlite");
  write("it/library-2.sqlite", "renamed, and the card was not written any more");
  EXPECT_EQ(open()->card().release, 1U);
  EXPECT_EQ(Library::open(folder_ / "it/staged", embedder()).error().code, ErrorCode::not_found);
  ASSERT_TRUE(stage());
  EXPECT_FALSE(fs::exists(folder_ / "it/staged"));
  EXPECT_FALSE(fs::exists(folder_ / "it/library-2.sqlite"));
  EXPECT_EQ(n_passages(), 2U);
}

TEST_F(Staging, needs_an_expert) {
  EXPECT_EQ(StagedLibrary::stage(folder_ / "none", embedder()).error().code, ErrorCode::not_found);
}

TEST_F(Staging, passages_have_limits) {
  auto staged = stage();
  auto& library = staged->library();
  const NewPassage long_text[] = {{"t", std::string(protocol::kPassageBytesMax + 1, 'x')}};
  const NewPassage long_title[] = {{std::string(protocol::kTitleBytesMax + 1, 'x'), "x"}};
  const NewPassage empty[] = {{"t", ""}}, broken[] = {{"t", "\xFF"}};
  EXPECT_EQ(library.add("new", long_text).error().code, ErrorCode::limit_exceeded);
  EXPECT_EQ(library.add("new", long_title).error().code, ErrorCode::limit_exceeded);
  EXPECT_EQ(library.add("new", empty).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(library.add("new", broken).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(*library.remove("new"), 0U);
}

TEST_F(Staging, passages_that_are_gone_are_an_error_and_no_empty_library) {
  fs::remove(folder_ / "it/library.sqlite");
  const auto opened = open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::corrupt_data);
  EXPECT_FALSE(fs::exists(folder_ / "it/library.sqlite"));
}

}  // namespace
}  // namespace plmm::expert
