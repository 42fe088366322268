// Tests of taking releases and of undoing them.
#include "expert/releases.h"

#include <gtest/gtest.h>

#include <functional>

#include "expert/library_fixture.h"
#include "expert/staging.h"

namespace plmm::expert {
namespace {

crypto::KeyPair teacher(int seed = 5) {
  std::array<std::byte, crypto::KeyPair::kSeedBytes> bytes;
  bytes.fill(static_cast<std::byte>(seed));
  return crypto::KeyPair::from_seed(bytes);
}

class Releases : public LibraryTest {
 protected:
  Releases() { EXPECT_TRUE(create(it())); }

  fs::path folder() const { return folder_ / "it"; }
  Library library() {
    auto opened = open();
    EXPECT_TRUE(opened) << opened.error().what;
    return *std::move(opened);
  }
  /// Unsigned, for the expert as it is now.
  protocol::Release draft() {
    const auto card = library().card();
    protocol::Release out;
    out.expert = card.name;
    out.expert_key = card.public_key;
    out.parent = card.release;
    out.number = card.release + 1;
    out.model = "script";
    out.passages = {{"foldoc", "semaphore", "A semaphore counts who may come in."},
                    {"foldoc", "monitor", "A monitor is a lock with conditions."},
                    {"guide", "", "Barriers wait for all."}};
    out.questions = {
        {"What counts?", {"semaphore"}, protocol::QuestionUse::kept_apart, false, true}};
    return out;
  }
  protocol::Release signed_release(int seed = 5) {
    auto out = draft();
    protocol::sign_release(out, teacher(seed));
    return out;
  }
  Result<Library> install(const protocol::Release& release) {
    return install_release(folder(), embedder(), release);
  }
  /// What a search gives, with all its figures.
  std::string found(std::string_view question) {
    auto opened = library();
    std::string out;
    const auto hits = opened.find(question, 8);
    EXPECT_TRUE(hits) << hits.error().what;
    for (const auto& hit : *hits) {
      out += std::to_string(hit.id) + "|" + hit.document + "|" + hit.title + "|" + hit.text + "|" +
             std::to_string(hit.score) + "|" + std::to_string(hit.similarity) + "|" +
             std::to_string(hit.word_rank) + "|" + std::to_string(hit.vector_rank) + "\n";
    }
    return out;
  }
};

TEST_F(Releases, a_release_adds_its_passages_and_becomes_the_cards_number) {
  const auto release = signed_release();
  const auto installed = install(release);
  ASSERT_TRUE(installed) << installed.error().what;
  auto now = library();
  EXPECT_EQ(now.card().release, 2U);
  EXPECT_EQ(now.card().n_passages, 5U);
  EXPECT_EQ(*now.documents(),
            (std::vector<std::string>{"a.jsonl", "foldoc (release 2)", "guide (release 2)"}));
  const auto taken = taken_releases(now);
  ASSERT_TRUE(taken) << taken.error().what;
  ASSERT_EQ(taken->size(), 1U);
  EXPECT_TRUE(taken->front().is_in_library);
  EXPECT_EQ(taken->front().n_passages, 3U);
  EXPECT_EQ(taken->front().kept_apart, (protocol::BeforeAfter{1, 0, 1}));
}

TEST_F(Releases, undoing_the_newest_brings_the_same_search_results_back) {
  const std::vector<std::string> questions{"What is a mutex?", "semaphore", "queue first", "wait"};
  std::vector<std::string> before, between;
  for (const auto& question : questions) before.push_back(found(question));
  ASSERT_TRUE(install(signed_release()));
  for (const auto& question : questions) between.push_back(found(question));
  EXPECT_NE(between, before);
  ASSERT_TRUE(install(signed_release()));
  const auto second = roll_back(folder(), embedder());
  ASSERT_TRUE(second) << second.error().what;
  EXPECT_EQ(second->undone, 3U);
  EXPECT_EQ(second->release, 4U);
  for (std::size_t i = 0; i < questions.size(); ++i) EXPECT_EQ(found(questions[i]), between[i]);
  const auto first = roll_back(folder(), embedder());
  ASSERT_TRUE(first) << first.error().what;
  EXPECT_EQ(first->undone, 2U);
  EXPECT_EQ(first->release, 5U);
  for (std::size_t i = 0; i < questions.size(); ++i) EXPECT_EQ(found(questions[i]), before[i]);
  EXPECT_EQ(library().card().release, 5U);
  EXPECT_EQ(roll_back(folder(), embedder()).error().code, ErrorCode::not_found);
  auto now = library();
  const auto taken = taken_releases(now).value();
  EXPECT_FALSE(taken.empty());
  for (const auto& release : taken) EXPECT_FALSE(release.is_in_library);
}

TEST_F(Releases, what_others_added_since_stays) {
  ASSERT_TRUE(install(signed_release()));
  {
    auto staged = StagedLibrary::stage(folder(), embedder());
    const NewPassage other[] = {{"other", "From somebody else."}};
    ASSERT_TRUE(staged->library().add("contributions", other));
    ASSERT_TRUE(std::move(*staged).promote(3));
  }
  ASSERT_TRUE(roll_back(folder(), embedder()));
  EXPECT_EQ(*library().documents(), (std::vector<std::string>{"a.jsonl", "contributions"}));
}

TEST_F(Releases, a_change_on_the_way_is_refused_and_nothing_is_taken) {
  auto release = signed_release();
  release.passages[0].text += " And more.";
  const auto refused = install(release);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::corrupt_data);
  EXPECT_EQ(library().card().release, 1U);
  EXPECT_FALSE(fs::exists(folder() / kTeacherFile));
  EXPECT_FALSE(fs::exists(folder() / kReleasesFolder));
}

TEST_F(Releases, another_teacher_than_the_first_is_refused) {
  ASSERT_TRUE(install(signed_release()));
  const auto refused = install(signed_release(6));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(refused.error().what.find("another teacher"), std::string::npos);
  EXPECT_EQ(library().card().release, 2U);
  fs::remove(folder() / kTeacherFile);
  EXPECT_TRUE(install(signed_release(6)));
}

TEST_F(Releases, for_another_expert_or_number_are_refused) {
  const std::vector<std::pair<std::function<void(protocol::Release&)>, std::string>> changes{
      {[](auto& r) { r.expert = "art"; }, "another expert"},
      {[](auto& r) { r.expert_key.bytes[0] ^= std::byte{1}; }, "another expert"},
      {[](auto& r) { ++r.parent, ++r.number; }, "is at release 1"},
  };
  for (const auto& [change, what] : changes) {
    auto release = draft();
    change(release);
    protocol::sign_release(release, teacher());
    const auto refused = install(release);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().what.find(what), std::string::npos) << refused.error().what;
  }
  const auto first = signed_release();
  ASSERT_TRUE(install(first));
  EXPECT_NE(install(first).error().what.find("is at release 2"), std::string::npos);
  ASSERT_TRUE(roll_back(folder(), embedder()));
  EXPECT_FALSE(install(first)) << "a number never means two libraries";
}

