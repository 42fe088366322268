// Routing, preview, consent, answer, citations and price; see expert_desk.h.
#include "apps/plmm/expert_desk.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/plmm/own_data.h"
#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/signals.h"
#include "personal/consent.h"
#include "personal/profile.h"
#include "protocol/ids.h"

namespace plmm::cli {
namespace {

using personal::Approval;
using personal::ConsentMode;
using personal::Preview;
using personal::Route;

void show(Console& console, const Route& route, const Preview& preview) {
  const auto why = [&]() -> std::string {
    if (route.reasons.front() == personal::Reason::person_chose) return {};
    if (!route.certainty) return fmt::format("{} may know this better. ", preview.expert);
    return fmt::format("I am not sure of this ({:.2f}); {} may know it. ", *route.certainty,
                       preview.expert);
  }();
  console.note(fmt::format("{}would leave for {}, at most {}:", why, preview.expert,
                           to_text(preview.price_max)));
  show_leaving(console, preview.lines, preview.replaced, preview.key);
}

/// `why` is how one asks where the answer came from.
void print_end(Console& console, const personal::ExpertAnswer& answer,
               const protocol::Balance& balance, std::string_view why) {
  for (const auto& citation : answer.citations) {
    console.answer(fmt::format("[{}] {}, passage {}\n", citation.number,
                               citation.title.empty() ? citation.document : citation.title,
                               citation.passage));
  }
  if (answer.citations.empty() && answer.outcome == protocol::Outcome::answered) {
    console.note(Paint::warning,
                 "no passage of the library says this word for word: check it before you use it");
  }
  if (answer.outcome == protocol::Outcome::cut)
    console.note(Paint::quiet, "(cut; --max-tokens changes that)");
  console.note(
      Paint::quiet,
      fmt::format("{} · balance {} · {} tokens · {} bytes left the device · {}",
                  to_text(answer.receipt.price), to_text(balance.available),
                  answer.receipt.tokens.n_in + answer.receipt.tokens.n_out, answer.n_bytes, why));
}

personal::Explanation explanation_of(const Route& route, const Preview& preview,
                                     const personal::ExpertAnswer& answer) {
  return {.time_ms = now_ms(),
          .route = route,
          .slots = {},
          .recalled = {},
          .places = {},
          .departure = personal::Departure{.outbox_id = answer.outbox_id,
                                           .n_bytes = answer.n_bytes,
                                           .n_replaced = preview.replaced.size(),
                                           .n_left_out = preview.n_left_out,
                                           .release = answer.receipt.release,
                                           .n_citations = answer.citations.size(),
                                           .price = answer.receipt.price}};
}

/// What the router compares a question with: each of the card's topics, its title and summary.
std::vector<std::string> routing_texts(const protocol::ExpertCard& card) {
  std::vector<std::string> out{card.title, card.summary};
  out.insert(out.end(), card.topics.begin(), card.topics.end());
  return out;
}

}  // namespace

ExpertDesk::ExpertDesk(Context& context, ReadLine read_line)
    : context_(context), read_line_(std::move(read_line)), models_(context) {}

Result<personal::Vault*> ExpertDesk::vault() {
  if (stays_locked_) return std::unexpected(*stays_locked_);
  if (!vault_) {
    auto opened = open_vault(context_);
    const auto code = opened ? ErrorCode::io : opened.error().code;
    if (code == ErrorCode::invalid_argument || code == ErrorCode::cancelled) {
      // Nobody is asked for the passphrase twice, nor told twice.
      stays_locked_ = Error{ErrorCode::cancelled, opened.error().what};
    }
    vault_ = TRY(std::move(opened));
  }
  return &*vault_;
}

Result<LedgerAccess*> ExpertDesk::ledger() {
  if (!ledger_) {
    auto opened = TRY(LedgerAccess::open(context_));
    personal::Vault* const vault = TRY(this->vault());
    TRY(personal::settle(*vault, opened->port(), now_ms));
    ledger_ = std::move(opened);
  }
  return ledger_.get();
}

Result<ExpertAccess*> ExpertDesk::expert(std::string_view name) {
  const auto found = experts_.find(name);
  if (found != experts_.end()) return found->second.get();
  LedgerAccess* const ledger = TRY(this->ledger());
  auto opened = TRY(ExpertAccess::open(context_, models_, *ledger, name));
  return experts_.emplace(name, std::move(opened)).first->second.get();
}

Result<std::vector<personal::Embedding>> ExpertDesk::embed(const std::vector<std::string>& texts) {
  infer::Embedder* const embedder = TRY(models_.embedder());
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  const auto width = static_cast<std::size_t>(embedder->dimension());
  std::vector<float> numbers(texts.size() * width);
  TRY(embedder->embed(views, numbers));
  std::vector<personal::Embedding> out;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto row = std::span<const float>(numbers).subspan(i * width, width);
    out.emplace_back(row.begin(), row.end());
  }
  return out;
}

