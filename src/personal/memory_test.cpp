// Turns that are kept, found again and forgotten.
#include "personal/memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "personal/vault_fixture.h"

namespace plmm::personal {
namespace {

const MemorySpace kSpace{"tiny", 4};
using Row = std::vector<float>;
const Row kEast{1, 0, 0, 0}, kNorth{0, 1, 0, 0}, kNone{};

class MemoryTest : public VaultFixture {
 protected:
  void SetUp() override {
    VaultFixture::SetUp();
    reopen();
  }
  void reopen(const MemorySpace& space = kSpace) {
    memory_.reset();
    vault_.reset();
    vault_.emplace(opened());
    memory_.emplace(Memory::open(*vault_, space).value());
  }
  std::int64_t keep(const std::string& said, const Row& embedding, std::int64_t conversation = 1) {
    Turn turn{.id = 0,
              .time_ms = now_ms_++,
              .conversation = conversation,
              .said = Personal(said),
              .answer = Personal<std::string>("noted"),
              .answered_by = "it"};
    const auto id = memory_->keep(std::move(turn), embedding);
    EXPECT_TRUE(id) << id.error().what;
    return id.value_or(0);
  }
  std::vector<std::string> found(const std::string& question, const Row& embedding, int n = 5,
                                 std::optional<std::int64_t> not_of = std::nullopt) {
    std::vector<std::string> out;
    const auto hits = memory_->search(Personal(question), embedding, n, not_of).value();
    for (const auto& hit : hits) out.push_back(hit.turn.said.reveal(Purpose::show_owner));
    return out;
  }

