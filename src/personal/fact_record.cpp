// Version 1 has slot, time and value; version 2 adds until when it held and who said so.
#include "personal/fact_record.h"

#include <algorithm>

#include "personal/noticing.h"
#include "personal/record_fields.h"

namespace plmm::personal {
namespace {

constexpr std::uint8_t kFactVersion = 2;
constexpr auto kTurnBytes = static_cast<std::int64_t>(kNoticedBytesMax);

/// What the first version can say, so that a program that knows no other reads it too.
bool is_plain(const Fact& fact) {
  return fact.slot <= Slot::tone && fact.holds() && !fact.was_noticed();
}

}  // namespace

Personal<std::string> encode_fact(const Fact& fact) {
  FieldWriter out(is_plain(fact) ? 1 : kFactVersion);
  out.number(static_cast<int>(fact.slot)).number(fact.since_ms);
  out.text(fact.value.reveal(Purpose::seal));
  if (is_plain(fact)) return out.take();
  out.number(fact.until_ms);
  out.number(fact.source.turn).number(fact.source.begin).number(fact.source.end);
  out.text(fact.source.quote.reveal(Purpose::seal));
  return out.take();
}

Result<Fact> decode_fact(const Record& record) {
  auto fields = TRY(FieldReader::open(record.content, kFactVersion));
  Fact out;
  out.id = record.id;
  const std::int64_t slot = TRY(fields.number_up_to(kSlots.size()));
  if (slot == 0) return fail(ErrorCode::corrupt_data, "a fact has no slot");
  out.slot = static_cast<Slot>(slot);
  out.since_ms = TRY(fields.number());
  out.value = Personal(TRY(fields.text()));
  if (fields.version() < 2) return out;
  out.until_ms = TRY(fields.number());
  out.source.turn = TRY(fields.number());
  out.source.begin = TRY(fields.number_up_to(kTurnBytes));
  out.source.end = TRY(fields.number_up_to(kTurnBytes));
  out.source.quote = Personal(TRY(fields.text()));
  const auto n_quoted = static_cast<std::int64_t>(out.source.quote.reveal(Purpose::seal).size());
  if (out.source.end - out.source.begin != n_quoted)
    return fail(ErrorCode::corrupt_data, "a fact's words are not as long as where they stood");
  return out;
}

Result<std::vector<Fact>> decode_facts(std::span<const Record> records) {
  std::vector<Fact> out;
  for (const Record& record : records) out.push_back(TRY(decode_fact(record)));
  std::ranges::stable_sort(out, {}, &Fact::slot);
  return out;
}

Result<std::vector<Fact>> read_facts(Edit& edit) {
  return decode_facts(TRY(edit.read(Area::profile)));
}

}  // namespace plmm::personal
