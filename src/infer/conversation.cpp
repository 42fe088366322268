// Turns into prompts that fit the context.
#include "infer/conversation.h"

#include <algorithm>

namespace plmm::infer {

void Conversation::set_messages(std::vector<text::Message> messages) {
  messages_ = std::move(messages);
  notes_.clear();
  note_.clear();
  n_forgotten_ = 0;
}

std::string Conversation::with_note(std::size_t index) const {
  const auto note = notes_.find(index);
  return (note == notes_.end() ? std::string() : note->second) + messages_[index].content;
}

/// The tokens of system text, remembered turns and the new one.
std::vector<text::TokenId> Conversation::prompt(text::TemplateFamily family,
                                                std::string_view user_text) const {
  std::vector<text::Message> messages;
  const std::string& system = system_.empty() ? engine_->default_system() : system_;
  if (!system.empty()) messages.push_back({text::Role::system, system});
  for (std::size_t i = n_forgotten_; i < messages_.size(); ++i)
    messages.push_back({messages_[i].role, with_note(i)});
  messages.push_back({text::Role::user, note_ + std::string(user_text)});
  return text::encode_chat(family, messages, engine_->tokenizer());
}

std::size_t Conversation::n_fixed(text::TemplateFamily family,
                                  std::span<const text::TokenId> prompt,
                                  std::string_view user_text) const {
  const std::string& system = system_.empty() ? engine_->default_system() : system_;
  if (system.empty()) return 0;
  // Another first turn, which begins with another letter: what is the same is not of the turn.
  const std::string first = messages_.empty() ? note_ + std::string(user_text) : with_note(0);
  const std::vector<text::Message> other{
      {text::Role::system, system},
      {text::Role::user, first.find('?') == std::string::npos ? "?" : "!"}};
  const auto tokens = text::encode_chat(family, other, engine_->tokenizer());
  const auto [end, ignored] = std::ranges::mismatch(prompt, tokens);
  return static_cast<std::size_t>(end - prompt.begin());
}

std::vector<text::TokenId> Conversation::fitting_prompt(text::TemplateFamily family,
                                                        std::string_view user_text,
                                                        int n_answer_max) {
  const auto n_context = static_cast<std::size_t>(session_.n_context());
  // Room for the answer: what was asked for, but never more than a quarter of the context.
  const std::size_t reserve =
      std::min(static_cast<std::size_t>(std::max(n_answer_max, 1)), n_context / 4);
  auto tokens = prompt(family, user_text);
  while (tokens.size() + reserve > n_context && n_forgotten_ < messages_.size()) {
    n_forgotten_ = std::min(n_forgotten_ + 2, messages_.size());
    tokens = prompt(family, user_text);
  }
  return tokens;
}

Result<double> Conversation::certainty(std::string_view user_text, int n_tokens_max,
                                       const Cancel& cancel) {
  if (!engine_->chat_template()) return std::unexpected(engine_->chat_template().error());
  const std::size_t forgotten_before = n_forgotten_;
  const auto tokens = fitting_prompt(*engine_->chat_template(), user_text, n_tokens_max);
  n_forgotten_ = forgotten_before;
  return session_.certainty(tokens, n_tokens_max, cancel);
}

void Conversation::add(std::string_view user_text, std::string_view answer) {
  note_.clear();
  messages_.push_back({text::Role::user, std::string(user_text)});
  messages_.push_back({text::Role::assistant, std::string(answer)});
}

Result<Answer> Conversation::say(std::string_view user_text, const GenerateOptions& options,
                                 const OnText& on_text, const Cancel& cancel) {
  if (!engine_->chat_template()) return std::unexpected(engine_->chat_template().error());
  const text::TemplateFamily family = *engine_->chat_template();
  Answer out;
  const std::size_t forgotten_before = n_forgotten_;
  const auto tokens = fitting_prompt(family, user_text, options.n_tokens_max);
  out.n_turns_dropped = static_cast<int>((n_forgotten_ - forgotten_before + 1) / 2);
  GenerateOptions with_stops = options;
  for (auto& stop : text::stop_texts(family)) with_stops.stop.push_back(std::move(stop));
  if (session_.uses_prefixes()) with_stops.n_prompt_fixed = n_fixed(family, tokens, user_text);
  auto generation = session_.generate(tokens, with_stops, on_text, cancel);
  if (!generation) {
    n_forgotten_ = forgotten_before;
    return std::unexpected(std::move(generation).error());
  }
  out.generation = std::move(*generation);
  // A turn stopped before its first word would teach the model to answer with silence.
  const bool stopped = out.generation.stop == StopReason::cancelled;
  if (stopped && out.generation.text.empty()) return out;
  if (!note_.empty()) notes_[messages_.size()] = std::move(note_);
  add(user_text, out.generation.text);
  return out;
}

}  // namespace plmm::infer
