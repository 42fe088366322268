// Tests of WordPiece on a small vocabulary; real ones stand in tests/golden/embeddings_test.cpp.
#include "text/wordpiece.h"

#include <gtest/gtest.h>

#include <string>

#include "text/bert_normalize.h"

namespace plmm::text {
namespace {

using Ids = std::vector<TokenId>;

constexpr std::string_view kVocabulary =
    "[UNK]\n[CLS]\n[SEP]\nun\n##aff\n##able\n,\n!\n$\ncafe\n\xE4\xBD\xA0\n\xC3\xA6\n##"
    "\xC3\xA6\na\n";
enum : TokenId { kUnk, kCls, kSep, kUn, kAff, kAble, kComma, kBang, kDollar, kCafe, kYou, kAe };

WordPiece tiny() { return WordPiece::create(kVocabulary, "v").value(); }

Ids encode(std::string_view text, std::size_t n_tokens_max = 100) {
  Ids ids = tiny().encode(text, n_tokens_max);
  EXPECT_EQ(ids.front(), kCls);
  EXPECT_EQ(ids.back(), kSep);
  EXPECT_LE(ids.size(), n_tokens_max);
  return {ids.begin() + 1, ids.end() - 1};
}

TEST(WordPiece, takes_the_longest_pieces_from_the_left) {
  EXPECT_EQ(encode("unaffable"), (Ids{kUn, kAff, kAble}));
  EXPECT_EQ(encode("un aff"), (Ids{kUn, kUnk}));  // "aff" only continues
  EXPECT_EQ(encode("unaffably"), (Ids{kUnk}));
}

TEST(WordPiece, cuts_words_at_spaces_and_punctuation) {
  EXPECT_EQ(encode(" un,\tun!!\n$un "), (Ids{kUn, kComma, kUn, kBang, kBang, kDollar, kUn}));
  EXPECT_EQ(encode(""), Ids{});
  EXPECT_EQ(encode(" \r\n "), Ids{});
}

TEST(WordPiece, takes_case_and_accents_away_but_not_letters_that_have_no_accent) {
  EXPECT_EQ(encode("CAF\xC3\x89"), (Ids{kCafe}));         // É as one character
  EXPECT_EQ(encode("Cafe\xCC\x81"), (Ids{kCafe}));        // and as two
  EXPECT_EQ(encode("\xC3\x86\xC3\xA6"), (Ids{kAe, 12}));  // Æ is a letter of its own
}

TEST(WordPiece, sets_ideographs_apart) {
  EXPECT_EQ(encode("un\xE4\xBD\xA0\xE4\xBD\xA0un"), (Ids{kUn, kYou, kYou, kUn}));
}

TEST(WordPiece, drops_control_characters_and_broken_utf8) {
  EXPECT_EQ(encode("u\x01n\xE2\x80\x8B\xC2\x85"), (Ids{kUn}));
  EXPECT_EQ(encode("u\xFFn\xEF\xBF\xBD"), (Ids{kUn}));
  EXPECT_EQ(encode(std::string_view("u\0n", 3)), (Ids{kUn}));
}

TEST(WordPiece, takes_the_names_of_special_tokens_for_text) {
  EXPECT_EQ(encode("[SEP]"), (Ids{kUnk, kUnk, kUnk}));
}

TEST(WordPiece, cuts_what_is_too_long) {
  EXPECT_EQ(encode("unaffable un", 4), (Ids{kUn, kAff}));
  EXPECT_EQ(encode("unaffable", 2), Ids{});
  EXPECT_EQ(encode(std::string(101, 'a')), (Ids{kUnk}));
  EXPECT_EQ(encode(std::string(1 << 16, '!'), 50).size(), 48U);
}

TEST(WordPiece, reads_lines_that_end_as_on_windows) {
  EXPECT_EQ(WordPiece::create("[UNK]\r\n[CLS]\r\n[SEP]\r\na\r\n", "v").value().size(), 4U);
}

TEST(WordPiece, rejects_a_vocabulary_without_its_special_tokens) {
  const auto result = WordPiece::create("[UNK]\n[CLS]\na\n", "v");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::corrupt_data);
  EXPECT_TRUE(result.error().what.starts_with("v: has no token [SEP]")) << result.error().what;
  EXPECT_FALSE(WordPiece::create("", "v"));
}

TEST(WordPiece, rejects_a_vocabulary_over_the_limit) {
  const auto result = WordPiece::create(std::string((1 << 22) + 1, '\n'), "v");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::limit_exceeded);
}

TEST(BertNormalize, takes_hangul_apart_and_drops_accents_behind_any_mark) {
  EXPECT_EQ(normalize_uncased("\xEA\xB0\x80"), U"\u1100\u1161");
  EXPECT_EQ(normalize_uncased("A\xCC\x81\xCC\xA3"), U"a");
}

TEST(BertNormalize, puts_marks_in_the_order_of_their_classes) {
  // Both are spacing marks, which stay: U+1D16D of class 226 goes behind U+302E of class 224.
  EXPECT_EQ(normalize_uncased("a\xF0\x9D\x85\xAD\xE3\x80\xAE"), U"a\u302E\U0001D16D");
}

}  // namespace
}  // namespace plmm::text
