// Label files: what is written comes back; what is damaged, cut short or another's is not trusted.
#include "train/label_file.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "base/temporary_folder.h"

namespace plmm::train {
namespace {

const std::vector<SoftRow> kTwoRows = {{0.5F, 1.0F, 2}, {0.1F, 3.0F, 1}};
const std::vector<SoftLabel> kTheirs = {{3, 0.25F}, {39, 0.75F}, {0, 1.0F}};
const std::vector<SoftRow> kOneRow = {{0.0F, 2.0F, 1}};
const std::vector<SoftLabel> kIts = {{7, 1.0F}};

LabelPlan plan() { return {"teacher a data b", {2, 1}, 40}; }

std::string whole() {
  return label_header(plan()) + label_record(0, kTwoRows, kTheirs) + label_record(1, kOneRow, kIts);
}

/// Sequences that are trusted, of a copy that is aligned as a map is.
std::size_t n_trusted(const std::string& bytes, const LabelPlan& wanted = plan()) {
  std::vector<std::uint32_t> aligned((bytes.size() + 3) / 4);
  std::memcpy(aligned.data(), bytes.data(), bytes.size());
  return read_labels(std::as_bytes(std::span(aligned)).first(bytes.size()), wanted)
      .sequences.size();
}

class LabelFileTest : public testing::Test {
 protected:
  std::string bytes() const { return read_file(path_, 1 << 20).value(); }

  TemporaryFolder folder_ = TemporaryFolder::create().value();
  std::filesystem::path path_ = folder_.path() / "teacher.labels";
};

TEST_F(LabelFileTest, gives_back_what_was_written_in_two_runs) {
  {
    auto file = LabelFile::open(path_, plan()).value();
    EXPECT_EQ(file.n_done(), 0U);
    ASSERT_TRUE(file.append(kTwoRows, kTheirs));
  }
  auto file = LabelFile::open(path_, plan()).value();
  EXPECT_EQ(file.n_done(), 1U);
  ASSERT_TRUE(file.append(kOneRow, kIts));
  EXPECT_TRUE(file.is_whole());
  EXPECT_EQ(bytes(), whole());
  const auto labels = file.labels().value();
  ASSERT_EQ(labels.size(), 2U);
  EXPECT_EQ(labels[0].rows[1].loss, 3.0F);
  EXPECT_EQ(labels[0].labels[1].token, 39);
  EXPECT_EQ(labels[0].labels[1].probability, 0.75F);
  EXPECT_EQ(labels[1].labels[0].token, 7);
}

TEST_F(LabelFileTest, has_the_layout_of_its_document) {
  const std::string record = label_record(1, kOneRow, kIts);
  const std::string want(
      "\x01\0\0\0\x01\0\0\0\x01\0\0\0"  // index, rows, labels
      "\0\0\0\0\0\0\0\x40\x01\0\0\0"    // entropy 0, loss 2, one label
      "\x07\0\0\0\0\0\x80\x3f",         // token 7, probability 1
      32);
  EXPECT_EQ(record.substr(0, 32), want);
  EXPECT_EQ(record.size(), 32U + 32U);
  EXPECT_EQ(label_header(plan()).size(), 8U + 32U + 8U);
}

TEST_F(LabelFileTest, goes_on_before_what_a_crash_cut_short) {
  for (std::size_t n = 0; n < whole().size(); n += 7) {
    ASSERT_TRUE(write_file_atomically(path_, whole().substr(0, n)));
    auto file = LabelFile::open(path_, plan()).value();
    while (!file.is_whole()) {
      ASSERT_TRUE(file.n_done() == 0 ? file.append(kTwoRows, kTheirs) : file.append(kOneRow, kIts));
    }
    EXPECT_EQ(bytes(), whole()) << n;
    EXPECT_TRUE(file.labels());
  }
}

TEST_F(LabelFileTest, never_trusts_a_damaged_sequence_nor_one_behind_it) {
  const std::size_t second =
      label_header(plan()).size() + label_record(0, kTwoRows, kTheirs).size();
  for (std::size_t at = 0; at < whole().size(); ++at) {
    std::string damaged = whole();
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    EXPECT_LE(n_trusted(damaged), at < second ? 0U : 1U) << at;
  }
  EXPECT_EQ(n_trusted(whole()), 2U);
}

TEST_F(LabelFileTest, is_of_no_use_to_another_plan) {
  LabelPlan other = plan();
  other.key = "teacher c data b";
  EXPECT_EQ(n_trusted(whole(), other), 0U);
  other = plan();
  other.n_rows = {2, 1, 1};
  EXPECT_EQ(n_trusted(whole(), other), 0U);
  other = plan();
  other.n_rows = {1, 1};
  EXPECT_EQ(n_trusted(whole(), other), 0U);
  ASSERT_TRUE(write_file_atomically(path_, whole()));
  EXPECT_EQ(LabelFile::open(path_, other).value().n_done(), 0U);
  EXPECT_EQ(bytes(), label_header(other));
}

TEST_F(LabelFileTest, takes_no_numbers_that_a_teacher_cannot_have_said) {
  const auto n_of = [](std::vector<SoftRow> rows, std::vector<SoftLabel> labels) {
    return n_trusted(label_header(plan()) + label_record(0, rows, labels));
  };
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(n_of(kTwoRows, kTheirs), 1U);
  EXPECT_EQ(n_of({{nan, 1, 2}, {0, 1, 1}}, kTheirs), 0U);
  EXPECT_EQ(n_of({{0, nan, 2}, {0, 1, 1}}, kTheirs), 0U);
  EXPECT_EQ(n_of({{0, 1, 3}, {0, 1, 1}}, kTheirs), 0U);              // more labels than there are
  EXPECT_EQ(n_of({{0, 1, 1}, {0, 1, 1}}, kTheirs), 0U);              // fewer
  EXPECT_EQ(n_of(kTwoRows, {{39, 0.25F}, {3, 0.75F}, {0, 1}}), 0U);  // not ascending
  EXPECT_EQ(n_of(kTwoRows, {{3, 0.25F}, {40, 0.75F}, {0, 1}}), 0U);  // no such token
  EXPECT_EQ(n_of(kTwoRows, {{-1, 0.25F}, {39, 0.75F}, {0, 1}}), 0U);
  EXPECT_EQ(n_of(kTwoRows, {{3, 0.25F}, {39, 0.70F}, {0, 1}}), 0U);  // their sum is not 1
  EXPECT_EQ(n_of(kTwoRows, {{3, -0.25F}, {39, 1.25F}, {0, 1}}), 0U);
  EXPECT_EQ(n_of(kTwoRows, {{3, nan}, {39, 0.75F}, {0, 1}}), 0U);
}

TEST_F(LabelFileTest, says_so_where_it_cannot_be_written) {
  const auto made = LabelFile::open(folder_.path() / "none" / "teacher.labels", plan());
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace plmm::train
