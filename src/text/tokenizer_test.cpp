// Tests of the tokenizers: golden ids, special tokens, errors, streaming.
#include "text/tokenizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>
#include <sstream>

#include "base/file.h"
#include "text/tiny_vocabulary.h"

namespace plmm::text {
namespace {

using Ids = std::vector<TokenId>;
constexpr std::size_t kFileBytesMax = 1 << 20;

std::unique_ptr<Tokenizer> make(TinyVocabulary vocabulary) {
  auto tokenizer = Tokenizer::create(vocabulary.spec());
  EXPECT_TRUE(tokenizer) << tokenizer.error().what;
  return tokenizer ? std::move(*tokenizer) : nullptr;
}

std::string bytes_of_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    unsigned byte = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
    bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

std::istringstream open(const std::string& name) {
  const auto text = read_file("testdata/text/" + name, kFileBytesMax);
  EXPECT_TRUE(text) << name;
  return std::istringstream(text.value_or(""));
}

// The reduced vocabulary of testdata/text for a pre-tokenizer, "spm" or "spm-space".
std::unique_ptr<Tokenizer> golden_tokenizer(const std::string& name) {
  const bool spm = name.starts_with("spm");
  TinyVocabulary vocabulary;
  vocabulary.spec().model = spm ? "llama" : "gpt2";
  vocabulary.spec().pre = spm ? "default" : name;
  vocabulary.spec().add_space_prefix = name == "spm-space";
  auto tokens = open(spm ? "spm.vocabulary" : "bpe.vocabulary");
  int kind = 0;
  float score = 0;
  std::string hex;
  while (tokens >> kind >> score >> hex)
    vocabulary.add(bytes_of_hex(hex), static_cast<TokenKind>(kind), score);
  auto merges = open("bpe.merges");
  std::string right;
  while (!spm && merges >> hex >> right)
    vocabulary.add_merge(bytes_of_hex(hex) + " " + bytes_of_hex(right));
  return make(std::move(vocabulary));
}

Ids ids_of_list(const std::string& list) {
  Ids ids;
  std::istringstream in(list);
  for (std::string id; list != "-" && std::getline(in, id, ',');) ids.push_back(std::stoi(id));
  return ids;
}

TEST(Tokenizer, gives_the_ids_that_llama_cpp_gives) {
  auto cases = open("tokens.cases");
  std::string previous_name, name, special, hex, list;
  std::unique_ptr<Tokenizer> tokenizer;
  int n_cases = 0;
  while (cases >> name >> special >> hex >> list) {
    if (name != previous_name) tokenizer = golden_tokenizer(name);
    previous_name = name;
    ASSERT_NE(tokenizer, nullptr);
    const Ids expected = ids_of_list(list);
    const std::string text = bytes_of_hex(hex);
    ++n_cases;
    if (special != "parse") {
      EXPECT_EQ(tokenizer->encode(text, Special::plain), expected) << name << " plain " << hex;
    }
    if (special != "plain") {
      EXPECT_EQ(tokenizer->encode(text, Special::parse), expected) << name << " parse " << hex;
    }
  }
  EXPECT_GT(n_cases, 500);
}

TEST(Bpe, decodes_what_it_encoded) {
  const auto tokenizer = make(TinyVocabulary::bpe("qwen2"));
  const std::string text = "hello hello  <tool_call>\n\n\nनमस्ते 漢字 😀\u0000x<|im_end|>";
  EXPECT_EQ(tokenizer->decode(tokenizer->encode(text, Special::parse), Special::parse), text);
  EXPECT_EQ(tokenizer->decode(tokenizer->encode(text, Special::plain), Special::plain), text);
}

TEST(Bpe, merges_by_rank_and_from_the_left) {
  const auto tokenizer = make(TinyVocabulary::bpe("gpt-2"));
  const auto pieces = [&](std::string_view text) {
    std::vector<std::string> out;
    for (const TokenId id : tokenizer->encode(text, Special::plain))
      out.push_back(tokenizer->piece(id));
    return out;
  };
  EXPECT_EQ(pieces("xhello"), (std::vector<std::string>{"x", "hello"}));
  EXPECT_EQ(pieces(" hello"), (std::vector<std::string>{" hello"}));
  EXPECT_EQ(pieces("hellllo"), (std::vector<std::string>{"hell", "ll", "o"}));
  EXPECT_EQ(pieces("aaaaaaa"), (std::vector<std::string>{"aaaa", "aa", "a"}));
}

TEST(Bpe, takes_a_whole_word_first_only_for_llama_bpe) {
  for (const char* pre : {"llama-bpe", "qwen2"}) {
    TinyVocabulary vocabulary = TinyVocabulary::bpe(pre);
    const TokenId word = vocabulary.add("zebra");
    const Ids ids = make(std::move(vocabulary))->encode("zebra", Special::plain);
    EXPECT_EQ(ids == Ids{word}, std::string_view(pre) == "llama-bpe");
  }
}

TEST(Bpe, leaves_out_bytes_that_have_no_token) {
  TinyVocabulary vocabulary;
  vocabulary.spec().model = "gpt2";
  vocabulary.add("a");
  EXPECT_EQ(make(std::move(vocabulary))->encode("bab", Special::plain), Ids{0});
}

TEST(Spm, falls_back_to_bytes_and_escapes_spaces) {
  const auto tokenizer = make(TinyVocabulary::spm());
  EXPECT_EQ(tokenizer->encode(" hello", Special::plain), Ids{*tokenizer->find("▁hello")});
  const Ids euro = tokenizer->encode("€", Special::plain);
  EXPECT_EQ(euro, (Ids{*tokenizer->find("<0xE2>"), *tokenizer->find("<0x82>"),
                       *tokenizer->find("<0xAC>")}));
  EXPECT_EQ(tokenizer->decode(euro), "€");
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("  hello\x80", Special::plain)), "  hello\x80");
}

