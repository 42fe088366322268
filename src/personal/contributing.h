// A correction for an expert, from the preview of what would leave to a verdict that holds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/personal.h"
#include "base/result.h"
#include "crypto/sign.h"
#include "personal/consent.h"
#include "personal/outbox.h"
#include "personal/outgoing.h"
#include "personal/vault.h"
#include "privacy/redact.h"
#include "protocol/contribution.h"
#include "protocol/ports.h"

namespace plmm::personal {

/// What a contribution works with; all of it outlives it.
struct ContributingParts {
  Vault& vault;
  privacy::Redactor& redactor;
  protocol::ExpertPort& expert;
  Clock clock;
  const crypto::KeyPair& contributor;  // whose holder has the wallet
};

struct Correction {
  Personal<std::string> question;              // that the expert got wrong
  Personal<std::string> statement;             // what is true
  std::vector<Personal<std::string>> answers;  // short ones, each right; may be empty
  std::string licence = "CC BY 4.0";
};

/// What would leave this device, before it does.
struct ContributionPreview {
  std::string expert;
  std::string bytes;               // exactly
  std::vector<std::string> lines;  // for a person: question, correction, answers, licence
  std::vector<Replaced> replaced;
  KeyStanding key = KeyStanding::first_time;
  bool was_sent = false;  // the same bytes left before; the expert says the same again
};

struct ContributionEnd {
  protocol::Verdict verdict;
  std::int64_t outbox_id = 0;
  std::uint64_t n_bytes = 0;  // that left
};

/// A contribution is shown and approved each time: what it says becomes part of an expert for
/// others. Whatever goes wrong, the error says so in words for a person.
class Contributing {
 public:
  explicit Contributing(ContributingParts parts)
      : parts_(std::move(parts)), outgoing_(parts_.vault, parts_.redactor, parts_.clock) {}

  /// Redacts, signs, and looks at the exact bytes again. The same correction gets the same id and
  /// bytes as before, so that nothing is judged or paid twice and a verdict that was lost on its
  /// way is told again. Nothing leaves but the call of card(). Errors: of the vault and the port;
  /// invalid_argument or limit_exceeded for texts that break the protocol's limits; unsupported
  /// when the bytes still hold a known value.
  Result<ContributionPreview> prepare(const Correction& correction);

  /// The person said yes to the preview: sends it, once, and checks the verdict. invalid_argument
  /// when nothing is prepared. After an error the same correction can be sent again.
  Result<ContributionEnd> send(const Cancel& cancel);
  void decline() { prepared_.reset(); }

 private:
  struct Prepared {
    protocol::ExpertCard card;
    protocol::Contribution contribution;
    OutboxEntry entry;  // its id is 0 when it has never been sent
    KeyStanding key;
  };

  Result<std::string> redacted(const Personal<std::string>& text,
                               std::vector<privacy::Replacement>& replaced);
  Result<std::optional<Prepared>> sent_before(const protocol::ExpertCard& card,
                                              const protocol::Contribution& wanted);
  Result<> check_leaks(const Prepared& prepared) const;

  ContributingParts parts_;
  Outgoing outgoing_;
  std::optional<Prepared> prepared_;
};

}  // namespace plmm::personal
