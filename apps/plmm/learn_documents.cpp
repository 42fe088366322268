// Files into the vault, a list of them, and out again; see learn_documents.h.
#include "apps/plmm/learn_documents.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>

#include "apps/plmm/experts.h"
#include "apps/plmm/own_data.h"
#include "apps/plmm/remembering.h"
#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/moving_line.h"
#include "apps/plmm/terminal/signals.h"
#include "catalog/catalog.h"
#include "personal/document_adding.h"
#include "reader/folder.h"

namespace plmm::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using personal::AddedAs;
using personal::Documents;
using personal::OwnDocument;

constexpr std::size_t kShownMax = 20;  // files that are named one by one

void print(Console& console, const Json& json) {
  console.data(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

bool is_below(std::string_view path, const fs::path& folder) {
  auto start = folder.string();
  if (!start.ends_with('/')) start += '/';
  return path.starts_with(start);
}

bool is_missing(const OwnDocument& document) {
  std::error_code error;
  return !fs::exists(document.path, error) && !error;
}

/// Those of a path that was named: the file, or what is below the folder.
std::vector<OwnDocument> known_at(const Documents& documents, const fs::path& path) {
  std::vector<OwnDocument> out;
  for (const auto& [id, document] : documents.all()) {
    if (document.path == path || is_below(document.path, path)) out.push_back(document);
  }
  return out;
}

/// What is to be read, and what was there and is no more.
struct Plan {
  std::vector<fs::path> files;
  std::uint64_t n_bytes = 0;
  std::vector<std::string> missing;
  std::map<std::string, std::size_t> passed_over;  // reason → files
};

class Adding {
 public:
  Adding(Context& context, Documents& documents) : context_(context), documents_(documents) {}

  Result<> plan(const std::vector<std::string>& paths) {
    for (const auto& word : paths) {
      std::error_code error;
      const auto path = fs::weakly_canonical(files::expand_home(word, context_.paths.home), error);
      if (error) return fail(ErrorCode::io, word + ": " + error.message());
      const auto known = known_at(documents_, path);
      for (const OwnDocument& document : known) {
        if (is_missing(document)) plan_.missing.push_back(document.path);
      }
      if (fs::is_directory(path, error)) {
        TRY(plan_folder(path));
      } else if (fs::is_regular_file(path, error)) {
        plan_.files.push_back(path);
      } else if (known.empty()) {
        return fail(ErrorCode::not_found, word + ": no such file or folder");
      }
    }
    std::ranges::sort(plan_.files);
    const auto [end, last] = std::ranges::unique(plan_.files);
    plan_.files.erase(end, last);
    for (const auto& file : plan_.files) plan_.n_bytes += size_of(file);
    return {};
  }

  /// Cancelled after what is finished was kept.
  Result<> run() {
    personal::AddingPorts ports{.embed = {}, .now_ms = now_ms()};
    const auto model = catalog::resolve(kEmbeddingModel, context_.settings.models());
    if (model) {
      ports.embed = [this](std::span<const std::string_view> texts, std::span<float> out) {
        return embed(texts, out);
      };
    } else {
      context_.console.note(Paint::warning, "found by their words only: " + model.error().what);
    }
    terminal::MovingLine line(context_.console);
    for (const auto& file : plan_.files) {
      const std::uint64_t size = size_of(file);
      line.bytes(n_bytes_done_, plan_.n_bytes);
      ports.on_passages = [&](std::size_t n_done, std::size_t n_total) {
        line.bytes(n_bytes_done_ + size * n_done / n_total, plan_.n_bytes);
      };
      const auto added = TRY(personal::add_file(documents_, file, ports, terminal::interrupt()));
      n_bytes_done_ += size;
      take(file, added);
    }
    return {};
  }

  void report(bool is_stopped) const {
    auto& console = context_.console;
    for (std::size_t i = 0; i < std::min(left_out_.size(), kShownMax); ++i)
      console.note(Paint::warning, "left out: " + left_out_[i].first + ": " + left_out_[i].second);
    if (left_out_.size() > kShownMax)
      console.note(Paint::warning, fmt::format("left out: {} more", left_out_.size() - kShownMax));
    for (const auto& [reason, n] : plan_.passed_over)
      console.note(Paint::quiet,
                   fmt::format("passed over: {}, {}", terminal::count_text(n, "file"), reason));
    for (const auto& path : plan_.missing)
      console.note(Paint::warning, fmt::format("missing: {}; what it said is kept. plmm learn rm {}"
                                               "  forgets it",
                                               path, terminal::shell_word(path)));
    console.note(fmt::format("{}{} added, {} changed, {} unchanged: {} of {}",
                             is_stopped ? "stopped; kept so far: " : "", n_of(AddedAs::added),
                             n_of(AddedAs::changed), n_of(AddedAs::unchanged),
                             terminal::count_text(documents_.n_passages(), "passage"),
                             terminal::count_text(documents_.all().size(), "document")));
  }

  void print_json(bool is_stopped) const {
    Json left_out = Json::array();
    for (const auto& [path, reason] : left_out_)
      left_out.push_back({{"path", path}, {"reason", reason}});
    Json passed_over = Json::object();
    for (const auto& [reason, n] : plan_.passed_over) passed_over[reason] = n;
    print(context_.console, {{"n_added", n_of(AddedAs::added)},
                             {"n_changed", n_of(AddedAs::changed)},
                             {"n_unchanged", n_of(AddedAs::unchanged)},
                             {"left_out", std::move(left_out)},
                             {"passed_over", std::move(passed_over)},
                             {"missing", plan_.missing},
                             {"stopped", is_stopped},
                             {"n_documents", documents_.all().size()},
                             {"n_passages", documents_.n_passages()},
                             {"index_bytes", documents_.index_bytes()}});
  }

  bool kept_nothing() const {
    return !left_out_.empty() && n_of(AddedAs::left_out) == plan_.files.size();
  }

 private:
  static std::uint64_t size_of(const fs::path& path) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    return error ? 0 : size;
  }

  Result<> plan_folder(const fs::path& folder) {
    const auto below = TRY(reader::files_below(folder, reader::Hidden::skip));
    if (below.n_links > 0) plan_.passed_over["links"] += below.n_links;
    for (const auto& file : below.files) {
      if (reader::has_known_kind(file.filename().string())) {
        plan_.files.push_back(file);
      } else {
        ++plan_.passed_over["kinds that are not read"];
      }
    }
    return {};
  }

  /// Loaded when the first file is read: where none has changed, nobody waits for it. In 8 bits,
  /// as embeddings are kept anyway, which takes less time.
  Result<> embed(std::span<const std::string_view> texts, std::span<float> out) {
    if (!embedder_) embedder_ = TRY(load_embedder(context_, infer::EmbedderPrecision::int8));
    return embedder_->embed(texts, out);
  }

  void take(const fs::path& file, const personal::Added& added) {
    ++n_of_[added.as];
    if (added.as == AddedAs::left_out) left_out_.emplace_back(file.string(), added.reason);
  }
  std::size_t n_of(AddedAs as) const {
    const auto found = n_of_.find(as);
    return found == n_of_.end() ? 0 : found->second;
  }

  Context& context_;
  Documents& documents_;
  Plan plan_;
  std::unique_ptr<infer::Embedder> embedder_;
  std::uint64_t n_bytes_done_ = 0;
  std::map<AddedAs, std::size_t> n_of_;
  std::vector<std::pair<std::string, std::string>> left_out_;  // path, reason
};

/// What a word names: a path, a folder with what is below it, "all", or a file's name alone.
Result<std::vector<OwnDocument>> named(const Context& context, const Documents& documents,
                                       const std::string& word) {
  std::vector<OwnDocument> out;
  std::error_code error;
  const auto path = fs::weakly_canonical(files::expand_home(word, context.paths.home), error);
  if (!error) out = known_at(documents, path);
  if (!out.empty()) return out;
  for (const auto& [id, document] : documents.all()) {
    if (word == "all" || fs::path(document.path).filename() == word) out.push_back(document);
  }
  if (out.empty())
    return fail(ErrorCode::not_found, "there is no such document. Run: plmm learn documents");
  if (word == "all" || out.size() == 1) return out;
  return fail(ErrorCode::invalid_argument,
              fmt::format("{} documents have this name. Next: name one by its path, as plmm learn "
                          "documents prints it",
                          out.size()));
}

Json to_json(const OwnDocument& document) {
  return {{"path", document.path},
          {"title", document.title},
          {"kind", document.kind},
          {"n_passages", document.n_passages},
          {"bytes", document.n_bytes},
          {"time_ms", document.time_ms},
          {"embedded", !document.model.empty()},
          {"missing", is_missing(document)}};
}

}  // namespace