Result<personal::Embedding> ExpertDesk::embedding_of(std::string_view text) {
  if (embedded_text_.embedding.empty() || embedded_text_.text != text) {
    auto embeddings = TRY(embed({std::string(text)}));
    embedded_text_ = {std::string(text), std::move(embeddings.front())};
  }
  return embedded_text_.embedding;
}

Result<const ExpertDesk::Embedded*> ExpertDesk::embedded() {
  if (embedded_) return &*embedded_;
  Embedded out;
  for (const auto& name : names()) {
    const auto card = TRY(known_card(context_, name));
    out.experts.push_back({.name = name, .topics = TRY(embed(routing_texts(card)))});
  }
  const auto everyday = personal::everyday_topics();
  out.everyday = TRY(embed({everyday.begin(), everyday.end()}));
  embedded_ = std::move(out);
  return &*embedded_;
}

Result<Route> ExpertDesk::route(std::string_view question, const Certainty& certainty) {
  personal::RouterSettings settings;
  settings.certainty_min = context_.settings.real("certainty");
  personal::Question asked{
      .text = question, .embedding = {}, .experts = {}, .everyday = {}, .certainty = {}};
  if (names().empty() || settings.certainty_min == 0 || is_incognito(context_))
    return personal::route(asked, settings);
  const auto known = embedded();
  if (!known) {
    if (!said_cannot_route_) context_.console.note(Paint::warning, known.error().what);
    said_cannot_route_ = true;
    return personal::route(asked, settings);
  }
  const auto embedding = TRY(embedding_of(question));
  asked.embedding = embedding;
  asked.experts = (*known)->experts;
  asked.everyday = (*known)->everyday;
  const auto by_topic = personal::route(asked, settings);
  if (!by_topic.expert) return by_topic;
  asked.certainty = TRY(certainty());
  return personal::route(asked, settings);
}

Result<bool> ExpertDesk::can_ask(std::string_view expert) {
  if (read_line_) return true;
  const auto card = TRY(known_card(context_, expert));
  personal::Vault* const vault = TRY(this->vault());
  const auto mode = TRY(personal::ConsentBook(*vault, now_ms).mode_of(expert, card.public_key));
  return mode == ConsentMode::always;
}

/// True: send it. What was chosen for ever is written down.
Result<bool> ExpertDesk::approved(const Preview& preview, const crypto::PublicKey& key) {
  if (preview.consent == ConsentMode::always) return true;
  if (!read_line_) {
    return fail(ErrorCode::invalid_argument,
                "nothing was sent: nobody can be asked here. Run: plmm ask --expert NAME --yes "
                "'your question'  to send what is shown above");
  }
  const auto input =
      read_line_(fmt::format("send?  [y]es  [n]o  [a]lways for {}  > ", preview.expert));
  if (input.end != terminal::InputEnd::line || input.text.empty()) return false;
  if (input.text.front() == 'a') {
    personal::Vault* const vault = TRY(this->vault());
    TRY(personal::ConsentBook(*vault, now_ms).set(preview.expert, key, ConsentMode::always));
    return true;
  }
  return input.text.front() == 'y';
}

Result<personal::ExpertAnswer> ExpertDesk::send(personal::Asking& asking, Approval approval,
                                                std::string_view label) {
  auto& console = context_.console;
  const terminal::HiddenTyping hidden;
  console.draw(label);
  bool line_open = !label.empty();
  bool said = false;
  auto answer = asking.send(
      approval,
      [&](std::string_view text) {
        if (text.empty()) return;
        console.answer(text);
        said = true;
        line_open = !text.ends_with('\n');
        if (console.output_closed()) terminal::interrupt().request();
      },
      terminal::interrupt());
  if (line_open && said) console.data("\n");
  if (line_open && !said) console.draw("\n");
  return answer;
}

