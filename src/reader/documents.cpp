// Walks folders and gives each file to the reader of its kind.
#include "reader/documents.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/inflate.h"
#include "reader/articles.h"
#include "reader/dictionary.h"
#include "reader/folder.h"
#include "reader/html.h"
#include "reader/man_page.h"
#include "reader/plain_text.h"

namespace plmm::reader {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr int kJsonDepthMax = 16;

enum class Kind : std::uint8_t {
  text,
  markdown,
  html,
  man_page,
  json_lines,
  articles,
  dictionary,
  dictionary_text
};

/// What a name without ".gz" says.
std::optional<Kind> kind_of(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos) return {};
  const auto ending = name.substr(dot + 1);
  if (ending == "txt") return Kind::text;
  if (ending == "md" || ending == "markdown") return Kind::markdown;
  if (ending == "html" || ending == "htm" || ending == "xhtml") return Kind::html;
  if (ending == "jsonl") return Kind::json_lines;
  if (ending == "json") return Kind::articles;
  if (ending == "index") return Kind::dictionary;
  if (ending == "dict" || ending == "dz") return Kind::dictionary_text;
  const auto small = [](char c) { return c >= 'a' && c <= 'z'; };
  const bool section = !ending.empty() && ending[0] >= '1' && ending[0] <= '9';
  if (section && ending.size() <= 5 && std::ranges::all_of(ending.substr(1), small)) {
    return Kind::man_page;
  }
  return {};
}

/// One member of a JSON object of the library's owner.
std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

class Reading {
 public:
  Reading(fs::path root, const OnDocument& on_document, const Cancel& cancel,
          const ReadOptions& options)
      : root_(std::move(root)), on_document_(on_document), cancel_(cancel), options_(options) {}

  Result<> file(const fs::path& path) {
    if (cancel_.requested()) return fail(ErrorCode::cancelled, "stopped while reading documents");
    std::string name = path.filename().string();
    const bool packed = name.ends_with(".gz");
    if (packed) name.resize(name.size() - 3);
    const auto kind = kind_of(name);
    if (!kind) return skip("a kind of file that is not read");
    if (*kind == Kind::dictionary_text) return {};  // read with its index
    auto bytes = contents(path, packed);
    if (!bytes) return skip(bytes.error().what);
    if (*kind == Kind::dictionary) return dictionary(path, *bytes);
    if (const auto reason = why_no_text(*bytes); !reason.empty()) return skip(std::string(reason));
    if (*kind == Kind::json_lines) return json_lines(path, *bytes);
    if (*kind == Kind::articles) {
      return read_articles(stem_of(path), *bytes, options_.topic, on_document_, cancel_, report_);
    }
    return document(*kind, path, name, *bytes);
  }

  ReadReport take() { return std::move(report_); }

 private:
  Result<> skip(const std::string& reason) {
    ++report_.skipped[reason];
    return {};
  }

  /// The file's bytes, unpacked; the error is a reason to skip it.
  static Result<std::string> contents(const fs::path& path, bool packed) {
    auto bytes = read_file(path, kFileBytesMax);
    if (!bytes) {
      const bool large = bytes.error().code == ErrorCode::limit_exceeded;
      return fail(bytes.error().code, large ? "too large" : "not readable");
    }
    if (!packed) return bytes;
    auto unpacked = gunzip(std::as_bytes(std::span(*bytes)), kUnpackedBytesMax);
    if (!unpacked) {
      const bool large = unpacked.error().code == ErrorCode::limit_exceeded;
      return fail(unpacked.error().code, large ? "too large" : "a broken gzip file");
    }
    return unpacked;
  }

  /// What to call a file: its path below the folder that was named.
  std::string name_of(const fs::path& path) const {
    const auto relative = path.lexically_relative(root_);
    const bool inside = !relative.empty() && relative != "." && *relative.begin() != "..";
    const auto name = inside ? relative.generic_string() : path.filename().string();
    return is_utf8(name) ? one_line(name, kTitleBytesMax) : "a file";
  }

  /// What to call all articles of one file: "foldoc".
  static std::string stem_of(fs::path path) {
    if (path.extension() == ".gz") path = path.stem();
    auto name = one_line(path.stem().string(), kTitleBytesMax);
    return is_utf8(name) ? name : "articles";
  }

