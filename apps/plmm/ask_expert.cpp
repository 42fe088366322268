// Preview, consent, answer, citations and price of one question; see ask_expert.h.
#include "apps/plmm/ask_expert.h"

#include <fmt/format.h>

#include "apps/plmm/experts.h"
#include "apps/plmm/format.h"
#include "apps/plmm/line_editor.h"
#include "apps/plmm/own_data.h"
#include "apps/plmm/signals.h"
#include "apps/plmm/wallet.h"
#include "personal/asking.h"
#include "personal/profile.h"
#include "personal/router.h"
#include "personal/why.h"
#include "protocol/ids.h"

namespace plmm::cli {
namespace {

using personal::Approval;
using personal::ConsentMode;
using personal::Preview;

/// The person who runs the experts of this machine, in its ledger.
constexpr ledger::HolderId kDeveloper{{0, 2}};

void show(Console& console, const Preview& preview) {
  console.note(
      fmt::format("would leave for {}, at most {}:", preview.expert, to_text(preview.price_max)));
  for (const auto& line : preview.lines) console.note("  | " + line);
  for (const auto& replaced : preview.replaced) {
    console.note(Paint::quiet, fmt::format("    {} stands for: {}", replaced.placeholder,
                                           replaced.original.reveal(Purpose::show_owner)));
  }
  if (preview.key == personal::KeyStanding::changed)
    console.note(Paint::warning, "this expert has another key than the one you dealt with before");
}

enum class Consent : std::uint8_t { no, once, always };

Result<Consent> ask_consent(Context& context, const Preview& preview) {
  if (context.arguments.has("--yes")) return Consent::once;
  if (!context.console.input_is_terminal()) {
    return fail(ErrorCode::invalid_argument,
                "nothing was sent: nobody can be asked here. Run it again with --yes to send what "
                "is shown above");
  }
  const auto editor = LineEditor::create({}, context.console);
  const auto input =
      editor->read(fmt::format("send?  [y]es  [n]o  [a]lways for {}  > ", preview.expert));
  if (input.end != InputEnd::line || input.text.empty()) return Consent::no;
  if (input.text.front() == 'a') return Consent::always;
  return input.text.front() == 'y' ? Consent::once : Consent::no;
}

void print_end(Console& console, const personal::ExpertAnswer& answer,
               const protocol::Balance& balance) {
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
      fmt::format("{} · balance {} · {} tokens · {} bytes left the device · plmm why",
                  to_text(answer.receipt.price), to_text(balance.available),
                  answer.receipt.tokens.n_in + answer.receipt.tokens.n_out, answer.n_bytes));
}

personal::Explanation explanation_of(const Preview& preview, const personal::ExpertAnswer& answer) {
  return {.time_ms = now_ms(),
          .route = personal::route_chosen(preview.expert, {}),
          .slots = {},
          .departure = personal::Departure{.outbox_id = answer.outbox_id,
                                           .n_bytes = answer.n_bytes,
                                           .n_replaced = preview.replaced.size(),
                                           .n_left_out = preview.n_left_out,
                                           .release = answer.receipt.release,
                                           .n_citations = answer.citations.size(),
                                           .price = answer.receipt.price}};
}

/// True: send it. What was chosen for ever is written down.
Result<bool> approved(Context& context, personal::ConsentBook& consents, const Preview& preview,
                      const crypto::PublicKey& key) {
  if (preview.consent == ConsentMode::always) return true;
  const auto consent = TRY(ask_consent(context, preview));
  if (consent == Consent::always) TRY(consents.set(preview.expert, key, ConsentMode::always));
  return consent != Consent::no;
}

}  // namespace

Result<ExitCode> ask_expert(Context& context, const std::string& question) {
  auto& console = context.console;
  auto vault = TRY(open_vault(context));
  const auto ledger = TRY(LedgerHere::open(context));
  TRY(personal::settle(vault, ledger->port(), now_ms));
  const auto user = TRY(user_here(context));
  TRY(ledger->port().open_wallet(user));
  const auto expert = TRY(ExpertHere::open(context, context.arguments.text("--expert")));
  const auto card = TRY(expert->port().card());
  TRY(ledger->cashier().open_expert(protocol::holder_of(card.public_key), kDeveloper, now_ms()));

  const auto facts = TRY(personal::Profile(vault, now_ms).facts());
  privacy::Redactor redactor(personal::known_values(facts));
  personal::Asking asking({vault, redactor, expert->port(), ledger->port(), now_ms, user});
  const auto n_answer_tokens_max =
      static_cast<std::uint64_t>(context.settings.integer("max_tokens"));
  const auto preview = TRY(asking.prepare(Personal<std::string>(question), n_answer_tokens_max));
  show(console, preview);
  personal::ConsentBook consents(vault, now_ms);
  if (!TRY(approved(context, consents, preview, card.public_key))) {
    asking.decline();
    console.note("nothing was sent");
    return ExitCode::ok;
  }
  const auto approval =
      preview.consent == ConsentMode::always ? Approval::standing : Approval::person;
  bool line_open = false;
  const auto answer = asking.send(
      approval,
      [&](std::string_view text) {
        if (text.empty()) return;
        console.answer(text);
        line_open = !text.ends_with('\n');
      },
      interrupt());
  if (line_open) console.data("\n");
  if (!answer) return std::unexpected(answer.error());
  print_end(console, *answer, TRY(ledger->port().balance(economy::wallet_of(user))));
  TRY(personal::Explanations(vault).keep(explanation_of(preview, *answer)));
  return ExitCode::ok;
}

}  // namespace plmm::cli
