// Reading of chats and texts.
#include "train/documents.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json_object.h"
#include "text/unicode.h"

namespace plmm::train {
namespace {

using Json = nlohmann::json;

constexpr int kJsonDepthMax = 8;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// The text of a message: a string, or the parts that chat interfaces write.
std::optional<std::string> content_of(const Json& message) {
  const auto at = message.find("content");
  if (at == message.end()) return {};
  if (at->is_string()) return at->get<std::string>();
  if (!at->is_array()) return {};
  std::string out;
  for (const Json& part : *at) {
    if (!part.is_object() || part.value("type", Json()) != "text") return {};
    const auto text = part.find("text");
    if (text == part.end() || !text->is_string()) return {};
    out += text->get<std::string>();
  }
  return out;
}

std::optional<text::Role> role_of(const Json& message) {
  const Json role = message.value("role", Json());
  if (role == "system" || role == "developer") return text::Role::system;
  if (role == "user") return text::Role::user;
  if (role == "assistant") return text::Role::assistant;
  return {};
}

/// What is wrong with the order of turns; empty: nothing.
std::string_view order_error(const std::vector<text::Message>& messages) {
  std::size_t first = 0;
  if (!messages.empty() && messages[0].role == text::Role::system) first = 1;
  for (std::size_t i = first; i < messages.size(); ++i) {
    const auto want = (i - first) % 2 == 0 ? text::Role::user : text::Role::assistant;
    if (messages[i].role != want) return "turns do not go user, assistant, user, …";
    if (want == text::Role::assistant && trimmed(messages[i].content).empty())
      return "an answer is empty";
  }
  return messages.size() < first + 2 ? "there is no answer to learn from" : "";
}

/// Adds the messages of a list; what is wrong with one of them.
std::string read_messages(const Json& list, std::vector<text::Message>& out) {
  if (list.size() > kMessagesMax) return "more than 10,000 messages";
  for (const Json& message : list) {
    if (!message.is_object()) return "a message is no object";
    const auto role = role_of(message);
    if (!role) return "a role is not system, user or assistant";
    auto content = content_of(message);
    if (!content) return "a message has no text as its content";
    out.push_back({*role, std::move(*content)});
  }
  return "";
}

/// The chat of an object; what is wrong where there is none.
std::string read_chat(const Json& object, Document& out) {
  const Json& messages = object["messages"];
  if (!messages.is_array()) return "\"messages\" is no list";
  const auto system = object.find("system");  // a saved chat has it beside the messages
  if (system != object.end() && system->is_string() && !system->get<std::string>().empty())
    out.messages.push_back({text::Role::system, system->get<std::string>()});
  std::string wrong = read_messages(messages, out.messages);
  return wrong.empty() ? std::string(order_error(out.messages)) : wrong;
}

/// One of two answers: a text, or messages that end with it; those before it go to `before`.
std::string read_answer(const Json& side, std::vector<text::Message>& before, std::string& out) {
  if (side.is_string()) {
    out = side.get<std::string>();
  } else {
    if (!side.is_array()) return "\"chosen\" or \"rejected\" is no text and no list of messages";
    if (auto wrong = read_messages(side, before); !wrong.empty()) return wrong;
    if (before.empty() || before.back().role != text::Role::assistant)
      return "\"chosen\" or \"rejected\" does not end with an answer";
    out = std::move(before.back().content);
    before.pop_back();
  }
  return trimmed(out).empty() ? "an answer is empty" : "";
}

/// Two answers to one turn; what is wrong with them.
std::string read_pair(const Json& object, Document& out) {
  if (!object.contains("chosen") || !object.contains("rejected"))
    return "has only one of \"chosen\" and \"rejected\"";
  const auto prompt = object.find("prompt");
  if (prompt != object.end() && prompt->is_string()) {
    out.messages.push_back({text::Role::user, prompt->get<std::string>()});
  } else if (prompt != object.end()) {
    if (!prompt->is_array()) return "\"prompt\" is no text and no list of messages";
    if (auto wrong = read_messages(*prompt, out.messages); !wrong.empty()) return wrong;
  }
  std::vector<text::Message> before, before_rejected;
  if (auto wrong = read_answer(object["chosen"], before, out.chosen); !wrong.empty()) return wrong;
  if (auto wrong = read_answer(object["rejected"], before_rejected, out.rejected); !wrong.empty())
    return wrong;
  if (before != before_rejected) return "its two answers stand behind different turns";
  std::ranges::move(before, std::back_inserter(out.messages));
  if (out.chosen == out.rejected) return "its two answers are the same";
  out.messages.push_back({text::Role::assistant, out.chosen});
  std::string wrong(order_error(out.messages));
  out.messages.pop_back();
  if (wrong.empty() && out.messages.back().role != text::Role::user)
    wrong = "turns do not go user, assistant, user, …";
  return wrong;
}

std::string read_object(std::string_view text, Document& out) {
  const Json object = parse_object<Json>(text, kJsonDepthMax);
  if (object.is_discarded()) return "is no JSON object";
  if (object.contains("messages")) return read_chat(object, out);
  if (object.contains("chosen") || object.contains("rejected")) return read_pair(object, out);
  const auto plain = object.find("text");
  if (plain == object.end() || !plain->is_string())
    return "has no \"messages\", no \"text\" and no \"chosen\"";
  out.text = plain->get<std::string>();
  return trimmed(out.text).empty() ? "its text is empty" : "";
}

class Reading {
 public:
  Reading(std::string_view name, Documents& out) : name_(name), out_(out) {}

