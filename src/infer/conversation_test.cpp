// Chats: turns, prefixes that are kept, old turns that leave, errors that change nothing.
#include "infer/conversation.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "infer/script_model_fixture.h"

namespace plmm::infer {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kTemplate = "<|im_start|>";

using Next = std::map<text::TokenId, text::TokenId>;

/// A chat with a model that answers "ok" behind "assistant\n".
struct Chat {
  explicit Chat(std::string_view file_template = kTemplate, float norm = 1.0F,
                const Next& answer = script("\nok"))
      : tiny(script_options(128)), engine(load(file_template, norm, answer)), talk(make()) {}

  std::unique_ptr<Engine> load(std::string_view file_template, float norm, const Next& answer) {
    write_script(tiny, answer);
    tiny.metadata["tokenizer.chat_template"] = file_template;
    std::memcpy(tiny.tensors.at("output_norm.weight").bytes.data(), &norm, sizeof norm);
    return ModelFile(tiny).load();
  }
  Conversation make() { return Conversation(*engine, Session::create(*engine, 0).value()); }

  Result<Answer> say(std::string_view text, const Cancel& cancel = Cancel(),
                     const OnText& on_text = nullptr) {
    GenerateOptions options;
    options.n_tokens_max = 8;
    options.sampler = greedy();
    return talk.say(text, options, on_text, cancel);
  }
  /// What the model has read and written.
  std::string held() {
    return engine->tokenizer().decode(talk.session().tokens(), text::Special::parse);
  }

  model::TinyModel tiny;
  std::unique_ptr<Engine> engine;
  Conversation talk;
};

const std::string kTwenty(20, 'x');  // a turn of 20 tokens; 43 with its frame and the answer

TEST(Conversation, keeps_what_was_said_on_both_sides) {
  Chat chat;
  const auto answer = chat.say("hi");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->generation.text, "ok");
  EXPECT_EQ(answer->generation.stop, StopReason::end_of_turn);
  ASSERT_EQ(chat.talk.messages().size(), 2U);
  EXPECT_EQ(chat.talk.messages()[0].content, "hi");
  EXPECT_EQ(chat.talk.messages()[1].role, text::Role::assistant);
  EXPECT_EQ(chat.talk.messages()[1].content, "ok");
  EXPECT_EQ(chat.held(), "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\nok");
}

TEST(Conversation, computes_only_what_is_said_anew) {
  Chat chat;
  const auto first = chat.say("hi").value();
  const auto second = chat.say("yo").value();
  EXPECT_EQ(second.generation.n_prompt_reused, first.generation.n_prompt + 2);
}

TEST(Conversation, starts_with_its_own_system_text_or_the_files) {
  Chat chat("'<|im_start|>system\nBe kind.<|im_end|>\n'");
  chat.say("hi").value();
  EXPECT_TRUE(chat.held().starts_with("<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user"));
  chat.talk.set_system("Rhyme.");
  chat.say("yo").value();
  EXPECT_TRUE(chat.held().starts_with("<|im_start|>system\nRhyme.<|im_end|>\n<|im_start|>user"));
  EXPECT_EQ(chat.talk.messages().size(), 4U);
}

TEST(Conversation, the_oldest_turns_leave_when_the_context_is_full) {
  Chat chat;
  chat.talk.set_system("S");
  const int dropped[] = {0, 0, 1, 1};
  for (const int want : dropped) {
    const auto answer = chat.say(kTwenty);
    ASSERT_TRUE(answer) << answer.error().what;
    EXPECT_EQ(answer->n_turns_dropped, want);
    EXPECT_EQ(answer->generation.text, "ok");
    EXPECT_TRUE(chat.held().starts_with("<|im_start|>system\nS<|im_end|>"));
  }
  EXPECT_EQ(chat.talk.messages().size(), 8U) << "they are forgotten, not lost";
}

TEST(Conversation, several_turns_leave_at_once_for_a_long_one) {
  Chat chat;
  for (int i = 0; i < 2; ++i) EXPECT_EQ(chat.say(kTwenty).value().n_turns_dropped, 0);
  const auto answer = chat.say(std::string(90, 'x'));
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->n_turns_dropped, 2);
}