Result<ExitCode> learn_add(Context& context) {
  const auto& paths = context.arguments.list("WHAT");
  if (paths.empty())
    return fail(ErrorCode::invalid_argument, "which ones? Run: plmm learn add FILE|FOLDER");
  auto vault = TRY(open_vault(context));
  TRY(vault.check_writable());
  auto documents = TRY(open_documents(vault));
  Adding adding(context, documents);
  TRY(adding.plan(paths));
  const auto done = adding.run();
  const bool is_stopped = !done && done.error().code == ErrorCode::cancelled;
  if (!done && !is_stopped) return std::unexpected(done.error());
  if (context.arguments.has("--json")) {
    adding.print_json(is_stopped);
  } else {
    adding.report(is_stopped);
  }
  if (is_stopped) return ExitCode::interrupted;
  if (adding.kept_nothing())
    return fail(ErrorCode::unsupported, "nothing was added: each file is left out");
  return ExitCode::ok;
}

Result<ExitCode> learn_documents(Context& context) {
  std::vector<OwnDocument> documents;
  if (has_vault(context)) {
    auto vault = TRY(open_vault(context));
    documents = TRY(Documents::list(vault));
  }
  std::ranges::sort(documents, {}, &OwnDocument::path);
  if (context.arguments.has("--json")) {
    Json list = Json::array();
    for (const auto& document : documents) list.push_back(to_json(document));
    print(context.console, list);
    return ExitCode::ok;
  }
  if (documents.empty()) {
    context.console.note("there are no documents of yours. Run: plmm learn add FILE|FOLDER");
    return ExitCode::ok;
  }
  std::string table =
      fmt::format("{}{}{}{}name\n", terminal::padded("kind", 10), terminal::padded("passages", 10),
                  terminal::padded("size", 9), terminal::padded("read", 19));
  for (const auto& document : documents) {
    table += fmt::format(
        "{}{}{}{}{}{}\n", terminal::padded(document.kind, 10),
        terminal::padded(terminal::thousands(static_cast<std::uint64_t>(document.n_passages)), 10),
        terminal::padded(terminal::size_text(static_cast<std::uint64_t>(document.n_bytes)), 9),
        terminal::padded(date_text(document.time_ms), 19),
        files::shorten_home(document.path, context.paths.home),
        is_missing(document) ? "  (missing)" : "");
  }
  context.console.answer(table);
  return ExitCode::ok;
}

Result<ExitCode> learn_rm(Context& context) {
  const auto& words = context.arguments.list("WHAT");
  if (words.empty())
    return fail(ErrorCode::invalid_argument, "which ones? Run: plmm learn rm NAME|FOLDER|all");
  auto vault = TRY(open_vault(context));
  auto documents = TRY(open_documents(vault));
  std::vector<std::int64_t> ids;
  for (const auto& word : words) {
    for (const auto& document : TRY(named(context, documents, word))) ids.push_back(document.id);
  }
  std::ranges::sort(ids);
  const auto [end, last] = std::ranges::unique(ids);
  ids.erase(end, last);
  const auto traces = TRY(documents.forget(ids));
  context.console.note(forgotten_text(ids.size(), "document", traces, "the files"));
  return ExitCode::ok;
}

}  // namespace plmm::cli
