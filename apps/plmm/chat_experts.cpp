// Turns that an expert may answer: routing, /ask, /local and /why; see chat.h.
#include <fmt/format.h>

#include "apps/plmm/chat.h"
#include "apps/plmm/correct.h"
#include "apps/plmm/picture.h"
#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/signals.h"
#include "apps/plmm/terminal/turn_reader.h"
#include "protocol/asking.h"

namespace plmm::cli {
std::string Chat::label_of(std::string_view who, Labels labels) const {
  if (labels == Labels::no) return {};
  return context_.console.painted(Paint::good, fmt::format("{}>", who)) + " ";
}

/// Where a turn goes; what goes wrong on the way to a decision is said, and it stays here.
personal::Route Chat::route_of(std::string_view text) {
  auto route = desk_.route(text, [&] {
    return conversation_->certainty(text, kCertaintyTokens, terminal::interrupt());
  });
  if (route) return std::move(*route);
  if (route.error().code != ErrorCode::cancelled)
    context_.console.note(Paint::warning, "no expert was looked for: " + route.error().what);
  return personal::route_chosen({}, {});
}

void Chat::recall(std::string_view text) {
  recalled_ = remembering_.recall(text);
  conversation_->set_note(recalled_.text.reveal(Purpose::prompt));
}

/// The turn that was just answered, for later conversations.
void Chat::keep(std::string_view text, std::string_view answered_by) {
  const auto& messages = conversation_->messages();
  if (messages.empty()) return;
  const auto turn = remembering_.keep(text, messages.back().content, answered_by);
  if (turn) note_facts(*turn);
}

Result<Chat::Turn> Chat::say(std::string_view text, Labels labels) {
  if (TRY(talk_of_facts(text, labels))) return Turn::answered;
  recall(text);
  auto route = route_of(text);
  if (route.expert) {
    auto turn = ask_expert(route, text, labels);
    if (turn && *turn) return **turn;
    if (!turn) {
      // Whatever happened there, the person gets an answer.
      if (turn.error().code == ErrorCode::cancelled)
        return terminal::interrupt().reset(), Turn::stopped;
      context_.console.error(turn.error());
      context_.console.note("Answering alone:");
    }
  }
  const auto turn = TRY(answer_here(std::move(route), text, labels));
  if (turn == Turn::answered) keep(text, {});
  return turn;
}

Result<std::optional<Chat::Turn>> Chat::ask_expert(const personal::Route& route,
                                                   std::string_view text, Labels labels) {
  const bool is_chosen = route.reasons.front() == personal::Reason::person_chose;
  if (!is_chosen && !TRY(desk_.can_ask(*route.expert))) {
    context_.console.note(
        Paint::quiet,
        fmt::format("({0} may know this better: plmm ask --expert {0} --yes 'your question')",
                    *route.expert));
    return std::nullopt;
  }
  const std::string question(text);
  const auto answer = TRY(desk_.ask(route, question, label_of(*route.expert, labels)));
  if (!answer) return std::nullopt;
  asked_ = {*route.expert, question};
  // What the expert said is part of the conversation, so that one can go on about it; its marks
  // are not, or the model here would put some of its own behind what nobody supports.
  conversation_->add(text, protocol::without_marks(answer->text.reveal(Purpose::prompt)));
  keep(text, *route.expert);
  return Turn::answered;
}

/// "/ask NAME QUESTION"; without a name, who can be asked.
Result<> Chat::ask_chosen(std::string_view argument, Labels labels) {
  const auto stop = argument.find(' ');
  const auto name = argument.substr(0, stop);
  const auto question = stop == std::string_view::npos ? std::string_view()
                                                       : terminal::trimmed(argument.substr(stop));
  if (name.empty() || question.empty()) {
    const auto known = fmt::format("{}", fmt::join(desk_.names(), ", "));
    context_.console.note(known.empty()
                              ? "no experts are here. Run: plmm expert create it"
                              : fmt::format("/ask NAME QUESTION; NAME is one of: {}", known));
    return {};
  }
  const auto route = personal::route_chosen(std::string(name), {});
  const auto turn = ask_expert(route, question, labels);
  if (turn) return {};
  if (turn.error().code == ErrorCode::cancelled) terminal::interrupt().reset();
  return std::unexpected(turn.error());
}

/// "/local QUESTION": the model on this device answers, whoever may know better.
Result<> Chat::answer_chosen(std::string_view question, Labels labels) {
  if (question.empty()) return fail(ErrorCode::invalid_argument, "what? /local QUESTION");
  recall(question);
  const auto turn = TRY(answer_here(personal::route_chosen({}, {}), question, labels));
  if (turn == Turn::answered) keep(question, {});
  return {};
}

/// "/image FILE QUESTION": what a picture says goes to the model on this device and to no other.
Result<> Chat::ask_about_picture(std::string_view argument, Labels labels) {
  const auto turn = image_turn(context_, argument, *engine_, n_context());
  if (turn) {
    conversation_->set_note({});  // nobody said what stands in a picture: it recalls nothing
    recalled_ = {};
    TRY(answer_here(personal::route_chosen({}, {}), *turn, labels));
    return {};
  }
  if (turn.error().code == ErrorCode::cancelled) terminal::interrupt().reset();
  return std::unexpected(turn.error());
}

/// "/correct STATEMENT": what the expert's last answer got wrong, sent to it for a reward.
Result<> Chat::correct(std::string_view statement) {
  if (!asked_) {
    return fail(ErrorCode::invalid_argument,
                "no expert has answered in this conversation; /ask NAME QUESTION asks one");
  }
  if (statement.empty())
    return fail(ErrorCode::invalid_argument, "what is true? /correct STATEMENT");
  const CorrectionText text{asked_->question, std::string(statement), {}};
  const auto sent = correct_expert(context_, desk_, asked_->expert, text);
  if (!sent && sent.error().code == ErrorCode::cancelled) terminal::interrupt().reset();
  return sent;
}

Result<> Chat::why() {
  const auto lines = TRY(desk_.why());
  for (const auto& line : lines) context_.console.note(line);
  return {};
}

}  // namespace plmm::cli
