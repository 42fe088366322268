// Records of versions and of their weights; see adapters.h.
#include "learn/adapters.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "learn/adapter_bytes.h"
#include "model/lora_file.h"
#include "model/model.h"
#include "personal/record_fields.h"

namespace plmm::learn {
namespace {

using personal::Area;
using personal::Edit;
using personal::FieldReader;
using personal::FieldWriter;
using personal::Record;

constexpr std::uint8_t kRecordVersion = 1;
constexpr std::int64_t kIsVersion = 1;  // kinds of record
constexpr std::int64_t kIsPart = 2;
constexpr std::size_t kPartBytes = 1U << 20U;
constexpr std::int64_t kPartsMax = 256;
constexpr std::int64_t kNumberMax = std::int64_t{1} << 40U;
constexpr double kMillionths = 1e6;

std::int64_t to_millionths(double value) { return std::llround(value * kMillionths); }
double from_millionths(std::int64_t value) { return static_cast<double>(value) / kMillionths; }

/// The fields that are figures, in the order in which they are written.
std::vector<double*> figures_of(Version& version) {
  Figures& figures = version.figures;
  return {&version.seconds,       &figures.own_before,     &figures.own_after,
          &figures.own_ratio_low, &figures.own_ratio_high, &figures.general_before,
          &figures.general_after};
}
std::vector<std::int64_t*> counts_of(Version& version) {
  return {&version.n_turns, &version.n_corrections, &version.n_turns_held_back, &version.n_bytes,
          &version.n_steps};
}

struct Part {
  std::int64_t number = 0;
  std::int64_t index = 0;
  std::string bytes;
};

/// A record of the area, of one kind or the other.
struct Decoded {
  std::int64_t id = 0;
  std::optional<Version> version;
  std::optional<Part> part;
};

Personal<std::string> encode(Version version) {
  FieldWriter out(kRecordVersion);
  out.number(kIsVersion).number(version.number).number(version.time_ms);
  out.number(static_cast<int>(version.standing));
  out.text(version.model).text(version.base_fingerprint);
  for (const std::int64_t* count : counts_of(version)) out.number(*count);
  for (const double* figure : figures_of(version)) out.number(to_millionths(*figure));
  out.number(static_cast<std::int64_t>(version.sources.size()));
  for (const std::int64_t id : version.sources) out.number(id);
  return out.take();
}

Result<Version> decode_version(FieldReader& fields) {
  Version out;
  out.number = TRY(fields.number_up_to(kNumberMax));
  out.time_ms = TRY(fields.number());
  const auto standing = TRY(fields.number_up_to(static_cast<int>(Standing::refused)));
  if (standing == 0) return fail(ErrorCode::corrupt_data, "a version has no standing");
  out.standing = static_cast<Standing>(standing);
  out.model = TRY(fields.text());
  out.base_fingerprint = TRY(fields.text());
  for (std::int64_t* count : counts_of(out)) *count = TRY(fields.number_up_to(kNumberMax));
  for (double* figure : figures_of(out)) *figure = from_millionths(TRY(fields.number()));
  const auto n = TRY(fields.number_up_to(static_cast<std::int64_t>(kSourcesMax)));
  for (std::int64_t i = 0; i < n; ++i) out.sources.push_back(TRY(fields.number()));
  return out;
}

Result<Decoded> decode(const Record& record) {
  auto fields = TRY(FieldReader::open(record.content, kRecordVersion));
  Decoded out;
  out.id = record.id;
  const auto kind = TRY(fields.number_up_to(kIsPart));
  if (kind == kIsVersion) {
    out.version = TRY(decode_version(fields));
  } else if (kind == kIsPart) {
    Part part;
    part.number = TRY(fields.number_up_to(kNumberMax));
    part.index = TRY(fields.number_up_to(kPartsMax));
    part.bytes = TRY(fields.text());
    out.part = std::move(part);
  } else {
    return fail(ErrorCode::corrupt_data, "a record of a personal adapter has no kind");
  }
  return out;
}

Result<std::vector<Decoded>> decode_all(std::span<const Record> records) {
  std::vector<Decoded> out;
  for (const Record& record : records) out.push_back(TRY(decode(record)));
  return out;
}

std::vector<Version> versions_in(std::span<const Decoded> all) {
  std::vector<Version> out;
  for (const Decoded& one : all) {
    if (one.version) out.push_back(*one.version);
  }
  std::ranges::sort(out, {}, &Version::number);
  return out;
}

Result<std::string> weights_of(std::span<const Decoded> all, const Version& version) {
  std::vector<const Part*> parts;
  for (const Decoded& one : all) {
    if (one.part && one.part->number == version.number) parts.push_back(&*one.part);
  }
  std::ranges::sort(parts, {}, &Part::index);
  std::string out;
  for (const Part* part : parts) out += part->bytes;
  if (out.size() != static_cast<std::size_t>(version.n_bytes))
    return fail(ErrorCode::corrupt_data, "a personal adapter is not whole. Run: plmm learn undo");
  return out;
}

/// Weights and sources go, and what became of it is written down.
Result<> end_version(Edit& edit, std::span<const Decoded> all, std::int64_t number,
                     Standing standing) {
  for (const Decoded& one : all) {
    if (one.part && one.part->number == number) TRY(edit.remove(Area::adapter, one.id));
    if (!one.version || one.version->number != number) continue;
    Version after = *one.version;
    after.standing = standing;
    after.sources.clear();
    TRY(edit.replace(Area::adapter, one.id, encode(std::move(after))));
  }
  return {};
}

/// Makes room for one more version that is kept.
Result<> end_old_ones(Edit& edit, std::span<const Decoded> all, const Version& next) {
  std::size_t n_kept = 1;
  auto versions = versions_in(all);
  std::ranges::reverse(versions);
  for (const Version& version : versions) {
    if (version.standing != Standing::kept || version.base_fingerprint != next.base_fingerprint)
      continue;
    if (++n_kept > kKeptMax) TRY(end_version(edit, all, version.number, Standing::replaced));
  }
  return {};
}

/// Gives `version` the next number and writes it; the oldest that are not kept make room for it.
Result<> add_version(Edit& edit, std::span<const Decoded> all, Version& version) {
  const auto before = versions_in(all);
  std::size_t n_over = before.size() >= kVersionsMax ? before.size() - kVersionsMax + 1 : 0;
  for (const Decoded& one : all) {
    if (n_over == 0) break;
    if (!one.version || one.version->standing == Standing::kept) continue;
    TRY(edit.remove(Area::adapter, one.id));
    --n_over;
  }
  version.number = before.empty() ? 1 : before.back().number + 1;
  TRY(edit.add(Area::adapter, encode(version)));
  return {};
}

}  // namespace

const Version* in_use(std::span<const Version> versions, std::string_view base_fingerprint) {
  const Version* out = nullptr;
  for (const Version& version : versions) {
    const bool fits =
        version.standing == Standing::kept && version.base_fingerprint == base_fingerprint;
    if (fits && (out == nullptr || out->number < version.number)) out = &version;
  }
  return out;
}

Result<std::vector<Version>> Adapters::versions() {
  const auto records = TRY(vault_->read(Area::adapter));
  const auto all = TRY(decode_all(records));
  return versions_in(all);
}

Result<std::optional<Adapters::Loaded>> Adapters::load_for(const model::Model& model) {
  const auto records = TRY(vault_->read(Area::adapter));
  if (records.empty()) return std::nullopt;
  const auto all = TRY(decode_all(records));
  const auto versions = versions_in(all);
  const std::string fingerprint = model::fingerprint(model.reader());
  const Version* const version = in_use(versions, fingerprint);
  if (version == nullptr) return std::nullopt;
  const std::string weights = TRY(weights_of(all, *version));
  auto adapter = TRY(parse_adapter(std::as_bytes(std::span(weights)), model.config()));
  adapter.base_fingerprint = fingerprint;
  return Loaded{*version, std::move(adapter)};
}

Result<std::int64_t> Adapters::keep(Version version, const model::LoraAdapter& adapter) {
  const std::string weights = to_bytes(adapter);
  version.n_bytes = static_cast<std::int64_t>(weights.size());
  version.standing = Standing::kept;
  if (weights.size() > kPartBytes * static_cast<std::size_t>(kPartsMax) ||
      version.sources.size() > kSourcesMax)
    return fail(ErrorCode::limit_exceeded, "the personal adapter is larger than one may be");
  TRY(vault_->change([&](Edit& edit) -> Result<> {
    const auto records = TRY(edit.read(Area::adapter));
    const auto all = TRY(decode_all(records));
    TRY(end_old_ones(edit, all, version));
    TRY(add_version(edit, all, version));
    for (std::size_t at = 0; at < weights.size(); at += kPartBytes) {
      FieldWriter part(kRecordVersion);
      part.number(kIsPart).number(version.number);
      part.number(static_cast<std::int64_t>(at / kPartBytes));
      part.text(std::string_view(weights).substr(at, kPartBytes));
      TRY(edit.add(Area::adapter, part.take()));
    }
    return {};
  }));
  TRY(vault_->clear_traces());
  return version.number;
}

Result<std::int64_t> Adapters::refuse(Version version) {
  version.n_bytes = 0;
  version.standing = Standing::refused;
  version.sources.clear();
  TRY(vault_->change([&](Edit& edit) -> Result<> {
    const auto records = TRY(edit.read(Area::adapter));
    const auto all = TRY(decode_all(records));
    return add_version(edit, all, version);
  }));
  return version.number;
}

Result<Adapters::Gone> Adapters::end(const std::vector<std::int64_t>& numbers, Standing standing) {
  Gone out;
  if (numbers.empty()) return out;
  TRY(vault_->change([&](Edit& edit) -> Result<> {
    const auto records = TRY(edit.read(Area::adapter));
    const auto all = TRY(decode_all(records));
    for (const Version& version : versions_in(all)) {
      if (std::ranges::find(numbers, version.number) == numbers.end()) continue;
      out.versions.push_back(version);
      TRY(end_version(edit, all, version.number, standing));
    }
    return {};
  }));
  out.traces = TRY(vault_->clear_traces());
  return out;
}

Result<Adapters::Gone> Adapters::undo() {
  auto all = TRY(versions());
  std::erase_if(all, [](const Version& one) { return one.standing != Standing::kept; });
  if (all.empty()) return Gone();
  return end({all.back().number}, Standing::undone);
}

Result<Adapters::Gone> Adapters::forget(std::span<const std::int64_t> ids) {
  std::vector<std::int64_t> numbers;
  for (const Version& version : TRY(versions())) {
    const bool has_learnt = std::ranges::any_of(
        ids, [&](std::int64_t id) { return std::ranges::binary_search(version.sources, id); });
    if (version.standing == Standing::kept && has_learnt) numbers.push_back(version.number);
  }
  return end(numbers, Standing::forgotten);
}

}  // namespace plmm::learn
