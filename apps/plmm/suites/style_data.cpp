// From conversations of two to turns of one; see style_data.h.
#include "apps/plmm/suites/style_data.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/json_object.h"

namespace plmm::suites {
namespace {

using Json = nlohmann::json;

constexpr int kDepthMax = 8;

struct Said {
  std::string sender;
  std::string text;  // its messages, a line each
};
struct Conversation {
  std::string time;  // of the first message: "2018-05-02T19:38:15Z"
  std::vector<Said> said;
};

std::string text_of(const Json& message, const char* key) {
  const auto found = message.find(key);
  return found != message.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Conversation conversation_of(const Json& messages) {
  Conversation out;
  for (const Json& group : messages) {
    if (!group.is_array()) continue;
    for (const Json& message : group) {
      if (!message.is_object()) continue;
      const auto sender = text_of(message, "sender");
      if (out.time.empty()) out.time = text_of(message, "timestamp");
      const bool goes_on = !out.said.empty() && out.said.back().sender == sender;
      if (!goes_on) out.said.push_back({sender, {}});
      auto& text = out.said.back().text;
      if (!text.empty()) text += '\n';
      text += text_of(message, "text");
    }
  }
  return out;
}

void add_turns(const Conversation& conversation, const std::string& person, StyleUser& user) {
  const auto number = static_cast<std::int64_t>(++user.n_dialogues);
  const auto add = [&](std::string said, std::string answer) {
    personal::Turn turn;
    turn.id = static_cast<std::int64_t>(user.turns.size()) + 1;
    turn.conversation = number;
    turn.said = Personal(std::move(said));
    turn.answer = Personal(std::move(answer));
    user.turns.push_back(std::move(turn));
  };
  bool is_open = false;  // the last turn has no answer yet
  for (const Said& one : conversation.said) {
    if (one.sender == person) {
      add(one.text, {});
      is_open = true;
    } else if (is_open) {
      user.turns.back().answer = Personal(one.text);
      is_open = false;
    } else {
      add({}, one.text);
    }
  }
}

/// Calls `take` with each conversation and its key.
template <class Take>
Result<> each_conversation(std::string_view json, const Take& take) {
  const auto object = parse_object<Json>(json, kDepthMax);
  if (object.is_discarded()) return fail(ErrorCode::corrupt_data, "it is no JSON object");
  for (const auto& [key, conversation] : object.items()) {
    const auto messages = conversation.find("messages");
    if (messages != conversation.end() && messages->is_array())
      take(key, conversation_of(*messages));
  }
  return {};
}

}  // namespace

Result<Dialogues> parse_dialogues(std::string_view json) {
  Dialogues out;
  TRY(each_conversation(json, [&](const std::string& key, const Conversation& conversation) {
    for (const Said& one : conversation.said) out[key].push_back(one.text);
  }));
  return out;
}

Result<std::vector<StyleUser>> parse_chitchat(std::string_view json, std::size_t n_max) {
  std::vector<Conversation> all;
  TRY(each_conversation(json, [&](const std::string&, Conversation conversation) {
    all.push_back(std::move(conversation));
  }));
  std::ranges::stable_sort(all, {}, &Conversation::time);
  std::map<std::string, std::vector<const Conversation*>> by_person;
  for (const Conversation& one : all) {
    std::vector<std::string> people;
    for (const Said& said : one.said) people.push_back(said.sender);
    std::ranges::sort(people);
    const auto [repeated, end] = std::ranges::unique(people);
    people.erase(repeated, end);
    for (const auto& person : people) by_person[person].push_back(&one);
  }
  if (by_person.empty()) return fail(ErrorCode::corrupt_data, "it has no conversations");
  std::vector<std::pair<std::string, std::vector<const Conversation*>>> heaviest(by_person.begin(),
                                                                                 by_person.end());
  std::ranges::stable_sort(heaviest, std::greater(),
                           [](const auto& person) { return person.second.size(); });
  heaviest.resize(std::min(n_max, heaviest.size()));
  std::vector<StyleUser> out;
  for (const auto& [person, conversations] : heaviest) {
    StyleUser user;
    for (const Conversation* one : conversations) add_turns(*one, person, user);
    out.push_back(std::move(user));
  }
  return out;
}

}  // namespace plmm::suites