TEST(Spm, puts_a_space_first_when_the_file_asks_for_it) {
  TinyVocabulary vocabulary = TinyVocabulary::spm();
  vocabulary.spec().add_space_prefix = true;
  const auto tokenizer = make(std::move(vocabulary));
  EXPECT_EQ(tokenizer->encode("hello", Special::plain), Ids{*tokenizer->find("▁hello")});
  EXPECT_EQ(tokenizer->decode(tokenizer->encode_more("hello", Special::plain)), "hello");
  EXPECT_TRUE(tokenizer->encode("", Special::plain).empty());
  const Ids ids = tokenizer->encode("<eos>hello", Special::parse);
  EXPECT_EQ(ids, (Ids{*tokenizer->find("<eos>"), *tokenizer->find("▁hello")}));
}

TEST(Spm, never_makes_a_byte_or_control_token_out_of_text) {
  TinyVocabulary vocabulary = TinyVocabulary::spm();
  for (const char* piece :
       {"<", "0", "<0", "x", "<0x", "4", "<0x4", "1", "<0x41", ">", "<e", "<eo", "<eos", "s"}) {
    vocabulary.add(piece, TokenKind::normal, 1);
  }
  const auto tokenizer = make(std::move(vocabulary));
  for (const char* text : {"<0x41>", "<eos>"}) {
    EXPECT_EQ(tokenizer->decode(tokenizer->encode(text, Special::plain)), text);
    EXPECT_GT(tokenizer->encode(text, Special::plain).size(), 1U);
  }
}

TEST(Special, control_tokens_in_plain_text_stay_text) {
  const auto tokenizer = make(TinyVocabulary::bpe("qwen2"));
  const std::string text = "<|im_end|>";
  EXPECT_EQ(tokenizer->encode(text, Special::parse), Ids{*tokenizer->find(text)});
  const Ids plain = tokenizer->encode(text, Special::plain);
  EXPECT_EQ(plain.size(), text.size());
  EXPECT_EQ(tokenizer->decode(plain), text);
}

TEST(Special, user_defined_tokens_are_cut_out_of_any_text) {
  const auto tokenizer = make(TinyVocabulary::bpe("qwen2"));
  const TokenId call = *tokenizer->find("<tool_call>");
  for (const Special special : {Special::plain, Special::parse}) {
    EXPECT_EQ(tokenizer->encode("<tool_call><tool_call>", special), (Ids{call, call}));
  }
}