  Result<> object(std::string_view text, std::uint64_t line) {
    Document document;
    const std::string wrong = read_object(text, document);
    if (wrong.empty()) return add(std::move(document), line);
    out_.dropped.push_back({name_, line, wrong});
    return {};
  }
  Result<> paragraph(std::string_view text, std::uint64_t line) {
    Document document;
    document.text = text;
    return add(std::move(document), line);
  }

 private:
  Result<> add(Document document, std::uint64_t line) {
    if (out_.all.size() == kDocumentsMax)
      return fail(ErrorCode::limit_exceeded, name_ + ": more than 1,000,000 documents in all");
    document.file = name_;
    document.line = line;
    out_.all.push_back(std::move(document));
    return {};
  }

  std::string name_;
  Documents& out_;
};

template <class Each>
Result<> for_each_line(std::string_view bytes, const Each& each) {
  for (std::uint64_t line = 1; !bytes.empty(); ++line) {
    const auto end = std::min(bytes.find('\n'), bytes.size());
    TRY(each(bytes.substr(0, end), line));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return {};
}

Result<> read_paragraphs(std::string_view bytes, Reading& reading) {
  const char* begin = nullptr;
  const char* end = nullptr;
  std::uint64_t first_line = 0;
  const auto flush = [&]() -> Result<> {
    if (begin == nullptr) return {};
    const std::string_view text(begin, static_cast<std::size_t>(end - begin));
    begin = nullptr;
    return reading.paragraph(text, first_line);
  };
  TRY(for_each_line(bytes, [&](std::string_view line, std::uint64_t number) -> Result<> {
    if (trimmed(line).empty()) return flush();
    if (begin == nullptr) {
      begin = line.data();
      first_line = number;
    }
    end = line.data() + line.size();
    return {};
  }));
  return flush();
}

}  // namespace

Result<> add_documents(std::string_view bytes, std::string_view name, Documents& out) {
  const std::string file(name);
  if (trimmed(bytes).empty()) {
    return fail(ErrorCode::corrupt_data, file +
                                             ": is empty; give a file of chats (JSON Lines) or "
                                             "of text");
  }
  const std::size_t n_valid = text::valid_bytes(bytes);
  const std::size_t bad = std::min(n_valid, bytes.find('\0'));
  if (bad < bytes.size()) {
    const auto line = 1 + std::ranges::count(bytes.substr(0, bad), '\n');
    return fail(ErrorCode::corrupt_data,
                file + ": line " + std::to_string(line) +
                    " is no UTF-8 text; give a file of chats (JSON Lines) or of text");
  }
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  Reading reading(name, out);
  if (!trimmed(bytes).starts_with('{')) return read_paragraphs(bytes, reading);
  const Json whole = parse_object<Json>(bytes, kJsonDepthMax);
  if (!whole.is_discarded()) return reading.object(bytes, 1);
  return for_each_line(bytes, [&](std::string_view line, std::uint64_t number) -> Result<> {
    if (trimmed(line).empty()) return {};
    return reading.object(line, number);
  });
}

Result<> add_documents(const std::filesystem::path& path, Documents& out) {
  const std::string bytes = TRY(read_file(path, kDataBytesMax));
  return add_documents(bytes, path.string(), out);
}

}  // namespace plmm::train
