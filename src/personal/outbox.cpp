// Entries as records of the vault; the receipt stands in them as the message that came.
#include "personal/outbox.h"

#include "personal/record_fields.h"
#include "protocol/json.h"

namespace plmm::personal {
namespace {

// Questions are written as version 1, which has no kind and no verdict.
constexpr std::uint8_t kQuestionVersion = 1;
constexpr std::uint8_t kContributionVersion = 2;

void write_id(FieldWriter& out, const ledger::Id128& id) {
  out.number(static_cast<std::int64_t>(id.high)).number(static_cast<std::int64_t>(id.low));
}
Result<ledger::Id128> read_id(FieldReader& fields) {
  const auto high = static_cast<std::uint64_t>(TRY(fields.number()));
  return ledger::Id128{high, static_cast<std::uint64_t>(TRY(fields.number()))};
}

Result<Personal<std::string>> encode(const OutboxEntry& entry) {
  const std::string receipt = entry.receipt ? TRY(protocol::to_json(*entry.receipt)) : "";
  const std::string verdict = entry.verdict ? TRY(protocol::to_json(*entry.verdict)) : "";
  const bool is_question = entry.kind == OutboxKind::question;
  FieldWriter out(is_question ? kQuestionVersion : kContributionVersion);
  out.number(entry.time_ms).text(entry.expert).text(entry.bytes.reveal(Purpose::seal));
  write_id(out, entry.request.value);
  write_id(out, entry.reservation.value);
  out.number(entry.price_max.value).number(entry.price.value);
  out.number(static_cast<int>(entry.state)).text(receipt);
  if (!is_question) out.number(static_cast<int>(entry.kind)).text(verdict);
  return out.take();
}

Result<OutboxEntry> decode(const Record& record) {
  auto fields = TRY(FieldReader::open(record.content, kContributionVersion));
  OutboxEntry out;
  out.id = record.id;
  out.time_ms = TRY(fields.number());
  out.expert = TRY(fields.text());
  out.bytes = Personal(TRY(fields.text()));
  out.request.value = TRY(read_id(fields));
  out.reservation.value = TRY(read_id(fields));
  out.price_max.value = TRY(fields.number());
  out.price.value = TRY(fields.number());
  out.state = static_cast<Sending>(TRY(fields.number_up_to(5)));
  const std::string receipt = TRY(fields.text());
  if (!receipt.empty()) out.receipt = TRY(protocol::parse_receipt(receipt));
  if (fields.version() < kContributionVersion) return out;
  out.kind = static_cast<OutboxKind>(TRY(fields.number_up_to(1)));
  const std::string verdict = TRY(fields.text());
  if (!verdict.empty()) out.verdict = TRY(protocol::parse_verdict(verdict));
  return out;
}

Result<std::vector<OutboxEntry>> decode_all(const std::vector<Record>& records) {
  std::vector<OutboxEntry> out;
  for (const Record& record : records) out.push_back(TRY(decode(record)));
  return out;
}

bool is_settled(const OutboxEntry& entry) {
  return entry.state != Sending::on_its_way && entry.state != Sending::answered;
}

/// The oldest settled ones go until there is room for one more.
Result<> remove_oldest(Edit& edit, const std::vector<OutboxEntry>& entries) {
  std::size_t n_entries = entries.size();
  for (const OutboxEntry& old : entries) {
    if (n_entries < kOutboxEntriesMax) break;
    if (!is_settled(old)) continue;
    TRY(edit.remove(Area::outbox, old.id));
    --n_entries;
  }
  return {};
}

}  // namespace

Result<std::vector<OutboxEntry>> Outbox::list() {
  return decode_all(TRY(vault_->read(Area::outbox)));
}

Result<std::int64_t> Outbox::add(const OutboxEntry& entry) {
  const auto content = TRY(encode(entry));
  std::int64_t id = 0;
  TRY(vault_->change([&](Edit& edit) -> Result<> {
    const auto records = TRY(edit.read(Area::outbox));
    if (records.size() >= kOutboxEntriesMax) TRY(remove_oldest(edit, TRY(decode_all(records))));
    id = TRY(edit.add(Area::outbox, content));
    return {};
  }));
  return id;
}

Result<> Outbox::update(const OutboxEntry& entry) {
  const auto content = TRY(encode(entry));
  return vault_->change([&](Edit& edit) { return edit.replace(Area::outbox, entry.id, content); });
}

Result<std::size_t> Outbox::forget_before(std::int64_t time_ms) {
  std::size_t n_forgotten = 0;
  TRY(vault_->change([&](Edit& edit) -> Result<> {
    for (const OutboxEntry& entry : TRY(decode_all(TRY(edit.read(Area::outbox))))) {
      if (entry.time_ms >= time_ms || !is_settled(entry)) continue;
      TRY(edit.remove(Area::outbox, entry.id));
      ++n_forgotten;
    }
    return {};
  }));
  TRY(vault_->clear_traces());
  return n_forgotten;
}

}  // namespace plmm::personal
