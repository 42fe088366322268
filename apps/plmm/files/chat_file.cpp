// nlohmann-json parses without exceptions here; each field is checked before it is used.
#include "apps/plmm/files/chat_file.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace plmm::files {
namespace {

constexpr std::string_view kFormat = "plmm-chat";
constexpr int kVersion = 1;
// The format has three levels; the parser's own recursion must not follow a file that has a
// million.
constexpr int kDepthMax = 8;

using Json = nlohmann::ordered_json;

/// Parses; nothing for text that is no JSON or is nested too deep.
Json parse_bounded(std::string_view text) {
  bool too_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > kDepthMax;
    return !too_deep;
  };
  auto out = Json::parse(text, watch, false);
  return too_deep ? Json(Json::value_t::discarded) : out;
}

Result<std::string> string_of(const Json& object, const char* key, std::string_view where) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) {
    return fail(ErrorCode::corrupt_data, fmt::format("{}: '{}' is missing or no text", where, key));
  }
  return found->get<std::string>();
}

/// Turns alternate, and the user begins: what every chat template expects.
Result<text::Message> parse_message(const Json& json, std::size_t i, std::string_view name) {
  const auto where = fmt::format("{}: message {}", name, i + 1);
  if (!json.is_object()) return fail(ErrorCode::corrupt_data, where + ": not an object");
  const auto role = TRY(string_of(json, "role", where));
  const std::string_view expected = i % 2 == 0 ? "user" : "assistant";
  if (role != expected) {
    return fail(ErrorCode::corrupt_data,
                fmt::format("{}: role must be '{}' here", where, expected));
  }
  return text::Message{i % 2 == 0 ? text::Role::user : text::Role::assistant,
                       TRY(string_of(json, "content", where))};
}

}  // namespace

std::string to_json(const SavedChat& chat) {
  auto messages = Json::array();
  for (const auto& message : chat.messages) {
    messages.push_back({{"role", message.role == text::Role::user ? "user" : "assistant"},
                        {"content", message.content}});
  }
  const Json out{{"format", kFormat},
                 {"version", kVersion},
                 {"model", chat.model},
                 {"system", chat.system},
                 {"messages", std::move(messages)}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<SavedChat> parse_chat(std::string_view json, std::string_view name) {
  if (json.size() > kChatBytesMax) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("{}: larger than {} bytes", name, kChatBytesMax));
  }
  const auto root = parse_bounded(json);
  if (root.is_discarded() || !root.is_object()) {
    return fail(ErrorCode::corrupt_data, fmt::format("{}: not a JSON object", name));
  }
  if (TRY(string_of(root, "format", name)) != kFormat) {
    return fail(ErrorCode::corrupt_data,
                fmt::format("{}: not a saved chat (format is not '{}')", name, kFormat));
  }
  const auto version = root.find("version");
  if (version == root.end() || !version->is_number_unsigned()) {
    return fail(ErrorCode::corrupt_data,
                fmt::format("{}: 'version' is missing or no number", name));
  }
  if (version->get<std::uint64_t>() != kVersion) {
    return fail(ErrorCode::unsupported, fmt::format("{}: version {}, this plmm reads version {}",
                                                    name, version->get<std::uint64_t>(), kVersion));
  }
  SavedChat out;
  out.model = TRY(string_of(root, "model", name));
  out.system = TRY(string_of(root, "system", name));
  const auto messages = root.find("messages");
  if (messages == root.end() || !messages->is_array() || messages->size() % 2 != 0) {
    return fail(
        ErrorCode::corrupt_data,
        fmt::format("{}: 'messages' must be a list of questions, each with its answer", name));
  }
  if (messages->size() > kChatMessagesMax) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("{}: more than {} messages", name, kChatMessagesMax));
  }
  for (std::size_t i = 0; i < messages->size(); ++i) {
    out.messages.push_back(TRY(parse_message((*messages)[i], i, name)));
  }
  return out;
}

}  // namespace plmm::files
