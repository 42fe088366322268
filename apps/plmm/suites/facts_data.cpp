// Labels into turns, proposals against labels; see facts_data.h.
#include "apps/plmm/suites/facts_data.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json_object.h"

namespace plmm::suites {
namespace {

using Json = nlohmann::json;

constexpr int kDepthMax = 4;

Result<std::size_t> number_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_unsigned())
    return fail(ErrorCode::corrupt_data, std::string("'") + key + "' is missing or no number");
  return found->get<std::size_t>();
}

Result<std::string> said_in(const Json& object, const Dialogues& dialogues) {
  if (const auto own = object.find("said"); own != object.end() && own->is_string())
    return own->get<std::string>();
  const auto key = object.find("dialogue");
  if (key == object.end() || !key->is_string())
    return fail(ErrorCode::corrupt_data, "it has neither 'said' nor 'dialogue'");
  const std::size_t turn = TRY(number_of(object, "turn"));
  const auto found = dialogues.find(key->get<std::string>());
  if (found == dialogues.end() || turn >= found->second.size())
    return fail(ErrorCode::not_found, "its turn is not in the package. Run: plmm pull chitchat");
  return found->second[turn];
}

Result<FactLabel> label_of(const Json& json, std::size_t n_bytes) {
  if (!json.is_object() || !json.contains("kind") || !json["kind"].is_string())
    return fail(ErrorCode::corrupt_data, "a fact has no 'kind'");
  const auto kind = personal::slot_named(json["kind"].get<std::string>());
  if (!kind) return fail(ErrorCode::corrupt_data, "a fact's 'kind' is no slot of the profile");
  const FactLabel out{*kind, {TRY(number_of(json, "begin")), TRY(number_of(json, "end"))}};
  if (out.value.begin < out.value.end && out.value.end <= n_bytes) return out;
  return fail(ErrorCode::corrupt_data, "a fact's bytes are not in its turn");
}

Result<LabelledTurn> turn_of(std::string_view line, const Dialogues& dialogues) {
  const auto object = parse_object<Json>(line, kDepthMax);
  if (object.is_discarded()) return fail(ErrorCode::corrupt_data, "it is no JSON object");
  LabelledTurn out;
  out.said = TRY(said_in(object, dialogues));
  const auto facts = object.find("facts");
  if (facts == object.end() || !facts->is_array())
    return fail(ErrorCode::corrupt_data, "'facts' is missing or no list");
  for (const Json& fact : *facts) out.facts.push_back(TRY(label_of(fact, out.said.size())));
  return out;
}

std::size_t size_of(const personal::Span& span) { return span.end - span.begin; }

bool is_same(const personal::Noticed& proposal, const FactLabel& label) {
  if (proposal.slot != label.kind || proposal.ended) return false;
  const std::size_t begin = std::max(proposal.value.begin, label.value.begin);
  const std::size_t end = std::min(proposal.value.end, label.value.end);
  return begin < end &&
         2 * (end - begin) >= std::max(size_of(proposal.value), size_of(label.value));
}

}  // namespace

bool names_dialogues(std::string_view jsonl) { return jsonl.contains("\"dialogue\""); }

Result<std::vector<LabelledTurn>> parse_fact_labels(std::string_view jsonl,
                                                    const Dialogues& dialogues) {
  std::vector<LabelledTurn> out;
  std::size_t n_lines = 0;
  while (!jsonl.empty()) {
    const std::string_view line = jsonl.substr(0, jsonl.find('\n'));
    jsonl.remove_prefix(std::min(jsonl.size(), line.size() + 1));
    ++n_lines;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (out.size() == kLabelledTurnsMax)
      return fail(ErrorCode::limit_exceeded, "it has over 100,000 turns");
    auto turn = turn_of(line, dialogues);
    if (!turn)
      return fail(turn.error().code, "line " + std::to_string(n_lines) + ": " + turn.error().what);
    out.push_back(std::move(*turn));
  }
  if (out.empty()) return fail(ErrorCode::corrupt_data, "it has no turns");
  return out;
}

double FactScore::precision() const {
  return n_proposed == 0 ? 1 : static_cast<double>(n_right) / static_cast<double>(n_proposed);
}

double FactScore::recall() const {
  return n_labels == 0 ? 1 : static_cast<double>(n_right) / static_cast<double>(n_labels);
}

FactScore score(const LabelledTurn& turn, const std::vector<personal::Noticed>& proposed) {
  FactScore out{0, proposed.size(), turn.facts.size()};
  std::vector<bool> is_taken(turn.facts.size());
  for (const auto& proposal : proposed) {
    for (std::size_t i = 0; i < turn.facts.size(); ++i) {
      if (is_taken[i] || !is_same(proposal, turn.facts[i])) continue;
      is_taken[i] = true;
      ++out.n_right;
      break;
    }
  }
  return out;
}

}  // namespace plmm::suites
