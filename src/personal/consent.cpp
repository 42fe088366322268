// Consents as records of the vault, one for each name of an expert.
#include "personal/consent.h"

#include <cstring>

#include "personal/record_fields.h"

namespace plmm::personal {
namespace {

constexpr std::uint8_t kConsentVersion = 1;

Result<Consent> decode(const Record& record) {
  auto fields = TRY(FieldReader::open(record.content, kConsentVersion));
  Consent out;
  out.expert = TRY(fields.text());
  const std::string key = TRY(fields.text());
  if (key.size() != out.key.bytes.size()) {
    return fail(ErrorCode::corrupt_data, "a consent has a key of the wrong length");
  }
  std::memcpy(out.key.bytes.data(), key.data(), key.size());
  out.mode = static_cast<ConsentMode>(TRY(fields.number_up_to(1)));
  out.since_ms = TRY(fields.number());
  return out;
}

}  // namespace

Result<std::vector<Consent>> ConsentBook::list() {
  const auto records = TRY(vault_->read(Area::consent));
  std::vector<Consent> out;
  for (const Record& record : records) out.push_back(TRY(decode(record)));
  return out;
}

Result<ConsentMode> ConsentBook::mode_of(std::string_view expert, const crypto::PublicKey& key) {
  for (const Consent& consent : TRY(list())) {
    if (consent.expert == expert && consent.key == key) return consent.mode;
  }
  return ConsentMode::ask_each_time;
}

Result<> ConsentBook::set(std::string_view expert, const crypto::PublicKey& key, ConsentMode mode) {
  const std::string_view key_bytes(reinterpret_cast<const char*>(key.bytes.data()),
                                   key.bytes.size());
  const auto content = FieldWriter(kConsentVersion)
                           .text(expert)
                           .text(key_bytes)
                           .number(static_cast<int>(mode))
                           .number(clock_())
                           .take();
  return vault_->change([&](Edit& edit) -> Result<> {
    const auto records = TRY(edit.read(Area::consent));
    for (const Record& record : records) {
      if (TRY(decode(record)).expert == expert) TRY(edit.remove(Area::consent, record.id));
    }
    TRY(edit.add(Area::consent, content));
    return {};
  });
}

}  // namespace plmm::personal