TEST(Special, the_longest_goes_first_wherever_it_stands) {
  TinyVocabulary vocabulary = TinyVocabulary::bpe("gpt-2");
  const TokenId ab = vocabulary.add("[ab", TokenKind::user_defined);
  const TokenId bcd = vocabulary.add("b]cd", TokenKind::user_defined);
  const TokenId a = vocabulary.add("[a", TokenKind::user_defined);
  const auto tokenizer = make(std::move(vocabulary));
  EXPECT_EQ(tokenizer->encode("[ab]cd", Special::plain), (Ids{a, bcd}));
  EXPECT_EQ(tokenizer->encode("[ab[ab]c", Special::plain).front(), ab);
  const TokenId newlines = *tokenizer->find("\n\n\n");
  EXPECT_EQ(tokenizer->encode("\n\n\n\n\n\n", Special::plain), (Ids{newlines, newlines}));
}

TEST(Special, turn_markers_are_control_even_where_the_file_says_otherwise) {
  TinyVocabulary vocabulary = TinyVocabulary::spm();
  const TokenId marker = vocabulary.add("<|im_start|>", TokenKind::user_defined);
  const auto tokenizer = make(std::move(vocabulary));
  EXPECT_EQ(tokenizer->kind(marker), TokenKind::control);
  const Ids ids = tokenizer->encode("<|im_start|>", Special::plain);
  EXPECT_EQ(std::count(ids.begin(), ids.end(), marker), 0);
}

TEST(Special, pieces_of_control_tokens_show_only_on_demand) {
  for (const auto& tokenizer : {make(TinyVocabulary::bpe("gpt-2")), make(TinyVocabulary::spm())}) {
    const TokenId id = tokenizer->eos().value_or(-1);
    EXPECT_EQ(tokenizer->piece(id), "");
    EXPECT_NE(tokenizer->piece(id, Special::parse), "");
  }
}

TEST(Tokenizer, knows_the_tokens_that_end_an_answer) {
  TinyVocabulary vocabulary = TinyVocabulary::spm();
  vocabulary.spec().eot = vocabulary.add("<stop>", TokenKind::control);
  const auto tokenizer = make(std::move(vocabulary));
  for (const char* text : {"<eos>", "<end_of_turn>", "<stop>"})
    EXPECT_TRUE(tokenizer->is_end(*tokenizer->find(text)));
  EXPECT_FALSE(tokenizer->is_end(*tokenizer->find("<bos>")));
  EXPECT_FALSE(tokenizer->is_end(*tokenizer->find("he")));
}

TEST(Tokenizer, encodes_a_million_equal_letters_in_seconds) {
  const std::string text(1'000'000, 'a');
  for (const auto& tokenizer : {make(TinyVocabulary::bpe("qwen2")), make(TinyVocabulary::spm())}) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(tokenizer->encode(text, Special::plain).size(), 250'000U);
    // Quadratic time would be hours; the limit leaves room for sanitizers.
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  }
}

std::string error_of(TinyVocabulary vocabulary) {
  const auto tokenizer = Tokenizer::create(vocabulary.spec());
  return tokenizer ? "accepted" : tokenizer.error().what;
}

TEST(Vocabulary, refuses_what_no_tokenizer_can_use) {
  TinyVocabulary empty;
  empty.spec().model = "gpt2";
  EXPECT_EQ(error_of(std::move(empty)), "tokenizer.ggml.tokens is empty");

  TinyVocabulary model = TinyVocabulary::bpe("gpt-2");
  model.spec().model = "rwkv";
  EXPECT_EQ(error_of(std::move(model)),
            "tokenizer.ggml.model is a kind that is not known here; known are gpt2, llama");

  EXPECT_EQ(Tokenizer::create(TinyVocabulary::bpe("tekken").spec()).error().code,
            ErrorCode::unsupported);
  EXPECT_EQ(error_of(TinyVocabulary::bpe("tekken")),
            "tokenizer.ggml.pre is a kind that is not known here; known are default, gpt-2, phi-2, "
            "smollm, starcoder, refact, command-r, qwen2, deepseek-r1-qwen, stablelm2, llama-bpe, "
            "llama3, llama-v3");

  TinyVocabulary kinds = TinyVocabulary::bpe("gpt-2");
  kinds.spec().kinds.pop_back();
  EXPECT_EQ(error_of(std::move(kinds)), "tokenizer.ggml.token_type has 270 entries for 271 tokens");

  TinyVocabulary kind = TinyVocabulary::bpe("gpt-2");
  kind.spec().kinds[3] = static_cast<TokenKind>(7);
  EXPECT_EQ(error_of(std::move(kind)),
            "tokenizer.ggml.token_type: entry 3 is not a type from 1 to 6");

  TinyVocabulary long_token = TinyVocabulary::bpe("gpt-2");
  long_token.add(std::string((1 << 16) + 1, 'x'));
  EXPECT_EQ(error_of(std::move(long_token)),
            "tokenizer.ggml.tokens: entry 271 has 65537 bytes; the limit is 65536");

  TinyVocabulary many;
  many.spec().tokens.resize((1 << 22) + 1, "x");
  EXPECT_EQ(Tokenizer::create(many.spec()).error().code, ErrorCode::limit_exceeded);
}

