// Backends, sources and files of a teacher; see teacher_here.h.
#include "apps/plmm/teacher_here.h"

#include <fmt/format.h>

#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/signals.h"
#include "base/file.h"
#include "catalog/catalog.h"
#include "net/client.h"
#include "reader/documents.h"
#include "teacher/endpoint.h"
#include "teacher/local_backend.h"

namespace plmm::cli {
namespace {

constexpr std::string_view kTeacherModel = "qwen2.5-coder-1.5b";
constexpr const char* kGapsFile = "gaps.jsonl";

std::string model_name(const Context& context) {
  if (context.arguments.has("--model")) return context.arguments.text("--model");
  const bool here = catalog::resolve(kTeacherModel, context.settings.models()).has_value();
  return here ? std::string(kTeacherModel) : context.settings.text("model");
}

/// A release names its model and not where that lies.
std::string without_folder(const std::string& model) {
  return std::filesystem::path(model).filename().string();
}

}  // namespace

teacher::LocalTeacher teacher_here(const Context& context) {
  return teacher::LocalTeacher(context.paths.data / "teacher");
}

Result<std::unique_ptr<teacher::Backend>> open_backend(Context& context, ExpertModels& models) {
  if (context.arguments.has("--endpoint")) {
    const auto url = context.arguments.text("--endpoint");
    auto backend = TRY(teacher::EndpointBackend::create(
        {.url = url,
         .model = context.arguments.text("--model"),
         .key = context.environment("PLMM_TEACHER_KEY").value_or("")}));
    context.console.note(fmt::format("passages of the source go to {}; the library does not",
                                     net::display_url(url)));
    return backend;
  }
  const auto name = model_name(context);
  infer::Engine* const engine = TRY(models.engine(name));
  return teacher::LocalBackend::create(without_folder(name), *engine);
}

Result<teacher::Source> read_sources(Context& context, const std::vector<std::string>& paths) {
  teacher::Source out;
  for (const auto& path : paths) {
    const auto report = TRY(reader::read_documents(
        files::expand_home(path, context.paths.home),
        [&](const reader::Document& document) {
          return out.add(document.name, document.title, document.text);
        },
        terminal::interrupt()));
    for (const auto& [reason, n] : report.skipped) {
      context.console.note(Paint::quiet,
                           fmt::format("left out: {} ({})", terminal::thousands(n), reason));
    }
  }
  if (!out.passages().empty()) return out;
  return fail(ErrorCode::invalid_argument, "none of the sources has any text to read");
}

Result<teacher::GapsFile> load_gaps(const Context& context, std::string_view expert) {
  const auto folder = TRY(teacher_here(context).folder_of(expert));
  std::error_code absent;
  if (!std::filesystem::exists(folder / kGapsFile, absent)) {
    return fail(ErrorCode::not_found,
                fmt::format("nobody has looked for gaps of {} yet. Run: plmm teacher gaps {} "
                            "--source PATH",
                            expert, expert));
  }
  const auto text = TRY(read_file(folder / kGapsFile, teacher::kGapsBytesMax));
  auto gaps = teacher::read_gaps(text);
  if (gaps) return gaps;
  return fail(gaps.error().code, (folder / kGapsFile).string() + ": " + gaps.error().what);
}

Result<> save_gaps(const Context& context, const teacher::GapsFile& gaps) {
  const auto folder = TRY(teacher_here(context).folder_of(gaps.expert));
  const auto text = TRY(teacher::write_gaps(gaps));
  return write_file_atomically(folder / kGapsFile, text);
}

}  // namespace plmm::cli