TEST(Conversation, a_turn_that_never_fits_changes_nothing) {
  Chat chat;
  chat.say(kTwenty).value();
  const auto answer = chat.say(std::string(200, 'x'));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(chat.talk.messages().size(), 2U);
  const auto next = chat.say(kTwenty).value();
  EXPECT_EQ(next.n_turns_dropped, 0);
  EXPECT_NE(chat.held().find(kTwenty + "<|im_end|>\n<|im_start|>assistant\nok<|im_end|>"),
            std::string::npos)
      << "the first turn is still remembered";
}

TEST(Conversation, a_model_that_fails_changes_nothing) {
  Chat chat(kTemplate, std::numeric_limits<float>::quiet_NaN());
  const auto answer = chat.say("hi");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::corrupt_data);
  EXPECT_TRUE(chat.talk.messages().empty());
}

TEST(Conversation, an_answer_stopped_midway_is_a_turn_too) {
  Chat chat;
  Cancel cancel;
  const auto answer = chat.say("hi", cancel, [&](std::string_view) { cancel.request(); });
  EXPECT_EQ(answer.value().generation.stop, StopReason::cancelled);
  ASSERT_EQ(chat.talk.messages().size(), 2U);
  EXPECT_EQ(chat.talk.messages()[1].content, "o");
  EXPECT_EQ(chat.say("yo").value().generation.text, "ok");
}

TEST(Conversation, a_turn_stopped_before_its_first_word_is_not_kept_and_drops_others_once) {
  Chat chat;
  for (int i = 0; i < 2; ++i) EXPECT_EQ(chat.say(kTwenty).value().n_turns_dropped, 0);
  Cancel cancel;
  cancel.request();
  const auto stopped = chat.say(kTwenty, cancel).value();
  EXPECT_EQ(stopped.generation.stop, StopReason::cancelled);
  EXPECT_EQ(stopped.n_turns_dropped, 1);
  EXPECT_EQ(chat.talk.messages().size(), 4U);
  EXPECT_EQ(chat.say(kTwenty).value().n_turns_dropped, 0);
}

TEST(Conversation, goes_on_from_turns_that_are_put_into_it) {
  Chat chat;
  for (int i = 0; i < 3; ++i) chat.say(kTwenty).value();
  chat.talk.set_messages({{text::Role::user, "one"}, {text::Role::assistant, "two"}});
  EXPECT_EQ(chat.say("hi").value().n_turns_dropped, 0);
  EXPECT_TRUE(chat.held().starts_with("<|im_start|>user\none<|im_end|>\n")) << chat.held();
  chat.talk.clear();
  chat.say("hi").value();
  EXPECT_TRUE(chat.held().starts_with("<|im_start|>user\nhi<|im_end|>\n")) << chat.held();
}

TEST(Conversation, a_note_stands_in_front_of_its_turn_and_stays_there) {
  Chat chat;
  chat.talk.set_note("N: ");
  const auto first = chat.say("hi").value();
  EXPECT_EQ(chat.held(), "<|im_start|>user\nN: hi<|im_end|>\n<|im_start|>assistant\nok");
  const auto second = chat.say("yo").value();
  EXPECT_EQ(second.generation.n_prompt_reused, first.generation.n_prompt + 2);
  EXPECT_TRUE(chat.held().ends_with("<|im_start|>user\nyo<|im_end|>\n<|im_start|>assistant\nok"));
  EXPECT_EQ(chat.talk.messages()[0].content, "hi");
}

TEST(Conversation, a_note_of_a_turn_that_was_answered_elsewhere_is_dropped) {
  Chat chat;
  chat.talk.set_note("N: ");
  chat.talk.add("a", "b");
  chat.say("hi").value();
  EXPECT_EQ(chat.held().find("N: "), std::string::npos);
}

TEST(Conversation, needs_a_template_that_is_known) {
  Chat chat("{{ of no family }}");
  const auto answer = chat.say("hi");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::unsupported);
  EXPECT_NE(answer.error().what.find("--template"), std::string::npos);
}

TEST(Conversation, ends_a_plain_answer_where_the_user_would_speak) {
  auto next = script(":ok\nUser");
  next[byte('r')] = byte(':');
  Chat chat("", 1.0F, next);
  const auto answer = chat.say("hi").value();
  EXPECT_EQ(answer.generation.text, "ok");
  EXPECT_EQ(answer.generation.stop, StopReason::stop_text);
}

}  // namespace
}  // namespace plmm::infer
