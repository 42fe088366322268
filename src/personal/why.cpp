// Explanations as a record and as lines.
#include "personal/why.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

#include "personal/record_fields.h"

namespace plmm::personal {
namespace {

// 1 has no recalled turns, 2 no adapter, 3 neither documents nor facts
constexpr std::uint8_t kExplanationVersion = 4;
constexpr std::int64_t kRecalledMax = 64;
constexpr std::int64_t kFactsMax = 512;
constexpr double kMillionths = 1e6;  // scores and limits are kept to six digits

std::int64_t to_millionths(double value) { return std::llround(value * kMillionths); }
double from_millionths(std::int64_t value) { return static_cast<double>(value) / kMillionths; }

std::string two_digits(double value) {
  std::array<char, 32> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, 2);
  return std::string(text.data(), end.ptr);
}

std::string sentence(Reason reason, const Route& route) {
  const RouterSettings& settings = route.settings;
  const std::string fit = "'" + route.best + "' fits with " + two_digits(route.score);
  const std::string certainty = two_digits(route.certainty.value_or(0));
  const std::string limit = two_digits(settings.certainty_min);
  switch (reason) {
    case Reason::own_profile:
      return "it is about you";
    case Reason::this_conversation:
      return "it is about this conversation";
    case Reason::small_talk:
      return "it is small talk";
    case Reason::writing_task:
      return "it is a text to write";
    case Reason::translation:
      return "it is a translation";
    case Reason::everyday:
      return "it is nearer to everyday topics (" + two_digits(route.everyday_score) +
             ") than to any expert: " + fit;
    case Reason::no_expert_fits:
      return "no expert fits: " + fit + ", limit " + two_digits(settings.score_min);
    case Reason::model_is_sure:
      return "the model on this device is sure: " + certainty + ", limit " + limit;
    case Reason::expert_fits:
      return fit + ", limit " + two_digits(settings.score_min);
    case Reason::model_is_unsure:
      return "the model on this device is unsure: " + certainty + ", limit " + limit;
    case Reason::no_embedding:
      return "there is no expert, or no model to compare with";
    case Reason::person_chose:
      return "you said so";
  }
  return "";
}

void write_route(FieldWriter& out, const Route& route) {
  out.text(route.expert.value_or(""));
  out.number(static_cast<std::int64_t>(route.reasons.size()));
  for (const Reason reason : route.reasons) out.number(static_cast<int>(reason));
  out.text(route.best).number(to_millionths(route.score));
  out.number(to_millionths(route.everyday_score));
  out.number(route.certainty ? to_millionths(*route.certainty) : -1);
  for (const double value : {route.settings.certainty_min, route.settings.score_min,
                             route.settings.score_strong, route.settings.everyday_margin}) {
    out.number(to_millionths(value));
  }
}

Result<Route> read_route(FieldReader& fields) {
  Route out;
  const std::string expert = TRY(fields.text());
  if (!expert.empty()) out.expert = expert;
  const std::int64_t n_reasons = TRY(fields.number_up_to(kReasonMax));
  for (std::int64_t i = 0; i < n_reasons; ++i) {
    const std::int64_t reason = TRY(fields.number_up_to(kReasonMax));
    if (reason == 0) return fail(ErrorCode::corrupt_data, "an explanation has no reason");
    out.reasons.push_back(static_cast<Reason>(reason));
  }
  out.best = TRY(fields.text());
  out.score = from_millionths(TRY(fields.number()));
  out.everyday_score = from_millionths(TRY(fields.number()));
  const std::int64_t certainty = TRY(fields.number());
  if (certainty >= 0) out.certainty = from_millionths(certainty);
  for (double* value : {&out.settings.certainty_min, &out.settings.score_min,
                        &out.settings.score_strong, &out.settings.everyday_margin}) {
    *value = from_millionths(TRY(fields.number()));
  }
  return out;
}

void write_departure(FieldWriter& out, const Departure& departure) {
  out.number(departure.outbox_id);
  for (const std::uint64_t n : {departure.n_bytes, departure.n_replaced, departure.n_left_out,
                                std::uint64_t{departure.release}, departure.n_citations}) {
    out.number(static_cast<std::int64_t>(n));
  }
  out.number(departure.price.value);
}

Result<Departure> read_departure(FieldReader& fields) {
  Departure out;
  out.outbox_id = TRY(fields.number());
  out.n_bytes = static_cast<std::uint64_t>(TRY(fields.number()));
  out.n_replaced = static_cast<std::uint64_t>(TRY(fields.number()));
  out.n_left_out = static_cast<std::uint64_t>(TRY(fields.number()));
  out.release = static_cast<std::uint32_t>(TRY(fields.number_up_to(UINT32_MAX)));
  out.n_citations = static_cast<std::uint64_t>(TRY(fields.number()));
  out.price.value = TRY(fields.number());
  return out;
}

Result<Explanation> decode(const Record& record) {
  auto fields = TRY(FieldReader::open(record.content, kExplanationVersion));
  Explanation out;
  out.time_ms = TRY(fields.number());
  out.route = TRY(read_route(fields));
  const std::int64_t n_slots = TRY(fields.number_up_to(kSlots.size()));
  for (std::int64_t i = 0; i < n_slots; ++i) {
    const std::int64_t slot = TRY(fields.number_up_to(kSlots.size()));
    if (slot == 0) return fail(ErrorCode::corrupt_data, "an explanation has no slot");
    out.slots.push_back(static_cast<Slot>(slot));
  }
  if (TRY(fields.number_up_to(1)) == 1) out.departure = TRY(read_departure(fields));
  if (fields.version() < 2) return out;
  const std::int64_t n_recalled = TRY(fields.number_up_to(kRecalledMax));
  for (std::int64_t i = 0; i < n_recalled; ++i) {
    const std::int64_t id = TRY(fields.number());
    out.recalled.push_back({id, TRY(fields.number())});
  }
  if (fields.version() < 3) return out;
  if (TRY(fields.number_up_to(1)) == 1) {
    AdapterUsed adapter;
    adapter.version = TRY(fields.number());
    adapter.time_ms = TRY(fields.number());
    adapter.n_turns = TRY(fields.number());
    out.adapter = adapter;
  }
  if (fields.version() < 4) return out;
  const std::int64_t n_places = TRY(fields.number_up_to(kRecalledMax));
  for (std::int64_t i = 0; i < n_places; ++i) {
    const std::int64_t document = TRY(fields.number());
    out.places.push_back({document, TRY(fields.number())});
  }
  const std::int64_t n_facts = TRY(fields.number_up_to(kFactsMax));
  for (std::int64_t i = 0; i < n_facts; ++i) out.facts.push_back(TRY(fields.number()));
  return out;
}

/// Where the document was forgotten since, nothing of it is known any more.
std::string used_text(const UsedPlace& used, std::span<const OwnDocument> documents) {
  const auto found = std::ranges::find(documents, used.document, &OwnDocument::id);
  if (found == documents.end()) return "used: a document of yours that is forgotten";
  return "used: " + place_text(*found, used.place) + " of your documents (" + found->path + ")";
}

using DateOf = std::function<std::string(std::int64_t)>;

/// One line for each fact that was used.
void add_facts(const Explanation& explanation, std::span<const Fact> known, const DateOf& date_of,
               std::vector<std::string>& lines) {
  std::size_t n_forgotten = 0;
  for (const std::int64_t id : explanation.facts) {
    const auto found = std::ranges::find(known, id, &Fact::id);
    if (found == known.end()) {
      ++n_forgotten;
      continue;
    }
    std::string line = "used: " + phrase_of(*found);
    if (found->was_noticed()) {
      line += ", as you said on " + date_of(found->since_ms);
      if (found->source.turn != 0)
        line += " (plmm memory show " + std::to_string(found->source.turn) + ")";
    }
    lines.push_back(std::move(line));
  }
  if (n_forgotten > 0)
    lines.push_back("used: " + std::to_string(n_forgotten) + " more that " +
                    (n_forgotten == 1 ? "is" : "are") + " forgotten since");
}

}  // namespace