  Result<> pass(Document document) {
    if (document.text.empty()) return skip("empty");
    if (document.text.size() > kDocumentBytesMax) return skip("too large");
    ++report_.n_documents;
    report_.n_bytes += document.text.size();
    return on_document_(std::move(document));
  }

  Result<> document(Kind kind, const fs::path& path, std::string_view name,
                    std::string_view bytes) {
    Document out;
    if (kind == Kind::html) out = parse_html(bytes);
    if (kind == Kind::man_page) out = parse_man_page(bytes);
    if (kind == Kind::text || kind == Kind::markdown) out.text = cleaned(bytes);
    if (kind == Kind::markdown) out.title = first_heading(out.text, kTitleBytesMax);
    if (out.name.empty()) out.name = name_of(path);
    const auto stem = name.substr(0, name.rfind('.'));
    if (out.title.empty() && is_utf8(stem)) out.title = one_line(stem, kTitleBytesMax);
    return pass(std::move(out));
  }

  Result<> json_lines(const fs::path& path, std::string_view bytes) {
    const auto name = name_of(path);
    while (!bytes.empty()) {
      if (cancel_.requested()) return fail(ErrorCode::cancelled, "stopped while reading documents");
      const auto end = std::min(bytes.find('\n'), bytes.size());
      const auto line = bytes.substr(0, end);
      bytes.remove_prefix(std::min(end + 1, bytes.size()));
      if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      const auto json = Json::parse(
          line, [](int depth, Json::parse_event_t, Json&) { return depth <= kJsonDepthMax; },
          false);
      Document out{name, {}, {}};
      if (json.is_object()) {
        out.title = one_line(text_of(json, "title"), kTitleBytesMax);
        out.text = cleaned(text_of(json, "text"));
      }
      if (out.text.empty()) {
        TRY(skip("a line that is no {\"title\", \"text\"}"));
        continue;
      }
      TRY(pass(std::move(out)));
    }
    return {};
  }

  Result<> dictionary(const fs::path& path, std::string_view index) {
    fs::path articles = path;
    Result<std::string> bytes = contents(articles.replace_extension(".dict.dz"), true);
    if (!bytes) bytes = contents(articles = fs::path(path).replace_extension(".dict"), false);
    if (!bytes) return skip("a dictionary's index without readable articles");
    const auto on_article = [&](Document document) -> Result<> {
      if (cancel_.requested()) return fail(ErrorCode::cancelled, "stopped while reading documents");
      return on_document_(std::move(document));
    };
    return read_dictionary(stem_of(path), index, *bytes, on_article, report_);
  }

  fs::path root_;
  const OnDocument& on_document_;
  const Cancel& cancel_;
  const ReadOptions& options_;
  ReadReport report_;
};

/// "/usr/share/dictd/foldoc" and its parts stand for the index.
std::optional<fs::path> index_of(const fs::path& path) {
  std::string name = path.string();
  for (const std::string_view ending : {".dict.dz", ".dict", ".index"}) {
    if (name.ends_with(ending)) {
      name.resize(name.size() - ending.size());
      break;
    }
  }
  name += ".index";
  std::error_code error;
  if (!fs::is_regular_file(name, error)) return {};
  return name;
}

}  // namespace

Result<ReadReport> read_documents(const fs::path& path, const OnDocument& on_document,
                                  const Cancel& cancel, const ReadOptions& options) {
  std::error_code error;
  if (const auto index = index_of(path)) {
    Reading reading(index->parent_path(), on_document, cancel, options);
    TRY(reading.file(*index));
    return reading.take();
  }
  if (fs::is_regular_file(path, error)) {
    Reading reading(path.parent_path(), on_document, cancel, options);
    TRY(reading.file(path));
    return reading.take();
  }
  if (!fs::is_directory(path, error)) {
    return fail(ErrorCode::not_found, path.string() + ": no such file or folder");
  }
  const auto below = TRY(files_below(path, Hidden::read));
  Reading reading(path, on_document, cancel, options);
  for (const auto& file : below.files) TRY(reading.file(file));
  auto report = reading.take();
  if (below.n_links > 0) report.skipped["a link"] += below.n_links;
  return report;
}

}  // namespace plmm::reader
