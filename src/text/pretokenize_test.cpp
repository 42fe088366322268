// Tests of UTF-8, character classes and pre-tokenizers.
#include "text/pretokenize.h"

#include <gtest/gtest.h>

#include <string>

namespace plmm::text {
namespace {

using Words = std::vector<std::string>;

Words words(std::string_view name, std::string_view utf8) {
  const auto pre_tokenizer = pre_tokenizer_from_name(name);
  if (!pre_tokenizer) return {"no such pre-tokenizer"};
  const Characters text(utf8);
  Words out;
  for (const Word word : split_words(*pre_tokenizer, text)) {
    std::string& bytes = out.emplace_back();
    for (std::size_t i = word.begin; i < word.end; ++i) append_utf8(text.codes[i], bytes);
  }
  return out;
}

TEST(Unicode, classifies_by_version_15_1) {
  EXPECT_EQ(char_class(U'a'), CharClass::letter);
  EXPECT_EQ(char_class(U'漢'), CharClass::letter);
  EXPECT_EQ(char_class(U'\u0301'), CharClass::other);
  EXPECT_EQ(char_class(U'٣'), CharClass::number);
  EXPECT_EQ(char_class(U'½'), CharClass::number);
  EXPECT_EQ(char_class(U'_'), CharClass::punctuation);
  EXPECT_EQ(char_class(U'$'), CharClass::other);
  EXPECT_EQ(char_class(U'\u0085'), CharClass::space);
  EXPECT_EQ(char_class(U'\u200B'), CharClass::other);
  EXPECT_EQ(char_class(U'\U0002EBF0'), CharClass::letter);  // new in 15.1
  EXPECT_EQ(char_class(U'\U000105C0'), CharClass::other);   // new in 16
  EXPECT_EQ(char_class(0x10FFFF), CharClass::other);
  EXPECT_EQ(char_class(0x110000), CharClass::other);
}

TEST(Unicode, reads_broken_bytes_one_by_one) {
  const auto decoded = [](std::string_view utf8) {
    const Characters text(utf8);
    return std::u32string(text.codes.begin(), text.codes.end());
  };
  EXPECT_EQ(decoded("a\xE2\x82\xAC"), U"a€");
  EXPECT_EQ(decoded("\xE2\x82"), U"\uFFFD\uFFFD");
  EXPECT_EQ(decoded("\x80z"), U"\uFFFDz");
  EXPECT_EQ(decoded("\xFF"), U"\uFFFD");
  EXPECT_EQ(decoded("\xE2z"), U"\uFFFDz");
  EXPECT_EQ(decoded("\xC0\xAF"), U"/");                                 // overlong
  EXPECT_EQ(decoded("\xF4\x90\x80\x80"), U"\uFFFD\uFFFD\uFFFD\uFFFD");  // beyond U+10FFFF
}

TEST(Unicode, tells_whole_unfinished_and_broken_apart) {
  const auto step = [](std::string_view utf8) {
    const Utf8Step found = inspect_utf8(utf8, 0);
    return std::pair(found.status, found.n_bytes);
  };
  using enum Utf8Status;
  EXPECT_EQ(step("a"), std::pair(whole, 1U));
  EXPECT_EQ(step("\xF0\x9F\x98\x80"), std::pair(whole, 4U));
  EXPECT_EQ(step("\xF0\x9F\x98"), std::pair(unfinished, 3U));
  EXPECT_EQ(step("\xF0\x9F\x98z"), std::pair(broken, 3U));
  EXPECT_EQ(step("\x80"), std::pair(broken, 1U));
  EXPECT_EQ(step("\xC1\xBF"), std::pair(broken, 1U));
  EXPECT_EQ(step("\xE0\x9F\xBF"), std::pair(broken, 1U));
  EXPECT_EQ(step("\xED\xA0\x80"), std::pair(broken, 1U));
  EXPECT_EQ(step("\xF0\x8F\xBF\xBF"), std::pair(broken, 1U));
  EXPECT_EQ(step("\xF4\x90\x80\x80"), std::pair(broken, 1U));
  EXPECT_EQ(step("\xF5"), std::pair(broken, 1U));
}

TEST(Unicode, writes_what_it_reads) {
  for (const char32_t character :
       {U'\0', U'\x7F', U'\x80', U'\u07FF', U'\u0800', U'\uFFFF', U'\U00010000', U'\U0010FFFF'}) {
    std::string utf8;
    append_utf8(character, utf8);
    EXPECT_EQ(inspect_utf8(utf8, 0).n_bytes, utf8.size());
    EXPECT_EQ(decode_lenient(utf8, 0).character, character);
  }
}

TEST(PreTokenizer, gpt2_takes_one_space_with_a_word) {
  EXPECT_EQ(words("gpt-2", "Hello  world 12 ab1 !?"),
            (Words{"Hello", " ", " world", " 12", " ab", "1", " !?"}));
  EXPECT_EQ(words("gpt-2", "a \n\t b"), (Words{"a", " \n\t", " b"}));
  EXPECT_EQ(words("gpt-2", "a  "), (Words{"a", "  "}));
  EXPECT_EQ(words("gpt-2", " \u00a0x"), (Words{" ", "\u00a0", "x"}));
}

TEST(PreTokenizer, gpt2_cuts_lower_case_contractions) {
  EXPECT_EQ(words("gpt-2", "we'll've I'M 'tis"),
            (Words{"we", "'ll", "'ve", " I", "'", "M", " '", "tis"}));
  EXPECT_EQ(words("gpt-2", "'r"), (Words{"'", "r"}));
  EXPECT_EQ(words("gpt-2", "'"), (Words{"'"}));
}

TEST(PreTokenizer, smollm_cuts_every_digit) {
  EXPECT_EQ(words("smollm", "ab 123٣x"), (Words{"ab", " ", "1", "2", "3", "٣", "x"}));
  EXPECT_EQ(words("smollm", "a  1"), (Words{"a", "  ", "1"}));
}

TEST(PreTokenizer, qwen2_joins_a_mark_with_letters_and_newlines_with_marks) {
  EXPECT_EQ(words("qwen2", "f(x) =>\n\n y"), (Words{"f", "(x", ")", " =>\n\n", " y"}));
  EXPECT_EQ(words("qwen2", "12 a"), (Words{"1", "2", " a"}));
  EXPECT_EQ(words("qwen2", "I'M\t\tx"), (Words{"I", "'M", "\t", "\tx"}));
  EXPECT_EQ(words("qwen2", "a \r\n  \n  b"), (Words{"a", " \r\n  \n", " ", " b"}));
  EXPECT_EQ(words("qwen2", "\nb"), (Words{"\n", "b"}));
}

TEST(PreTokenizer, llama_bpe_cuts_numbers_by_three) {
  EXPECT_EQ(words("llama-bpe", "1234567 89"), (Words{"123", "456", "7", " ", "89"}));
  EXPECT_EQ(words("llama-bpe", "1²３4"), (Words{"1²３", "4"}));
}

TEST(PreTokenizer, default_isolates_punctuation_and_groups_of_three_digits) {
  EXPECT_EQ(words("default", "it's $12345."), (Words{"it", "'", "s", " ", "$", "123", "45", "."}));
  EXPECT_EQ(words("default", "a 1234`b"), (Words{"a", " ", "123", "4", "`", "b"}));
  EXPECT_EQ(words("default", "١1234"), (Words{"١", "123", "4"}));
}

TEST(PreTokenizer, knows_other_names_and_refuses_unknown_ones) {
  EXPECT_EQ(pre_tokenizer_from_name(""), PreTokenizer::fallback);
  EXPECT_EQ(pre_tokenizer_from_name("deepseek-r1-qwen"), PreTokenizer::qwen2);
  EXPECT_EQ(pre_tokenizer_from_name("llama3"), PreTokenizer::llama3);
  EXPECT_EQ(pre_tokenizer_from_name("tekken"), std::nullopt);
}

TEST(PreTokenizer, covers_text_of_any_length_without_gaps) {
  for (const std::string_view name : {"default", "gpt-2", "smollm", "qwen2", "llama-bpe"}) {
    EXPECT_TRUE(words(name, "").empty());
    for (const char* unit : {" ", "\n", "a", "1", ".", " \n", "'", "é"}) {
      std::string text;
      while (text.size() < 100'000) text += unit;
      std::string joined;
      for (const std::string& word : words(name, text)) joined += word;
      EXPECT_EQ(joined, text) << name << " on a run of '" << unit << "'";
    }
  }
}

}  // namespace
}  // namespace plmm::text