std::vector<std::string> explain(const Explanation& explanation, std::span<const Fact> known,
                                 const DateOf& date_of, std::span<const OwnDocument> documents) {
  std::vector<std::string> lines;
  const Route& route = explanation.route;
  lines.push_back(explanation.departure && route.expert
                      ? "answered by " + *route.expert + " (release " +
                            std::to_string(explanation.departure->release) + ")"
                      : "answered on this device");
  for (const Reason reason : route.reasons) lines.push_back("because " + sentence(reason, route));
  std::string used;
  for (const Slot slot : explanation.slots) {
    used.append(used.empty() ? "" : ", ").append(name_of(slot));
  }
  if (!explanation.departure) {
    lines.push_back("used: your profile (" + (used.empty() ? "empty" : used) + ")");
    add_facts(explanation, known, date_of, lines);
    for (const Used& one : explanation.recalled) {
      lines.push_back("used: what you said before (plmm memory show " + std::to_string(one.id) +
                      ")");
    }
    for (const UsedPlace& one : explanation.places) lines.push_back(used_text(one, documents));
    if (const auto& adapter = explanation.adapter) {
      lines.push_back("used: a personal adapter, version " + std::to_string(adapter->version) +
                      ", learnt from " + std::to_string(adapter->n_turns) + " of your turns on " +
                      date_of(adapter->time_ms) + " (plmm learn status)");
    }
    lines.push_back("left the device: nothing");
    return lines;
  }
  const Departure& departure = *explanation.departure;
  lines.push_back("left the device: " + std::to_string(departure.n_bytes) + " bytes, entry " +
                  std::to_string(departure.outbox_id) +
                  " of the outbox; replaced: " + std::to_string(departure.n_replaced) +
                  "; left out: " + std::to_string(departure.n_left_out));
  lines.push_back("cites " + std::to_string(departure.n_citations) +
                  (departure.n_citations == 1 ? " passage, cost " : " passages, cost ") +
                  to_text(departure.price));
  return lines;
}

