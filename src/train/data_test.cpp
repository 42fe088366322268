// Chats and texts as sequences: what has a weight, what is dropped and why, what fits together.
#include "train/data.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "text/tiny_vocabulary.h"

namespace plmm::train {
namespace {

using text::Role;
using text::TemplateFamily;

std::unique_ptr<text::Tokenizer> tokenizer() {
  static text::TinyVocabulary vocabulary = text::TinyVocabulary::bpe("gpt-2");
  return text::Tokenizer::create(vocabulary.spec()).value();
}

Documents read(std::string_view bytes) {
  Documents out;
  const auto done = add_documents(bytes, "f", out);
  EXPECT_TRUE(done) << done.error().what;
  return out;
}

/// What the model is to say: the tokens with a weight on predicting them.
std::string supervised(const Sequence& sequence, const text::Tokenizer& tokens) {
  std::vector<text::TokenId> out;
  for (std::size_t i = 0; i + 1 < sequence.tokens.size(); ++i) {
    if (sequence.weights[i] > 0) out.push_back(sequence.tokens[i + 1]);
  }
  return tokens.decode(out, text::Special::parse);
}

constexpr std::string_view kChat =
    R"({"messages":[{"role":"user","content":"Hi?"},{"role":"assistant","content":"Ho!"}]})";

TEST(Data, only_answers_and_their_ends_have_a_weight) {
  const auto tokens = tokenizer();
  const text::Message messages[] = {{Role::system, "Be kind."},
                                    {Role::user, "One"},
                                    {Role::assistant, "Two"},
                                    {Role::user, "Three"},
                                    {Role::assistant, "Four"}};
  const Sequence chat = encode_answers(messages, TemplateFamily::chatml, *tokens);
  EXPECT_EQ(supervised(chat, *tokens), "Two<|im_end|>Four<|im_end|>");
  EXPECT_EQ(chat.tokens.size(), chat.weights.size());
  EXPECT_EQ(chat.weights.back(), 0.0F);
  // The beginning is what the model sees when it is asked.
  const auto asked =
      text::encode_chat(TemplateFamily::chatml, std::span(messages).first(4), *tokens);
  EXPECT_TRUE(std::ranges::equal(asked, std::span(chat.tokens).first(asked.size())));
}

TEST(Data, without_end_tokens_an_answer_ends_where_the_user_goes_on) {
  const auto tokens = tokenizer();
  const text::Message messages[] = {{Role::user, "One"}, {Role::assistant, "Two"}};
  const Sequence chat = encode_answers(messages, TemplateFamily::plain, *tokens);
  const std::string said = supervised(chat, *tokens);
  EXPECT_TRUE(said.starts_with(" Two\n")) << said;
  EXPECT_TRUE(std::string_view(" Two\nUser:").starts_with(said)) << said;
}

TEST(Data, reads_lines_of_chats_and_of_texts) {
  const std::string bytes = std::string(kChat) + "\n\n" + R"({"text":"Once."})" + "\r\n";
  const Documents got = read(bytes);
  ASSERT_EQ(got.all.size(), 2U);
  EXPECT_EQ(got.all[0].messages.size(), 2U);
  EXPECT_EQ(got.all[1].text, "Once.");
  EXPECT_EQ(got.all[1].line, 3U);
  EXPECT_TRUE(got.dropped.empty());
}

TEST(Data, reads_what_chat_interfaces_write) {
  const Documents got =
      read(R"({"messages":[{"role":"developer","content":"S"},{"role":"user","content":)"
           R"([{"type":"text","text":"a"},{"type":"text","text":"b"}]},)"
           R"({"role":"assistant","content":"c"}]})");
  ASSERT_EQ(got.all.size(), 1U);
  EXPECT_EQ(got.all[0].messages[0].role, Role::system);
  EXPECT_EQ(got.all[0].messages[1].content, "ab");
}

TEST(Data, reads_a_saved_chat) {
  const Documents got = read(
      "{\n \"format\": \"plmm-chat\", \"version\": 1,\n \"system\": \"S\",\n"
      " \"messages\": [{\"role\": \"user\", \"content\": \"a\"},\n"
      " {\"role\": \"assistant\", \"content\": \"b\"}]\n}\n");
  ASSERT_EQ(got.all.size(), 1U);
  ASSERT_EQ(got.all[0].messages.size(), 3U);
  EXPECT_EQ(got.all[0].messages[0].content, "S");
}

TEST(Data, cuts_text_at_empty_lines) {
  const Documents got = read("\xEF\xBB\xBFOne\ntwo\n \n\nThree");
  ASSERT_EQ(got.all.size(), 2U);
  EXPECT_EQ(got.all[0].text, "One\ntwo");
  EXPECT_EQ(got.all[1].text, "Three");
  EXPECT_EQ(got.all[1].line, 5U);
}

TEST(Data, drops_a_bad_line_with_its_number_and_cause) {
  const std::pair<const char*, const char*> cases[] = {
      {"{", "is no JSON object"},
      {"[1]", "is no JSON object"},
      {"{}", "has no \"messages\", no \"text\" and no \"chosen\""},
      {R"({"text":" "})", "its text is empty"},
      {R"({"messages":1})", "\"messages\" is no list"},
      {R"({"messages":[1]})", "a message is no object"},
      {R"({"messages":[{"role":"tool","content":"x"}]})",
       "a role is not system, user or assistant"},
      {R"({"messages":[{"role":"user"}]})", "a message has no text as its content"},
      {R"({"messages":[{"role":"user","content":[{"type":"image"}]}]})",
       "a message has no text as its content"},
      {R"({"messages":[{"role":"user","content":"x"}]})", "there is no answer to learn from"},
      {R"({"messages":[]})", "there is no answer to learn from"},
      {R"({"messages":[{"role":"assistant","content":"x"}]})",
       "turns do not go user, assistant, user, …"},
      {R"({"messages":[{"role":"user","content":"x"},{"role":"assistant","content":" "}]})",
       "an answer is empty"},
      {R"({"prompt":"x","chosen":"a"})", "has only one of \"chosen\" and \"rejected\""},
      {R"({"prompt":1,"chosen":"a","rejected":"b"})",
       "\"prompt\" is no text and no list of messages"},
      {R"({"prompt":"x","chosen":{},"rejected":"b"})",
       "\"chosen\" or \"rejected\" is no text and no list of messages"},
      {R"({"prompt":"x","chosen":[],"rejected":"b"})",
       "\"chosen\" or \"rejected\" does not end with an answer"},
      {R"({"prompt":"x","chosen":"a","rejected":" "})", "an answer is empty"},
      {R"({"prompt":"x","chosen":"a","rejected":"a"})", "its two answers are the same"},
      {R"({"chosen":"a","rejected":"b"})", "turns do not go user, assistant, user, …"},
      {R"({"prompt":[{"role":"assistant","content":"x"}],"chosen":"a","rejected":"b"})",
       "turns do not go user, assistant, user, …"},
      {R"({"chosen":[{"role":"user","content":"x"},{"role":"assistant","content":"a"}],)"
       R"("rejected":[{"role":"user","content":"y"},{"role":"assistant","content":"b"}]})",
       "its two answers stand behind different turns"},
  };
  for (const auto& [line, why] : cases) {
    const Documents got = read(std::string(kChat) + "\n" + line + "\n");
    EXPECT_EQ(got.all.size(), 1U) << line;
    ASSERT_EQ(got.dropped.size(), 1U) << line;
    EXPECT_EQ(got.dropped[0].line, 2U) << line;
    EXPECT_EQ(got.dropped[0].why, why) << line;
  }
}

TEST(Data, refuses_files_that_are_no_text) {
  Documents out;
  EXPECT_EQ(add_documents(" \n", "f", out).error().what.substr(0, 11), "f: is empty");
  EXPECT_NE(add_documents("a\nb\xFF", "f", out).error().what.find("line 2 is no UTF-8"),
            std::string::npos);
  EXPECT_NE(add_documents(std::string_view("a\0b", 3), "f", out).error().what.find("line 1"),
            std::string::npos);
  EXPECT_EQ(add_documents(std::filesystem::path("/no/such/file"), out).error().code,
            ErrorCode::not_found);
}

Documents chats(int n) {
  Documents out;
  for (int i = 0; i < n; ++i) {
    const std::string number = std::to_string(i);
    out.all.push_back({{{Role::user, "q" + number}, {Role::assistant, "a" + number}},
                       "",
                       "f",
                       static_cast<std::uint64_t>(i) + 1});
  }
  return out;
}

DataOptions chatml(int n_tokens_max) {
  DataOptions out;
  out.chat_template = TemplateFamily::chatml;
  out.n_tokens_max = n_tokens_max;
  return out;
}

TEST(Data, packs_documents_that_do_not_see_each_other) {
  const auto tokens = tokenizer();
  const auto data = make_data(chats(20), *tokens, chatml(128)).value();
  EXPECT_EQ(data.report.n_documents, 20U);
  EXPECT_EQ(data.report.n_validation, 2U);
  EXPECT_LT(data.training.size(), 18U);
  std::size_t n_segments = 0;
  std::string all;
  for (const Sequence& sequence : data.training) {
    EXPECT_LE(sequence.tokens.size(), 128U);
    ASSERT_EQ(sequence.tokens.size(), sequence.weights.size());
    n_segments += sequence.segment_starts.size();
    for (const int start : sequence.segment_starts) {
      EXPECT_EQ(tokens->decode({&sequence.tokens[static_cast<std::size_t>(start)], 1},
                               text::Special::parse),
                "<|im_start|>");
      EXPECT_EQ(sequence.weights[static_cast<std::size_t>(std::max(start, 1)) - 1], 0.0F);
    }
    all += supervised(sequence, *tokens);
  }
  EXPECT_EQ(n_segments, 18U);
  // Nothing that is kept apart is learnt from.
  const std::string apart = supervised(data.validation[0], *tokens);
  EXPECT_EQ(all.find(apart.substr(0, apart.find('>') + 1)), std::string::npos);
}

TEST(Data, the_same_seed_keeps_the_same_documents_apart) {
  const auto tokens = tokenizer();
  auto options = chatml(128);
  const auto print = [&] { return make_data(chats(20), *tokens, options).value().fingerprint; };
  const std::string first = print();
  EXPECT_EQ(print(), first);
  options.seed = 1;
  EXPECT_NE(print(), first);
}

TEST(Data, cuts_long_chats_between_exchanges_and_keeps_the_instruction) {
  const auto tokens = tokenizer();
  Documents documents;
  documents.all.push_back({{{Role::system, "Be kind."}}, "", "f", 7});
  for (int i = 0; i < 6; ++i) {
    documents.all[0].messages.push_back({Role::user, "question number " + std::to_string(i)});
    documents.all[0].messages.push_back({Role::assistant, "answer number " + std::to_string(i)});
  }
  documents.all[0].messages.push_back({Role::user, std::string(300, 'x')});
  documents.all[0].messages.push_back({Role::assistant, "too long"});
  const auto data = make_data(std::move(documents), *tokens, chatml(160)).value();
  EXPECT_GT(data.training.size(), 1U);
  std::string all;
  for (const Sequence& sequence : data.training) {
    EXPECT_NE(tokens->decode(sequence.tokens, text::Special::parse).find("Be kind."),
              std::string::npos);
    all += supervised(sequence, *tokens);
  }
  for (int i = 0; i < 6; ++i)
    EXPECT_NE(all.find("answer number " + std::to_string(i)), std::string::npos);
  EXPECT_EQ(all.find("too long"), std::string::npos);
  ASSERT_EQ(data.report.dropped.size(), 1U);
  EXPECT_EQ(data.report.dropped[0].line, 7U);
}

TEST(Data, learns_texts_whole_and_each_once) {
  const auto tokens = tokenizer();
  Documents documents = read("Some words.\n\nSome words.\n\nOther words here.");
  DataOptions options = chatml(64);
  options.validation_share = 0;
  const auto data = make_data(std::move(documents), *tokens, options).value();
  EXPECT_EQ(data.report.n_documents, 2U);
  EXPECT_EQ(data.report.n_duplicates, 1U);
  EXPECT_TRUE(data.validation.empty());
  EXPECT_EQ(data.report.n_supervised, data.report.n_tokens - 2);  // all but the first of each
}

TEST(Data, says_why_nothing_is_left) {
  const auto tokens = tokenizer();
  const auto data = make_data(read("{\"x\":1}"), *tokens, chatml(64));
  ASSERT_FALSE(data);
  EXPECT_EQ(data.error().code, ErrorCode::corrupt_data);
  EXPECT_TRUE(data.error().what.starts_with("f: line 1: has no \"messages\"")) << data.error().what;
}

TEST(Data, a_pair_of_answers_is_the_same_pair_however_it_is_written) {
  const auto tokens = tokenizer();
  std::vector<Sequence> all;
  for (const char* line :
       {R"({"prompt":"Why?","chosen":"Because.","rejected":"Dunno."})",
        R"({"prompt":[{"role":"user","content":"Why?"}],"rejected":"Dunno.",)"
        R"("chosen":[{"role":"assistant","content":"Because."}]})",
        R"({"chosen":[{"role":"user","content":"Why?"},{"role":"assistant","content":"Because."}],)"
        R"("rejected":[{"role":"user","content":"Why?"},)"
        R"({"role":"assistant","content":"Dunno."}]})"}) {
    const auto data = make_data(read(line), *tokens, {.chat_template = TemplateFamily::chatml});
    ASSERT_TRUE(data) << data.error().what;
    EXPECT_TRUE(data->report.are_pairs);
    ASSERT_EQ(data->training.size(), 1U);
    all.push_back(data->training[0]);
  }
  const Sequence& pair = all[0];
  for (const Sequence& one : all) {
    EXPECT_EQ(one.tokens, pair.tokens);
    EXPECT_EQ(one.segment_starts, pair.segment_starts);
  }
  EXPECT_TRUE(pair.is_choice);
  EXPECT_GT(pair.likelihood, 0.0F);
  EXPECT_EQ(supervised(pair, *tokens), "Because.<|im_end|>Dunno.<|im_end|>");
  ASSERT_EQ(pair.segment_starts.size(), 2U);
  EXPECT_EQ(pair.segment_starts[0], pair.n_shared);
  // Each answer counts by the mean of its tokens.
  double sums[2] = {};
  for (std::size_t i = 0; i < pair.weights.size(); ++i)
    sums[static_cast<int>(i) >= pair.segment_starts[1] ? 1 : 0] += pair.weights[i];
  EXPECT_NEAR(sums[0], 2.5, 1e-5);
  EXPECT_NEAR(sums[1], 2.5, 1e-5);
}

TEST(Data, pairs_are_not_packed_and_those_that_are_too_long_are_dropped) {
  const auto tokens = tokenizer();
  const std::string lines = R"({"prompt":"A","chosen":"B","rejected":"C"})"
                            "\n"
                            R"({"prompt":"D","chosen":"E","rejected":"F"})"
                            "\n"
                            R"({"prompt":"G","chosen":")" +
                            std::string(400, 'x') + R"(","rejected":"F"})";
  const auto data = make_data(
      read(lines), *tokens,
      {.chat_template = TemplateFamily::chatml, .n_tokens_max = 64, .validation_share = 0});
  ASSERT_TRUE(data) << data.error().what;
  EXPECT_EQ(data->training.size(), 2U);
  ASSERT_EQ(data->report.dropped.size(), 1U);
  EXPECT_EQ(data->report.dropped[0].line, 3U);
  EXPECT_TRUE(data->report.dropped[0].why.starts_with("its two answers are longer"));
}

TEST(Data, pairs_do_not_mix_with_chats) {
  const auto tokens = tokenizer();
  const std::string pair = R"({"prompt":"A","chosen":"B","rejected":"C"})";
  for (const auto& lines : {std::string(kChat) + "\n" + pair, pair + "\n" + std::string(kChat)}) {
    const auto data = make_data(read(lines), *tokens, {.chat_template = TemplateFamily::chatml});
    ASSERT_FALSE(data);
    EXPECT_TRUE(data.error().what.starts_with("f: line 2: pairs of answers do not mix"));
  }
}

TEST(Data, every_epoch_has_its_own_order_of_all) {
  const auto first = epoch_order(50, 3, 0), second = epoch_order(50, 3, 1);
  EXPECT_NE(first, second);
  EXPECT_EQ(first, epoch_order(50, 3, 0));
  for (auto order : {first, second}) {
    std::ranges::sort(order);
    for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], i);
  }
}

}  // namespace
}  // namespace plmm::train