Result<std::optional<personal::ExpertAnswer>> ExpertDesk::ask(const Route& route,
                                                              const std::string& question,
                                                              std::string_view label) {
  auto& console = context_.console;
  if (is_incognito(context_)) {
    return fail(ErrorCode::invalid_argument,
                "an expert is paid and what leaves is kept in the outbox: not with --incognito");
  }
  LedgerAccess* const ledger = TRY(this->ledger());
  personal::Vault* const vault = TRY(this->vault());
  const auto user = TRY(user_here(context_));
  TRY(ledger->port().open_wallet(user));
  ExpertAccess* const expert = TRY(this->expert(*route.expert));
  const auto card = TRY(expert->port().card());

  personal::Asking asking({*vault, redactor_, expert->port(), ledger->port(), now_ms, user});
  const auto n_answer_tokens_max =
      static_cast<std::uint64_t>(context_.settings.integer("max_tokens"));
  const auto preview = TRY(asking.prepare(Personal<std::string>(question), n_answer_tokens_max));
  show(console, route, preview);
  if (!TRY(approved(preview, card.public_key))) {
    asking.decline();
    console.note(Paint::quiet, "nothing was sent");
    return std::nullopt;
  }
  const auto approval =
      preview.consent == ConsentMode::always ? Approval::standing : Approval::person;
  auto answer = TRY(send(asking, approval, label));
  const auto balance = TRY(ledger->port().balance(economy::wallet_of(user)));
  print_end(console, answer, balance, label.empty() ? "plmm why" : "/why");
  TRY(keep(explanation_of(route, preview, answer)));
  return answer;
}

Result<> ExpertDesk::keep(const personal::Explanation& explanation) {
  last_ = explanation;
  personal::Vault* const vault = TRY(this->vault());
  return personal::Explanations(*vault).keep(explanation);
}

void ExpertDesk::answered_here(Route route, const ProfileText& profile,
                               std::vector<personal::Used> recalled,
                               std::vector<personal::UsedPlace> places) {
  if (is_incognito(context_)) return;
  route.expert.reset();
  const auto kept = keep({.time_ms = now_ms(),
                          .route = std::move(route),
                          .slots = profile.slots,
                          .recalled = std::move(recalled),
                          .places = std::move(places),
                          .departure = {},
                          .adapter = adapter_,
                          .facts = profile.facts});
  if (kept || said_cannot_keep_ || kept.error().code == ErrorCode::cancelled) return;
  said_cannot_keep_ = true;
  context_.console.note(Paint::warning, "plmm why will not know this answer: " + kept.error().what);
}

Result<std::vector<std::string>> ExpertDesk::why() {
  if (!last_) last_ = TRY(personal::Explanations(*TRY(vault())).last());
  if (!last_) return std::vector<std::string>{"there is no answer to explain yet"};
  // An answer that used nothing of the vault is explained where that is locked too.
  if (last_->facts.empty() && last_->places.empty()) return explain(*last_, {}, day_text);
  return explained(*last_, *TRY(vault()));
}

ExpertDesk::ReadLine ExpertDesk::reader_of(const Context& context) {
  if (context.arguments.has("--yes"))
    return [](std::string_view) { return terminal::Input{terminal::InputEnd::line, "y"}; };
  if (!context.console.input_is_terminal()) return {};
  const std::shared_ptr<terminal::LineEditor> editor =
      terminal::LineEditor::create({}, context.console);
  return [editor](std::string_view prompt) { return editor->read(prompt); };
}

void show_leaving(Console& console, const std::vector<std::string>& lines,
                  const std::vector<personal::Replaced>& replaced, personal::KeyStanding key) {
  for (const auto& line : lines) console.note("  | " + line);
  for (const auto& one : replaced) {
    console.note(Paint::quiet, fmt::format("    {} stands for: {}", one.placeholder,
                                           one.original.reveal(Purpose::show_owner)));
  }
  if (key == personal::KeyStanding::changed)
    console.note(Paint::warning, "this expert has another key than the one you dealt with before");
}

Result<ExitCode> ask_expert(Context& context, const std::string& question) {
  ExpertDesk desk(context, ExpertDesk::reader_of(context));
  const auto route = personal::route_chosen(context.arguments.text("--expert"), {});
  TRY(desk.ask(route, question, ""));
  return ExitCode::ok;
}

}  // namespace plmm::cli