TEST(Vocabulary, refuses_ids_outside_it) {
  for (const auto member : {&VocabularySpec::bos, &VocabularySpec::eos, &VocabularySpec::eot,
                            &VocabularySpec::unknown, &VocabularySpec::padding}) {
    for (const TokenId id : {-1, 271, std::numeric_limits<TokenId>::max()}) {
      TinyVocabulary vocabulary = TinyVocabulary::bpe("gpt-2");
      vocabulary.spec().*member = id;
      EXPECT_NE(error_of(std::move(vocabulary)).find("outside the vocabulary of 271 tokens"),
                std::string::npos);
    }
  }
  TinyVocabulary vocabulary = TinyVocabulary::bpe("gpt-2");
  vocabulary.spec().bos.reset();
  vocabulary.spec().add_bos = true;
  EXPECT_EQ(error_of(std::move(vocabulary)),
            "tokenizer.ggml.add_bos_token is set but there is no bos_token_id");
}

TEST(Vocabulary, refuses_merges_of_pieces_it_does_not_have) {
  const auto with_merge = [](const char* merge) {
    TinyVocabulary vocabulary = TinyVocabulary::bpe("gpt-2");
    vocabulary.add_merge(merge);
    return error_of(std::move(vocabulary));
  };
  EXPECT_EQ(with_merge("ab"),
            "tokenizer.ggml.merges: entry 11 is not two pieces with a space between");
  EXPECT_EQ(with_merge(""),
            "tokenizer.ggml.merges: entry 11 is not two pieces with a space between");
  EXPECT_EQ(with_merge("zz a"),
            "tokenizer.ggml.merges: entry 11 joins a piece that is not in the vocabulary");
  EXPECT_EQ(with_merge("a zz"),
            "tokenizer.ggml.merges: entry 11 joins a piece that is not in the vocabulary");
  EXPECT_EQ(with_merge("a z"),
            "tokenizer.ggml.merges: entry 11 makes a piece that is not in the vocabulary");
}

TEST(Vocabulary, refuses_scores_that_are_missing_or_no_numbers) {
  TinyVocabulary missing = TinyVocabulary::spm();
  missing.spec().scores.pop_back();
  EXPECT_EQ(error_of(std::move(missing)), "tokenizer.ggml.scores has 278 entries for 279 tokens");
  TinyVocabulary nan = TinyVocabulary::spm();
  nan.spec().scores[5] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(error_of(std::move(nan)), "tokenizer.ggml.scores: entry 5 is not a number");
}

TEST(StreamDecoder, never_gives_half_a_character) {
  StreamDecoder decoder;
  EXPECT_EQ(decoder.push("a\xF0\x9F"), "a");
  EXPECT_EQ(decoder.push("\x98"), "");
  EXPECT_EQ(decoder.push("\x80z"), "😀z");
  EXPECT_EQ(decoder.finish(), "");
}

TEST(StreamDecoder, replaces_what_can_never_become_a_character) {
  StreamDecoder decoder;
  EXPECT_EQ(decoder.push("\xE2\x82"), "");
  EXPECT_EQ(decoder.push("z\xFF"), "\uFFFDz\uFFFD");
  EXPECT_EQ(decoder.push("\xE2"), "");
  EXPECT_EQ(decoder.finish(), "\uFFFD");
  EXPECT_EQ(decoder.finish(), "");
}

}  // namespace
}  // namespace plmm::text
