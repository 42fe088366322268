// Lines are told apart by their fields and read by the reader of their kind.
#include "measure/eval_file.h"

#include <algorithm>
#include <string>

#include "base/file.h"
#include "eval/line_kind.h"
#include "text/unicode.h"

namespace plmm::measure {
namespace {

constexpr std::string_view kExpected =
    "a line has \"question\" with \"answers\" or \"choices\", or \"text\", or \"messages\" "
    "(plmm help eval)";

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// Whether the name promises JSON, so that anything else is a mistake and no text.
bool is_named_json(std::string_view name) {
  return name.ends_with(".json") || name.ends_with(".jsonl") || name.ends_with(".ndjson");
}

class Reading {
 public:
  explicit Reading(std::string_view name) : name_(name) {}

  Result<> line(std::string_view text, std::uint64_t number) {
    if (text.size() > kEvalLineBytesMax) {
      return wrong(number, ErrorCode::limit_exceeded,
                   "it has more than " + std::to_string(kEvalLineBytesMax) +
                       " bytes; cut it into several lines");
    }
    const auto kind = eval::kind_of_line(text);
    if (kind == eval::LineKind::none)
      return wrong(number, ErrorCode::corrupt_data, "it is no JSON object");
    if (kind == eval::LineKind::object)
      return wrong(number, ErrorCode::corrupt_data, std::string(kExpected));
    if (out_.size() == kEvalItemsMax) {
      return wrong(number, ErrorCode::limit_exceeded,
                   "a file has at most " + std::to_string(kEvalItemsMax) + " lines");
    }
    if (kind == eval::LineKind::document) return document(text, number);
    if (kind == eval::LineKind::choice)
      return keep(eval::read_choice_line(text), out_.choices, number);
    return keep(eval::read_exam_line(text), out_.questions, number);
  }

  void text(std::string_view text) {
    train::Document document;
    document.text = text;
    document.file = name_;
    document.line = 1;
    out_.texts.push_back(std::move(document));
  }

  EvalFile take() { return std::move(out_); }

 private:
  std::unexpected<Error> wrong(std::uint64_t number, ErrorCode code, const std::string& why) const {
    return fail(code, name_ + ": line " + std::to_string(number) + ": " + why);
  }

  template <class Item>
  Result<> keep(Result<Item> item, std::vector<AtLine<Item>>& to, std::uint64_t number) const {
    if (!item) return wrong(number, item.error().code, item.error().what);
    to.push_back({*std::move(item), number});
    return {};
  }

  /// As training reads it, but what training would drop is an error here.
  Result<> document(std::string_view text, std::uint64_t number) {
    train::Documents documents;
    TRY(train::add_documents(text, name_, documents));
    if (documents.all.empty())
      return wrong(number, ErrorCode::corrupt_data, documents.dropped.front().why);
    train::Document& document = documents.all.front();
    if (!document.chosen.empty()) {
      return wrong(number, ErrorCode::corrupt_data,
                   "a pair of answers is for learning: plmm train lora");
    }
    document.line = number;
    auto& to = document.messages.empty() ? out_.texts : out_.chats;
    to.push_back(std::move(document));
    return {};
  }

  std::string name_;
  EvalFile out_;
};

Result<> check_bytes(std::string_view bytes, const std::string& name) {
  if (bytes.size() > kEvalBytesMax) {
    return fail(ErrorCode::limit_exceeded, name + ": larger than " + std::to_string(kEvalBytesMax) +
                                               " bytes; cut it into several files");
  }
  if (is_blank(bytes)) {
    return fail(ErrorCode::corrupt_data,
                name + ": is empty; give JSON Lines or text: " + std::string(kExpected));
  }
  const std::size_t bad = std::min(text::valid_bytes(bytes), bytes.find('\0'));
  if (bad >= bytes.size()) return {};
  const auto line = 1 + std::ranges::count(bytes.substr(0, bad), '\n');
  return fail(ErrorCode::corrupt_data,
              name + ": line " + std::to_string(line) +
                  ": it is no UTF-8 text; give JSON Lines or text: " + std::string(kExpected));
}

}  // namespace

Result<EvalFile> read_eval_file(std::string_view bytes, std::string_view name) {
  TRY(check_bytes(bytes, std::string(name)));
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  Reading reading(name);
  const bool begins_object = bytes[bytes.find_first_not_of(" \t\r\n")] == '{';
  if (!begins_object && !is_named_json(name)) {
    reading.text(bytes);
    return reading.take();
  }
  std::string_view rest = bytes;
  for (std::uint64_t number = 1; !rest.empty(); ++number) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (is_blank(line)) continue;
    // A chat that was saved is one object over many lines.
    if (number == 1 && eval::kind_of_line(line) == eval::LineKind::none &&
        eval::kind_of_line(bytes) != eval::LineKind::none) {
      TRY(reading.line(bytes, number));
      break;
    }
    TRY(reading.line(line, number));
  }
  return reading.take();
}

Result<EvalFile> read_eval_file(const std::filesystem::path& path) {
  const std::string bytes = TRY(read_file(path, kEvalBytesMax));
  return read_eval_file(bytes, path.string());
}

void keep_first(EvalFile& file, std::size_t n) {
  const auto cut = [n](auto& items) {
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(std::min(n, items.size())),
                items.end());
  };
  cut(file.questions);
  cut(file.choices);
  cut(file.texts);
  cut(file.chats);
}

}  // namespace plmm::measure