TEST_F(Releases, are_not_taken_while_another_change_is_under_way) {
  const auto staged = StagedLibrary::stage(folder(), embedder());
  ASSERT_TRUE(staged);
  EXPECT_EQ(install(signed_release()).error().code, ErrorCode::io);
}

TEST_F(Releases, adding_again_replaces_what_was_tried_before) {
  auto staged = StagedLibrary::stage(folder(), embedder());
  const auto passages = draft().passages;
  ASSERT_TRUE(add_passages(staged->library(), passages, 2));
  ASSERT_TRUE(add_passages(staged->library(), std::span(passages).first(1), 2));
  EXPECT_EQ(*staged->library().documents(),
            (std::vector<std::string>{"a.jsonl", "foldoc (release 2)"}));
  ASSERT_TRUE(add_passages(staged->library(), {}, 2));
  EXPECT_EQ(*staged->library().documents(), (std::vector<std::string>{"a.jsonl"}));
}

TEST_F(Releases, a_damaged_file_of_a_release_is_named) {
  ASSERT_TRUE(install(signed_release()));
  write("it/releases/2.json", "{");
  auto now = library();
  const auto taken = taken_releases(now);
  ASSERT_FALSE(taken);
  EXPECT_NE(taken.error().what.find("2.json"), std::string::npos);
}

TEST_F(Releases, a_long_name_of_a_document_keeps_its_number) {
  const auto name = release_document(std::string(199, 'x') + "ä", 12);
  EXPECT_EQ(name.size(), 200U);
  EXPECT_TRUE(name.ends_with("x (release 12)"));
}

}  // namespace
}  // namespace plmm::expert
