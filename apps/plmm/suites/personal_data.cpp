// Two forms of JSON into turns and questions; see personal_data.h.
#include "apps/plmm/suites/personal_data.h"

#include <nlohmann/json.hpp>

#include "apps/plmm/own_data.h"
#include "base/json_object.h"

namespace plmm::suites {
namespace {

using Json = nlohmann::json;

constexpr int kDepthMax = 8;

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return {};
  return found->get<std::string>();
}

/// The list under a key; an empty one where there is none.
Json list_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) return Json::array();
  return *found;
}

std::vector<MemoryQuestion> questions_of(const Json& list, const char* kind) {
  std::vector<MemoryQuestion> out;
  for (const Json& one : list) {
    MemoryQuestion question{text_of(one, "question"), text_of(one, kind), {}};
    for (const Json& id : list_of(one, "evidence")) {
      if (id.is_string()) question.evidence.push_back(id.get<std::string>());
    }
    if (!question.text.empty() && !question.evidence.empty()) out.push_back(std::move(question));
  }
  return out;
}

PersonalData of_one_person(const Json& object) {
  PersonalData out;
  std::int64_t session = 0;
  for (const Json& one : list_of(object, "sessions")) {
    ++session;
    for (const Json& turn : list_of(one, "turns")) {
      out.turns.push_back(
          {text_of(turn, "id"), session, text_of(turn, "said"), text_of(turn, "answer")});
    }
  }
  out.questions = questions_of(list_of(object, "questions"), "kind");
  return out;
}

PersonalData of_two_speakers(const Json& object) {
  PersonalData out;
  for (std::int64_t session = 1;; ++session) {
    const auto key = "session_" + std::to_string(session);
    if (!object.contains(key)) break;
    for (const Json& turn : list_of(object, key.c_str())) {
      // Who speaks is part of what is remembered: the questions name them.
      out.turns.push_back({text_of(turn, "dia_id"), session,
                           text_of(turn, "speaker") + ": " + text_of(turn, "text"), ""});
    }
  }
  out.questions = questions_of(list_of(object, "qa"), "category");
  return out;
}

}  // namespace

personal::Turn said_now(const SpokenTurn& turn) {
  return {.id = 0,
          .time_ms = cli::now_ms(),
          .conversation = turn.session,
          .said = Personal(turn.said),
          .answer = Personal(turn.answer),
          .answered_by = {}};
}

Result<PersonalData> parse_personal_data(std::string_view json) {
  const auto object = parse_object<Json>(json, kDepthMax);
  if (object.is_discarded()) return fail(ErrorCode::corrupt_data, "it is no JSON object");
  auto out = object.contains("sessions") ? of_one_person(object) : of_two_speakers(object);
  if (out.turns.empty()) return fail(ErrorCode::corrupt_data, "it has no turns");
  if (out.questions.empty())
    return fail(ErrorCode::corrupt_data, "it has no question with evidence");
  return out;
}

}  // namespace plmm::suites
