// plmm outbox and plmm why: what left this device, and how the last answer came about.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/plmm/context.h"
#include "apps/plmm/own_data.h"
#include "apps/plmm/terminal/format.h"
#include "crypto/hash.h"
#include "personal/outbox.h"
#include "personal/why.h"

namespace plmm::cli {
namespace {

using personal::OutboxEntry;
using personal::Sending;

std::string_view name_of(Sending state) {
  switch (state) {
    case Sending::on_its_way:
      return "on its way";
    case Sending::answered:
      return "answered, payment open";
    case Sending::paid:
      return "answered and paid";
    case Sending::failed:
      return "failed, nothing paid";
    case Sending::unpaid:
      return "answered, payment refused";
  }
  return "";
}

std::string state_of(const OutboxEntry& entry) {
  if (entry.kind == personal::OutboxKind::question) return std::string(name_of(entry.state));
  if (entry.verdict)
    return entry.verdict->accepted() ? "correction, accepted" : "correction, refused";
  return "correction without a verdict; plmm correct sends the same again";
}

nlohmann::ordered_json json_of(const OutboxEntry& entry) {
  nlohmann::ordered_json out{{"id", entry.id},
                             {"time_ms", entry.time_ms},
                             {"expert", entry.expert},
                             {"bytes", entry.bytes.reveal(Purpose::show_owner)},
                             {"state", state_of(entry)},
                             {"price_max_microcredits", entry.price_max.value},
                             {"price_microcredits", entry.price.value}};
  if (entry.receipt) out["receipt_signature"] = crypto::to_hex(entry.receipt->signature.bytes);
  return out;
}

constexpr std::size_t kReceiptDigits = 8;  // enough to find it in the JSON

std::string text_of(const OutboxEntry& entry) {
  const auto& bytes = entry.bytes.reveal(Purpose::show_owner);
  std::string out = fmt::format("{}  {}  to {}: {}, {} bytes, {}\n", entry.id,
                                date_text(entry.time_ms), entry.expert, state_of(entry),
                                terminal::thousands(bytes.size()), to_text(entry.price));
  if (entry.receipt) {
    out.insert(
        out.size() - 1,
        ", receipt " + crypto::to_hex(entry.receipt->signature.bytes).substr(0, kReceiptDigits));
  }
  return out + terminal::wrap(bytes, 4) + "\n";
}

}  // namespace

Result<ExitCode> run_outbox(Context& context) {
  auto vault = TRY(open_vault(context));
  const auto entries = TRY(personal::Outbox(vault).list());
  if (context.arguments.has("--json")) {
    auto json = nlohmann::ordered_json::array();
    for (const auto& entry : entries) json.push_back(json_of(entry));
    context.console.data(
        json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
    return ExitCode::ok;
  }
  if (entries.empty()) context.console.note("Nothing has left this device.");
  for (const auto& entry : entries) context.console.answer(text_of(entry));
  return ExitCode::ok;
}

Result<ExitCode> run_why(Context& context) {
  auto vault = TRY(open_vault(context));
  const auto last = TRY(personal::Explanations(vault).last());
  if (!last) {
    context.console.note("There is no answer to explain yet. Run: plmm ask 'your question'");
    return ExitCode::ok;
  }
  for (const auto& line : TRY(explained(*last, vault))) context.console.answer(line + "\n");
  return ExitCode::ok;
}

}  // namespace plmm::cli
