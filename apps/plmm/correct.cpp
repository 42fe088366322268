// plmm correct: preview, consent, verdict and reward; see correct.h.
#include "apps/plmm/correct.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/plmm/earn.h"
#include "apps/plmm/own_data.h"
#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/signals.h"
#include "expert/paid_expert.h"
#include "personal/contributing.h"
#include "personal/profile.h"
#include "protocol/ids.h"

namespace plmm::cli {
namespace {

using personal::ContributionPreview;

void show(Console& console, const ContributionPreview& preview) {
  console.note(fmt::format("would leave for {}, under the key of your wallet:", preview.expert));
  show_leaving(console, preview.lines, preview.replaced, preview.key);
  if (!preview.replaced.empty()) {
    console.note(Paint::warning,
                 "an expert learns little from a placeholder: say it without what is yours");
  }
  console.note(Paint::quiet,
               fmt::format("    {} bytes; all of them: plmm outbox", preview.bytes.size()));
  if (preview.was_sent) console.note(Paint::quiet, "    it was sent before, as it is");
}

Result<bool> approved(const ContributionPreview& preview, const ExpertDesk::ReadLine& read_line) {
  if (!read_line) {
    return fail(ErrorCode::invalid_argument,
                "nothing was sent: nobody can be asked here. Run it again with --yes to send what "
                "is shown above");
  }
  const auto input = read_line(fmt::format("tell {}?  [y]es  [n]o  > ", preview.expert));
  return input.end == terminal::InputEnd::line && input.text.starts_with('y');
}

void show_verdict(Console& console, const protocol::Verdict& verdict) {
  if (verdict.n_exam > 0 && verdict.n_affected == 0) {
    console.note(fmt::format("{} kept-apart questions looked at: no answer changes",
                             terminal::thousands(verdict.n_exam)));
  } else if (verdict.n_exam > 0) {
    console.note(fmt::format(
        "{} kept-apart questions looked at: {} answered anew, {} right before, {} after",
        terminal::thousands(verdict.n_exam), verdict.n_affected, verdict.n_right_before,
        verdict.n_right_after));
  }
  console.answer(fmt::format("{}: {}\n", verdict.accepted() ? "accepted" : "refused",
                             verdict.note.empty() ? verdict.expert : verdict.note));
}

Result<> show_reward(Context& context, LedgerAccess& ledger, const protocol::Verdict& verdict) {
  if (verdict.reward.value == 0) return {};
  const auto wallet = economy::wallet_of(TRY(user_here(context)));
  const auto paid = TRY(rewards_paid(ledger, wallet));
  if (!paid.contains(verdict.contribution)) {
    context.console.note(Paint::warning,
                         fmt::format("{} owes you {}: its rewards are used up. They come when its "
                                     "owner funds them (plmm expert fund {})",
                                     verdict.expert, to_text(verdict.reward), verdict.expert));
    return {};
  }
  const auto balance = TRY(ledger.port().balance(wallet));
  context.console.note(fmt::format("you earned {} · balance {} · plmm earn",
                                   to_text(verdict.reward), to_text(balance.available)));
  return {};
}

}  // namespace

Result<> correct_expert(Context& context, ExpertDesk& desk, std::string_view expert,
                        const CorrectionText& correction) {
  personal::Vault* const vault = TRY(desk.vault());
  LedgerAccess* const ledger = TRY(desk.ledger());
  const auto key = TRY(wallet_key(context));
  TRY(ledger->port().open_wallet(protocol::holder_of(key.public_key())));
  ExpertAccess* const here = TRY(desk.expert(expert));
  const auto facts = TRY(personal::Profile(*vault, now_ms).facts());
  privacy::Redactor redactor(personal::known_values(facts));
  personal::Contributing contributing({*vault, redactor, here->port(), now_ms, key});
  personal::Correction told;
  told.question = Personal(correction.question);
  told.statement = Personal(correction.statement);
  for (const auto& answer : correction.answers) told.answers.emplace_back(answer);
  const auto preview = TRY(contributing.prepare(told));
  show(context.console, preview);
  if (!TRY(approved(preview, desk.read_line()))) {
    contributing.decline();
    context.console.note(Paint::quiet, "nothing was sent");
    return {};
  }
  context.console.note(Paint::quiet, fmt::format("{} is trying it …", preview.expert));
  const auto end = TRY(contributing.send(terminal::interrupt()));
  show_verdict(context.console, end.verdict);
  return show_reward(context, *ledger, end.verdict);
}

Result<ExitCode> run_correct(Context& context) {
  const auto& arguments = context.arguments;
  if (!arguments.has("--expert")) {
    return fail(ErrorCode::invalid_argument,
                "which expert? Run: plmm correct --expert NAME 'QUESTION' 'CORRECTION'");
  }
  ExpertDesk desk(context, ExpertDesk::reader_of(context));
  const CorrectionText correction{arguments.text("QUESTION"), arguments.text("CORRECTION"),
                                  arguments.list("--answer")};
  TRY(correct_expert(context, desk, arguments.text("--expert"), correction));
  return ExitCode::ok;
}

}  // namespace plmm::cli
