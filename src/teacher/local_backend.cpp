// One turn of a chat for each prompt; the sessions keep what prompts have in common.
#include "teacher/local_backend.h"

#include <algorithm>
#include <vector>

#include "infer/engine.h"
#include "teacher/words.h"
#include "text/chat_template.h"

namespace plmm::teacher {
namespace {

constexpr int kContext = 3'072;  // tokens: a passage has about 300, a prompt some 500
// Questions with and without the passage come in turns: each kind has a cache of its own.
constexpr int kSessions = 2;

}  // namespace

Result<std::unique_ptr<LocalBackend>> LocalBackend::create(std::string name,
                                                           infer::Engine& engine) {
  if (!engine.chat_template()) return std::unexpected(engine.chat_template().error());
  std::unique_ptr<LocalBackend> out(new LocalBackend(std::move(name), engine));
  for (int i = 0; i < kSessions; ++i) {
    auto session = infer::Session::create(engine, kContext);
    if (!session) session = infer::Session::create(engine, 0);  // the model's own is smaller
    if (!session) return std::unexpected(session.error());
    out->sessions_.push_back(*std::move(session));
  }
  return out;
}

infer::Session& LocalBackend::session_for(std::span<const text::TokenId> prompt) {
  const auto n_common = [&](const infer::Session& session) {
    const auto held = session.tokens();
    return std::ranges::mismatch(held, prompt).in1 - held.begin();
  };
  return *std::ranges::max_element(sessions_, {}, n_common);
}

Result<std::string> LocalBackend::complete(const Prompt& prompt, int n_tokens_max,
                                           const Cancel& cancel) {
  std::vector<text::Message> messages;
  if (!prompt.system.empty()) messages.push_back({text::Role::system, prompt.system});
  messages.push_back({text::Role::user, prompt.user});
  const auto tokens = text::encode_chat(*engine_->chat_template(), messages, engine_->tokenizer());
  auto& session = session_for(tokens);
  if (tokens.size() + static_cast<std::size_t>(n_tokens_max) >
      static_cast<std::size_t>(session.n_context())) {
    return fail(ErrorCode::limit_exceeded, "a passage is too long for " + name_ + ", which reads " +
                                               std::to_string(session.n_context()) + " tokens");
  }
  infer::GenerateOptions options;
  options.sampler.temperature = 0;
  options.sampler.repeat_penalty = 1;
  options.n_tokens_max = n_tokens_max;
  options.stop = text::stop_texts(*engine_->chat_template());
  const auto generation = TRY(session.generate(tokens, options, {}, cancel));
  if (generation.stop == infer::StopReason::cancelled) {
    return fail(ErrorCode::cancelled, "stopped; nothing was changed");
  }
  return std::string(trimmed(generation.text));
}

}  // namespace plmm::teacher