  std::optional<Vault> vault_;
  std::optional<Memory> memory_;
  std::int64_t now_ms_ = 1'800'000'000'000;
};

using Texts = std::vector<std::string>;

TEST_F(MemoryTest, finds_a_turn_by_its_words_and_by_its_meaning_after_a_restart) {
  keep("my sister is called Nora", kEast);
  keep("the weather is fine", kNorth);
  for (int run = 0; run < 2; ++run) {
    EXPECT_EQ(found("sister", kNone), Texts{"my sister is called Nora"});
    EXPECT_EQ(found("?", kNorth).front(), "the weather is fine");
    reopen();
  }
}

TEST_F(MemoryTest, gives_back_everything_that_was_kept) {
  const auto id = keep("hello", kEast, 77);
  reopen();
  const auto turns = memory_->turns();
  ASSERT_EQ(turns.size(), 1U);
  EXPECT_EQ(turns[0].id, id);
  EXPECT_EQ(turns[0].time_ms, 1'800'000'000'000);
  EXPECT_EQ(turns[0].conversation, 77);
  EXPECT_EQ(turns[0].said.reveal(Purpose::show_owner), "hello");
  EXPECT_EQ(turns[0].answer.reveal(Purpose::show_owner), "noted");
  EXPECT_EQ(turns[0].answered_by, "it");
}

TEST_F(MemoryTest, similarity_survives_the_way_through_the_vault) {
  keep("a", Row{0.6F, 0.8F, 0, 0});
  reopen();
  const auto hits = memory_->search(Personal<std::string>("?"), kNorth, 1).value();
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_NEAR(hits[0].similarity, 0.8F, 0.01F);
}

TEST_F(MemoryTest, an_answer_is_never_found) {
  keep("hello", kNone);
  EXPECT_EQ(found("noted", kNone), Texts{});
}

TEST_F(MemoryTest, a_sentence_of_a_long_turn_is_found_by_itself) {
  const std::string said = "Shorten this mail. My sister is called Nora. Thanks a lot!";
  ASSERT_EQ(pieces_of(said).size(), 4U);
  Row rows;  // the whole and the second sentence look elsewhere than the others
  for (const auto& row : {kNorth, kNorth, kEast, kNorth})
    rows.insert(rows.end(), row.begin(), row.end());
  keep(said, rows);
  keep("the weather is fine", Row{0.3F, 0.954F, 0, 0});
  for (int run = 0; run < 2; ++run) {
    const auto hits = memory_->search(Personal<std::string>("?"), kEast, 2).value();
    ASSERT_EQ(hits.size(), 2U);
    EXPECT_EQ(hits[0].turn.said.reveal(Purpose::show_owner), said);
    EXPECT_NEAR(hits[0].similarity, 1.0F, 0.01F);
    EXPECT_NEAR(hits[1].similarity, 0.3F, 0.01F);
    reopen();
  }
}

TEST_F(MemoryTest, what_tells_about_the_person_goes_before_a_question_as_near) {
  keep("is it my red boat?", kEast);
  keep("my boat is red", kEast);
  keep("a boat that is red", kEast);
  EXPECT_EQ(found("boat", kEast).front(), "my boat is red");
}

TEST_F(MemoryTest, leaves_out_the_conversation_that_asks) {
  for (int i = 0; i < 10; ++i) keep("my cat is Tom", kEast, 2);
  keep("my cat was ill", kNorth, 1);
  EXPECT_EQ(found("cat", kEast, 1, 2), Texts{"my cat was ill"});
}

TEST_F(MemoryTest, another_embedding_model_leaves_the_words) {
  keep("my boat is red", kEast);
  reopen({"other", 3});
  EXPECT_EQ(found("boat", {1, 0, 0}), Texts{"my boat is red"});
  const auto hits = memory_->search(Personal<std::string>("boat"), Row{1, 0, 0}, 1).value();
  EXPECT_EQ(hits.at(0).similarity, 0.0F);
}

TEST_F(MemoryTest, nothing_that_was_said_stands_on_disk_unsealed) {
  keep("my secret is Zanzibar", kEast);
  EXPECT_EQ(on_disk().find("Zanzibar"), std::string::npos);
}

TEST_F(MemoryTest, what_is_forgotten_is_found_by_nothing) {
  const auto id = keep("my sister is called Nora", kEast);
  keep("my boat is red", kNorth);
  const auto gone = memory_->forget({&id, 1});
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->n_turns, 1U);
  EXPECT_EQ(gone->traces, Traces::gone);
  for (int run = 0; run < 2; ++run) {
    EXPECT_EQ(found("sister Nora", kNorth), Texts{"my boat is red"});
    EXPECT_EQ(memory_->size(), 1U);
    reopen();
  }
  EXPECT_EQ(memory_->forget({&id, 1}).error().code, ErrorCode::not_found);
  const std::int64_t other = memory_->turns().front().id;
  const std::int64_t both[] = {other, id};
  EXPECT_EQ(memory_->forget(both).error().code, ErrorCode::not_found);
  EXPECT_EQ(memory_->size(), 1U) << "none where one is not there";
  EXPECT_EQ(memory_->forget({&other, 1}).value().n_turns, 1U);
  reopen();
  EXPECT_EQ(memory_->size(), 0U);
}

TEST_F(MemoryTest, a_long_turn_is_cut_between_characters) {
  std::string said = "x";
  while (said.size() < kTurnBytesMax + 10) said += "é";
  keep(said, kNone);
  reopen();
  const std::string kept = memory_->turns()[0].said.reveal(Purpose::show_owner);
  EXPECT_EQ(kept, said.substr(0, kept.size()));
  EXPECT_LE(kept.size(), kTurnBytesMax);
  EXPECT_GT(kept.size(), kTurnBytesMax - 2);
  EXPECT_TRUE(kept.ends_with("é"));
}

TEST_F(MemoryTest, refuses_an_embedding_of_another_length) {
  EXPECT_EQ(memory_->keep({}, Row{1, 0}).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(memory_->size(), 0U);
}

TEST_F(MemoryTest, a_vault_of_before_there_was_a_memory_opens) {
  VaultState old;
  old.next_id = 7;
  std::string bytes = encode(old);
  ASSERT_EQ(bytes.size(), 8 + kAreasMin * AreaSum::kBytes);  // as the first programs wrote it
  const auto state = decode(bytes_of(bytes), 3);
  ASSERT_TRUE(state) << state.error().what;
  EXPECT_EQ(state->sum(Area::memory), AreaSum());
  EXPECT_EQ(state->next_id, 7U);
}

}  // namespace
}  // namespace plmm::personal
