// Nothing leaves before it is shown, approved and recorded; no verdict counts before it holds.
#include "personal/contributing.h"

#include <algorithm>
#include <utility>

#include "protocol/ids.h"

namespace plmm::personal {
namespace {

void add_lines(std::vector<std::string>& out, std::string_view label, std::string_view text) {
  std::string_view before = label;
  for (const auto& line : lines_of(text)) {
    out.push_back(std::string(before) + line);
    before = "  ";
  }
}

std::vector<std::string> lines_of_contribution(const protocol::Contribution& contribution) {
  std::vector<std::string> out;
  add_lines(out, "question: ", contribution.question);
  add_lines(out, "correct: ", contribution.correction);
  for (const auto& answer : contribution.answers) add_lines(out, "answer: ", answer);
  add_lines(out, "licence: ", contribution.licence);
  return out;
}

/// Whether both say the same, whenever and under whatever id.
bool says_the_same(const protocol::Contribution& a, const protocol::Contribution& b) {
  return a.expert == b.expert && a.question == b.question && a.correction == b.correction &&
         a.answers == b.answers && a.licence == b.licence && a.contributor == b.contributor;
}

}  // namespace

Result<std::string> Contributing::redacted(const Personal<std::string>& text,
                                           std::vector<privacy::Replacement>& replaced) {
  auto redaction = parts_.redactor.redact(text.reveal(Purpose::redact));
  for (auto& replacement : redaction.replacements) {
    const bool is_there = std::ranges::any_of(
        replaced, [&](const auto& one) { return one.placeholder == replacement.placeholder; });
    if (!is_there) replaced.push_back(std::move(replacement));
  }
  return std::move(redaction.text);
}

Result<std::optional<Contributing::Prepared>> Contributing::sent_before(
    const protocol::ExpertCard& card, const protocol::Contribution& wanted) {
  for (OutboxEntry& entry : TRY(Outbox(parts_.vault).list())) {
    if (entry.kind != OutboxKind::contribution || entry.expert != card.name) continue;
    auto sent = TRY(protocol::parse_contribution(entry.bytes.reveal(Purpose::compare)));
    if (!says_the_same(sent, wanted)) continue;
    return Prepared{card, std::move(sent), std::move(entry), {}};
  }
  return std::nullopt;
}

Result<> Contributing::check_leaks(const Prepared& prepared) const {
  const auto& contribution = prepared.contribution;
  std::vector<std::string_view> texts{contribution.question, contribution.correction,
                                      contribution.licence};
  texts.insert(texts.end(), contribution.answers.begin(), contribution.answers.end());
  return outgoing_.check_leaks(prepared.entry.bytes.reveal(Purpose::compare), texts);
}

Result<ContributionPreview> Contributing::prepare(const Correction& correction) {
  prepared_.reset();
  TRY(outgoing_.learn());
  const auto card = TRY(parts_.expert.card());
  TRY(protocol::check(card));
  std::vector<privacy::Replacement> replaced;
  protocol::Contribution contribution;
  contribution.id.value = protocol::make_id();
  contribution.expert = card.name;
  contribution.question = TRY(redacted(correction.question, replaced));
  contribution.correction = TRY(redacted(correction.statement, replaced));
  for (const auto& answer : correction.answers) {
    contribution.answers.push_back(TRY(redacted(answer, replaced)));
  }
  contribution.licence = correction.licence;
  contribution.time_ms = parts_.clock();
  TRY(protocol::check(contribution));
  protocol::sign_contribution(contribution, parts_.contributor);

  auto before = TRY(sent_before(card, contribution));
  auto prepared = before ? *std::move(before) : Prepared{card, std::move(contribution), {}, {}};
  if (prepared.entry.id == 0) {
    prepared.entry.kind = OutboxKind::contribution;
    prepared.entry.time_ms = prepared.contribution.time_ms;
    prepared.entry.expert = card.name;
    prepared.entry.bytes = Personal(TRY(protocol::to_json(prepared.contribution)));
  }
  TRY(check_leaks(prepared));
  prepared.key = TRY(outgoing_.key_standing(card));
  ContributionPreview out{.expert = card.name,
                          .bytes = prepared.entry.bytes.reveal(Purpose::show_owner),
                          .lines = lines_of_contribution(prepared.contribution),
                          .replaced = replaced_of(replaced),
                          .key = prepared.key,
                          .was_sent = prepared.entry.id != 0};
  prepared_ = std::move(prepared);
  return out;
}

Result<ContributionEnd> Contributing::send(const Cancel& cancel) {
  if (!prepared_) {
    return fail(ErrorCode::invalid_argument, "no correction is prepared, so nothing was sent");
  }
  Prepared prepared = std::move(*prepared_);
  prepared_.reset();
  TRY(check_leaks(prepared));
  if (cancel.requested()) return fail(ErrorCode::cancelled, "stopped. Nothing was sent");
  const protocol::ExpertCard& card = prepared.card;
  TRY(outgoing_.remember_key(card, prepared.key));
  Outbox outbox(parts_.vault);
  OutboxEntry& entry = prepared.entry;
  entry.state = Sending::on_its_way;
  if (entry.id == 0) {
    entry.id = TRY(outbox.add(entry));
  } else {
    TRY(outbox.update(entry));
  }
  auto verdict = parts_.expert.contribute(prepared.contribution, cancel);
  if (verdict) {
    const auto checked = protocol::check_verdict(card, prepared.contribution, *verdict);
    if (!checked) verdict = std::unexpected(checked.error());
  }
  if (!verdict) {
    entry.state = Sending::failed;
    std::string what = card.name + ": " + verdict.error().what.substr(0, kErrorBytesShown) +
                       ". The same correction can be sent again";
    const auto kept = outbox.update(entry);
    if (!kept) what += "; the outbox could not be brought up to date: " + kept.error().what;
    return fail(verdict.error().code, std::move(what));
  }
  entry.verdict = *verdict;
  entry.state = Sending::paid;
  TRY(outbox.update(entry));
  return ContributionEnd{.verdict = *std::move(verdict),
                         .outbox_id = entry.id,
                         .n_bytes = entry.bytes.reveal(Purpose::compare).size()};
}

}  // namespace plmm::personal
