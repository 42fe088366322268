// Who answers a question, the model on this device or an expert, and all that asking one needs.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/plmm/access.h"
#include "apps/plmm/connected.h"
#include "apps/plmm/context.h"
#include "apps/plmm/experts.h"
#include "apps/plmm/terminal/line_editor.h"
#include "apps/plmm/wallet.h"
#include "personal/asking.h"
#include "personal/recall.h"
#include "personal/router.h"
#include "personal/why.h"

namespace plmm::cli {

struct ProfileText;

/// Of the model's likeliest answer: enough to tell one that it is sure of from one that it begins
/// to make up.
inline constexpr int kCertaintyTokens = 16;

/// One for a conversation. Vault, ledger, experts and the embedding model are opened when first
/// needed and kept, so that a chat without experts waits for none of them.
class ExpertDesk {
 public:
  /// How the person is asked for consent; an empty function: nobody can be asked.
  using ReadLine = std::function<terminal::Input(std::string_view prompt)>;
  /// How sure the model on this device is, 0 to 1; called only where that could decide.
  using Certainty = std::function<Result<double>()>;

  ExpertDesk(Context& context, ReadLine read_line);
  /// Of a verb: --yes agrees to what is shown; on a terminal the person is asked; else nobody.
  static ReadLine reader_of(const Context& context);

  /// Names of the experts that can be asked, sorted.
  std::vector<std::string> names() const { return known_experts(context_); }

  /// Where a question goes. Without experts, or without the embedding model (which is said once),
  /// it stays here.
  Result<personal::Route> route(std::string_view question, const Certainty& certainty);
  /// Whether a question may go there: the person can be asked, or allowed it for always.
  Result<bool> can_ask(std::string_view expert);

  /// Preview, consent, streamed answer, citations, price; `label` ("it> ", or nothing) comes before
  /// the answer on standard error. Nothing: the person said no. How the answer came about is kept.
  Result<std::optional<personal::ExpertAnswer>> ask(const personal::Route& route,
                                                    const std::string& question,
                                                    std::string_view label);

  /// Keeps how an answer on this device came about.
  void answered_here(personal::Route route, const ProfileText& profile,
                     std::vector<personal::Used> recalled, std::vector<personal::UsedPlace> places);
  /// The personal adapter of all answers here from now on, for why().
  void answers_with(std::optional<personal::AdapterUsed> adapter) { adapter_ = adapter; }
  /// How the last answer came about, as lines; what an earlier conversation kept counts too.
  Result<std::vector<std::string>> why();

  /// For those who deal with an expert in another way than by a question.
  Result<ExpertAccess*> expert(std::string_view name);
  Result<personal::Vault*> vault();
  Result<LedgerAccess*> ledger();
  /// By the embedding model of the catalogue. not_found when it is not here.
  Result<std::vector<personal::Embedding>> embed(const std::vector<std::string>& texts);
  /// The same for one text; the last one is kept.
  Result<personal::Embedding> embedding_of(std::string_view text);
  const ReadLine& read_line() const { return read_line_; }

 private:
  struct Embedded {
    std::vector<personal::RoutedExpert> experts;
    std::vector<personal::Embedding> everyday;
  };
  Result<const Embedded*> embedded();
  Result<bool> approved(const personal::Preview& preview, const crypto::PublicKey& key);
  Result<personal::ExpertAnswer> send(personal::Asking& asking, personal::Approval approval,
                                      std::string_view label);
  Result<> keep(const personal::Explanation& explanation);

  Context& context_;
  ReadLine read_line_;
  ExpertModels models_;
  std::unique_ptr<LedgerAccess> ledger_;
  // Goes before the models and the ledger that it uses.
  std::map<std::string, std::unique_ptr<ExpertAccess>, std::less<>> experts_;
  std::optional<personal::Vault> vault_;
  std::optional<Error> stays_locked_;  // once the passphrase was not given
  std::optional<Embedded> embedded_;
  privacy::Redactor redactor_{{}};  // of the conversation: a value keeps its placeholder
  std::optional<personal::Explanation> last_;
  std::optional<personal::AdapterUsed> adapter_;
  struct {
    std::string text;
    personal::Embedding embedding;
  } embedded_text_;
  bool said_cannot_keep_ = false;
  bool said_cannot_route_ = false;
};

/// Of a preview, the same for a question and a correction: its lines, what each placeholder stands
/// for, and a warning where the expert's key has changed.
void show_leaving(Console& console, const std::vector<std::string>& lines,
                  const std::vector<personal::Replaced>& replaced, personal::KeyStanding key);

/// Sends a question to the expert that was named: plmm ask --expert NAME.
Result<ExitCode> ask_expert(Context& context, const std::string& question);

}  // namespace plmm::cli
