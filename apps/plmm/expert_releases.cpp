// Releases of an expert: listed, undone, taken; see expert_releases.h.
#include "apps/plmm/expert_releases.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/remote_teacher.h"
#include "apps/plmm/experts.h"
#include "apps/plmm/own_data.h"
#include "apps/plmm/teacher_here.h"
#include "apps/plmm/teacher_report.h"
#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/signals.h"
#include "expert/releases.h"

namespace plmm::cli {
namespace {

/// The library of one expert with all that changing it needs.
struct Opened {
  std::unique_ptr<infer::Embedder> embedder;
  std::filesystem::path folder;
  protocol::ExpertCard card;
};

Result<Opened> open_expert(const Context& context) {
  if (!context.arguments.has("NAME")) {
    return fail(ErrorCode::invalid_argument, "which expert? Run: plmm expert ls");
  }
  const auto name = context.arguments.text("NAME");
  Opened out;
  out.card = TRY(card_here(context, name));
  out.folder = TRY(expert_folder(context, name));
  out.embedder = TRY(load_embedder(context));
  return out;
}

std::string line_of(const expert::TakenRelease& one) {
  return fmt::format("{:>7}  {}  {}  {:>5} passages  kept apart {} -> {} of {}  by {}\n",
                     one.number, terminal::padded(date_text(one.made_ms), 17),
                     terminal::padded(one.is_in_library ? "in the library" : "rolled back", 14),
                     terminal::thousands(one.n_passages), one.kept_apart.n_before,
                     one.kept_apart.n_after, one.kept_apart.n, one.model);
}

nlohmann::ordered_json json_of(const expert::TakenRelease& one) {
  return {{"number", one.number},
          {"made_ms", one.made_ms},
          {"model", one.model},
          {"passages", one.n_passages},
          {"in_library", one.is_in_library},
          {"kept_apart",
           {{"n", one.kept_apart.n},
            {"n_before", one.kept_apart.n_before},
            {"n_after", one.kept_apart.n_after}}},
          {"exam",
           {{"n", one.exam.n},
            {"n_affected", one.exam.n_affected},
            {"n_before", one.exam.n_before},
            {"n_after", one.exam.n_after}}}};
}

/// Of the teacher at --teacher, else of this machine's.
Result<protocol::Release> next_release(const Context& context, const protocol::ExpertCard& card) {
  if (!context.arguments.has("--teacher")) {
    return teacher_here(context).release_after(card.name, card.release);
  }
  auto url = TRY(net::service_url(context.arguments.text("--teacher")));
  return api::RemoteTeacher(std::move(url), terminal::interrupt())
      .release_after(card.name, card.release);
}

}  // namespace

Result<ExitCode> list_releases(Context& context) {
  auto opened = TRY(open_expert(context));
  auto library = TRY(expert::Library::open(opened.folder, text_embedder(*opened.embedder)));
  const auto releases = TRY(expert::taken_releases(library));
  if (context.arguments.has("--json")) {
    auto json = nlohmann::ordered_json::array();
    for (const auto& one : releases) json.push_back(json_of(one));
    context.console.data(
        json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
    return ExitCode::ok;
  }
  std::string table;
  for (const auto& one : releases) table += line_of(one);
  context.console.answer(table);
  context.console.note(fmt::format("{} is at release {}{}", opened.card.name, opened.card.release,
                                   releases.empty() ? "; it has taken none of a teacher" : ""));
  return ExitCode::ok;
}

Result<ExitCode> roll_back_release(Context& context) {
  auto opened = TRY(open_expert(context));
  const auto done = TRY(expert::roll_back(opened.folder, text_embedder(*opened.embedder)));
  context.console.note(
      fmt::format("release {} is undone: its passages are gone. {} is now release "
                  "{}, since one number never means two libraries",
                  done.undone, opened.card.name, done.release));
  return ExitCode::ok;
}

Result<ExitCode> update_expert(Context& context) {
  auto opened = TRY(open_expert(context));
  const auto release = next_release(context, opened.card);
  if (!release && release.error().code == ErrorCode::not_found) {
    context.console.note(fmt::format("{} is up to date: its teacher has no release after {}",
                                     opened.card.name, opened.card.release));
    return ExitCode::ok;
  }
  if (!release) return std::unexpected(release.error());
  TRY(expert::install_release(opened.folder, text_embedder(*opened.embedder), *release));
  context.console.answer(
      figures_text(protocol::figures(*release, protocol::QuestionUse::kept_apart),
                   protocol::figures(*release, protocol::QuestionUse::selected), release->exam));
  context.console.note(Paint::good,
                       fmt::format("{} is now release {}. undo: plmm expert rollback {}",
                                   release->expert, release->number, release->expert));
  return ExitCode::ok;
}

}  // namespace plmm::cli