Result<> Explanations::keep(const Explanation& explanation) {
  FieldWriter out(kExplanationVersion);
  out.number(explanation.time_ms);
  write_route(out, explanation.route);
  out.number(static_cast<std::int64_t>(explanation.slots.size()));
  for (const Slot slot : explanation.slots) out.number(static_cast<int>(slot));
  out.number(explanation.departure ? 1 : 0);
  if (explanation.departure) write_departure(out, *explanation.departure);
  out.number(static_cast<std::int64_t>(explanation.recalled.size()));
  for (const Used& one : explanation.recalled) out.number(one.id).number(one.time_ms);
  out.number(explanation.adapter ? 1 : 0);
  if (const auto& adapter = explanation.adapter)
    out.number(adapter->version).number(adapter->time_ms).number(adapter->n_turns);
  out.number(static_cast<std::int64_t>(explanation.places.size()));
  for (const UsedPlace& one : explanation.places) out.number(one.document).number(one.place);
  out.number(static_cast<std::int64_t>(explanation.facts.size()));
  for (const std::int64_t fact : explanation.facts) out.number(fact);
  const auto content = out.take();
  return vault_->change([&](Edit& edit) -> Result<> {
    const auto records = TRY(edit.read(Area::explanation));
    if (records.empty()) {
      TRY(edit.add(Area::explanation, content));
      return {};
    }
    return edit.replace(Area::explanation, records[0].id, content);
  });
}

Result<std::optional<Explanation>> Explanations::last() {
  const auto records = TRY(vault_->read(Area::explanation));
  if (records.empty()) return std::nullopt;
  return TRY(decode(records[0]));
}

}  // namespace plmm::personal
