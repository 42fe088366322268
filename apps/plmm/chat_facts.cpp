// What a chat notices of its person, and what they say about it; see chat.h.
#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "apps/plmm/chat.h"
#include "apps/plmm/own_facts.h"
#include "apps/plmm/prefixes.h"
#include "apps/plmm/terminal/format.h"
#include "personal/noting.h"
#include "personal/profile_talk.h"

namespace plmm::cli {
namespace {

using personal::Fact;
using personal::ProfileWish;

std::string phrases(std::span<const Fact> facts) {
  std::string out;
  for (const Fact& fact : facts) out += (out.empty() ? "" : " · ") + phrase_of(fact);
  return out;
}

/// "noted: lives in Lisbon (no longer: lives in Porto) · /forget"
std::string noted_text(const personal::Noted& noted) {
  if (noted.added.empty()) return fmt::format("noted: no longer: {}", phrases(noted.ended));
  const auto before =
      noted.ended.empty() ? std::string() : fmt::format(" (no longer: {})", phrases(noted.ended));
  return fmt::format("noted: {}{} · /forget", phrases(noted.added), before);
}

/// A line each, the former ones marked.
std::string known_text(std::span<const Fact> facts) {
  if (facts.empty()) return "Nothing yet: you have told me nothing about yourself.";
  std::string out = "What you told me about yourself (plmm profile show):";
  for (const Fact& fact : facts) {
    out += fmt::format("\n  {}{} (since {})", fact.holds() ? "" : "former: ", phrase_of(fact),
                       day_text(fact.since_ms));
  }
  return out;
}

}  // namespace

void Chat::note_facts(const personal::Turn& turn) {
  if (!context_.settings.boolean("notice")) return;
  auto noted = [&]() -> Result<personal::Noted> {
    personal::Vault* const vault = TRY(desk_.vault());
    auto out = TRY(personal::note_facts(*vault, turn));
    // Stored states of a profile that is no more would only take their room.
    if (!out.ended.empty()) TRY(forget_own_prefixes(context_.paths));
    return out;
  }();
  if (!noted) {
    context_.console.note(Paint::warning, "nothing was noted of it: " + noted.error().what);
    return;
  }
  if (noted->added.empty() && noted->ended.empty()) return;
  if (!noted->added.empty()) noted_.clear();
  for (const Fact& fact : noted->added) noted_.push_back(fact.id);
  context_.console.note(Paint::quiet, noted_text(*noted));
}

Result<bool> Chat::talk_of_facts(std::string_view text, Labels labels) {
  // Most lines are about nothing of the kind, and the vault may be locked.
  if (!personal::may_be_wish(text)) return false;
  std::vector<Fact> facts;
  if (!is_incognito(context_) && has_vault(context_))
    facts = TRY(personal::Profile(*TRY(desk_.vault()), now_ms).facts());
  const auto wish = personal::profile_wish(text, facts);
  if (!wish) return false;
  std::string line;
  if (is_incognito(context_)) {
    line = "This conversation is incognito: it reads and changes nothing of what is known.";
  } else if (wish->kind == ProfileWish::Kind::show) {
    line = known_text(facts);
  } else if (wish->kind == ProfileWish::Kind::forget_all) {
    line =
        fmt::format("That is {}: /forget all  forgets {}.",
                    terminal::count_text(facts.size(), "fact"), facts.size() == 1 ? "it" : "them");
  } else {
    line = TRY(forget_facts(wish->facts));
    if (line.empty()) line = "Nothing like that is noted.";
  }
  context_.console.draw(label_of("plmm", labels));
  context_.console.answer(line + "\n");
  return true;
}

Result<std::string> Chat::forget_facts(std::span<const Fact> facts) {
  if (facts.empty()) return std::string();
  personal::Vault* const vault = TRY(desk_.vault());
  personal::Memory* const memory = TRY(remembering_.memory());
  auto line = TRY(forget_own_facts(context_, *vault, memory, facts));
  // The conversation must not say it to the model any more either.
  const auto says = [&](const text::Message& message) {
    return std::ranges::any_of(facts, [&](const Fact& fact) {
      const std::string& quote = fact.source.quote.reveal(Purpose::compare);
      return !quote.empty() && message.content.contains(quote);
    });
  };
  std::vector<text::Message> messages = conversation_->messages();
  for (std::size_t i = 0; i + 1 < messages.size();) {
    const auto at = messages.begin() + static_cast<std::ptrdiff_t>(i);
    if (says(messages[i]) || says(messages[i + 1])) {
      messages.erase(at, at + 2);
    } else {
      i += 2;
    }
  }
  conversation_->set_messages(std::move(messages));
  profile_ = pinned_profile(context_, desk_);
  set_instruction(std::move(instruction_));
  noted_.clear();
  return line;
}

/// "/forget WHAT": an id, words, all, or nothing for what was noted last.
Result<> Chat::forget(std::string_view argument) {
  if (is_incognito(context_) || !has_vault(context_)) {
    context_.console.note("nothing is noted here");
    return {};
  }
  personal::Vault* const vault = TRY(desk_.vault());
  auto facts = TRY(personal::Profile(*vault, now_ms).facts());
  if (argument.empty()) {
    std::erase_if(facts, [&](const Fact& fact) {
      return std::ranges::find(noted_, fact.id) == noted_.end();
    });
  } else if (const auto id = terminal::id_in(std::string(argument))) {
    std::erase_if(facts, [&](const Fact& fact) { return fact.id != *id; });
  } else if (argument != "all") {
    facts = personal::facts_meant(argument, facts);
  }
  if (facts.empty()) {
    return fail(ErrorCode::not_found,
                argument.empty() ? "nothing was noted in this conversation. Next: /forget WHAT"
                                 : "nothing like that is noted. Next: plmm profile show");
  }
  context_.console.note(TRY(forget_facts(facts)));
  return {};
}

}  // namespace plmm::cli
