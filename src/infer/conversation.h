// A chat: messages in, streamed answers out; the oldest turns leave when the context is full.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "infer/session.h"
#include "text/chat_template.h"

namespace plmm::infer {

struct Answer {
  Generation generation;
  int n_turns_dropped = 0;  // oldest user+assistant pairs left out this time to fit the context
};

class Conversation {
 public:
  Conversation(Engine& engine, Session session) : engine_(&engine), session_(std::move(session)) {}

  /// Empty: the file's own (Engine::default_system), where it has one.
  void set_system(std::string text) { system_ = std::move(text); }
  const std::string& system() const { return system_; }
  /// Stands in front of the next turn, for certainty() and say(), and stays there as long as the
  /// turn is in the context; not part of messages(). add() drops one that was not used.
  void set_note(std::string text) { note_ = std::move(text); }

  /// Adds the user's turn, generates and adds the answer (also a cancelled one). On an error, and
  /// when cancelled before the first word, nothing is added. unsupported when the model's template
  /// is not known and none was given; invalid_argument when the turn alone does not fit the
  /// context.
  Result<Answer> say(std::string_view user_text, const GenerateOptions& options,
                     const OnText& on_text, const Cancel& cancel);

  /// How sure the model is of its answer to a turn (Session::certainty), without adding it.
  Result<double> certainty(std::string_view user_text, int n_tokens_max, const Cancel& cancel);
  /// Adds a turn that was answered elsewhere.
  void add(std::string_view user_text, std::string_view answer);

  /// All turns since the start, those that no longer fit the context included. Without the system
  /// text.
  const std::vector<text::Message>& messages() const { return messages_; }
  void set_messages(std::vector<text::Message> messages);
  void clear() { set_messages({}); }
  Session& session() { return session_; }

 private:
  /// The text of a user's message as the model reads it.
  std::string with_note(std::size_t index) const;
  std::vector<text::TokenId> prompt(text::TemplateFamily family, std::string_view user_text) const;
  /// Tokens at the beginning of a prompt that the system text alone decides.
  std::size_t n_fixed(text::TemplateFamily family, std::span<const text::TokenId> prompt,
                      std::string_view user_text) const;
  /// The prompt after as many of the oldest turns as must were forgotten, to leave room for
  /// `n_answer_max` tokens.
  std::vector<text::TokenId> fitting_prompt(text::TemplateFamily family, std::string_view user_text,
                                            int n_answer_max);

  Engine* engine_;
  Session session_;
  std::string system_;
  std::vector<text::Message> messages_;
  std::string note_;                          // of the turn to come
  std::map<std::size_t, std::string> notes_;  // of turns before, by the index of their message
  std::size_t n_forgotten_ = 0;               // leading messages that no longer go into the prompt
};

}  // namespace plmm::infer
