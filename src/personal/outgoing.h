// What a question and a contribution have in common on their way out of this device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/personal.h"
#include "base/result.h"
#include "personal/consent.h"
#include "personal/vault.h"
#include "privacy/redact.h"
#include "protocol/messages.h"

namespace plmm::personal {

/// Of what a stranger says about its failure, for an error.
inline constexpr std::size_t kErrorBytesShown = 300;

/// Whether the expert has the key that the person has dealt with before.
enum class KeyStanding : std::uint8_t { first_time, same, changed };

struct Replaced {
  std::string placeholder;
  privacy::Kind kind{};
  Personal<std::string> original;
};
std::vector<Replaced> replaced_of(std::span<const privacy::Replacement> replacements);

/// The lines of a text, for a person.
std::vector<std::string> lines_of(std::string_view text);

/// Vault and redactor outlive it.
class Outgoing {
 public:
  Outgoing(Vault& vault, privacy::Redactor& redactor, Clock clock)
      : vault_(vault), redactor_(redactor), clock_(std::move(clock)) {}

  /// What the vault has learned since the conversation began counts from now on.
  Result<> learn();
  /// unsupported when a value that the vault knows stands in the exact bytes that are about to
  /// leave, or in one of their texts, where it is not escaped.
  Result<> check_leaks(std::string_view bytes, std::span<const std::string_view> texts) const;
  Result<KeyStanding> key_standing(const protocol::ExpertCard& card);
  /// After the person's yes: from now on another key under this name is noticed.
  Result<> remember_key(const protocol::ExpertCard& card, KeyStanding standing);

 private:
  Vault& vault_;
  privacy::Redactor& redactor_;
  Clock clock_;
  std::vector<privacy::Known> known_;  // when learn() was last called
};

}  // namespace plmm::personal
