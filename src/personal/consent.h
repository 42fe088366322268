// Which experts may be asked without a question to the person each time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/sign.h"
#include "personal/vault.h"

namespace plmm::personal {

enum class ConsentMode : std::uint8_t { ask_each_time = 0, always = 1 };

struct Consent {
  std::string expert;
  crypto::PublicKey key{};  // consent is given to this key, not to whoever has the name next
  ConsentMode mode = ConsentMode::ask_each_time;
  std::int64_t since_ms = 0;
};

/// The vault outlives it.
class ConsentBook {
 public:
  ConsentBook(Vault& vault, Clock clock) : vault_(&vault), clock_(std::move(clock)) {}

  Result<std::vector<Consent>> list();
  /// ask_each_time where nothing was said, or where it was said of another key.
  Result<ConsentMode> mode_of(std::string_view expert, const crypto::PublicKey& key);
  /// Replaces what was said of the name before.
  Result<> set(std::string_view expert, const crypto::PublicKey& key, ConsentMode mode);

 private:
  Vault* vault_;
  Clock clock_;
};

}  // namespace plmm::personal
