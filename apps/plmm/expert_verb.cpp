// plmm expert: make experts from documents, list and remove them.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/plmm/connected.h"
#include "apps/plmm/create_expert.h"
#include "apps/plmm/expert_owner.h"
#include "apps/plmm/expert_releases.h"
#include "apps/plmm/experts.h"
#include "apps/plmm/serve.h"
#include "apps/plmm/terminal/format.h"
#include "base/file.h"
#include "protocol/json.h"

namespace plmm::cli {
namespace {

/// What was typed, and for a preset what was not.
expert::ExpertOptions options_of(const Context& context, expert::ExpertOptions known) {
  const auto& arguments = context.arguments;
  const auto or_known = [&](std::string_view flag, std::string& text) {
    if (arguments.has(flag)) text = arguments.text(flag);
  };
  expert::ExpertOptions out = std::move(known);
  out.name = arguments.text("NAME");
  out.prices = expert::kUsualPrices;
  out.base_model = base_model(context);
  or_known("--title", out.title);
  or_known("--summary", out.summary);
  or_known("--base", out.base_model);
  if (arguments.has("--topic")) out.topics = arguments.list("--topic");
  if (out.title.empty()) out.title = out.name;
  if (out.summary.empty()) out.summary = "Answers from its own library about " + out.title + ".";
  if (out.topics.empty()) out.topics.push_back(out.title);
  return out;
}

/// The preset of the name, with what was typed in the place of what it says.
Result<ExpertPlan> plan_typed(Context& context) {
  ExpertPlan out;
  const auto* const preset = expert::find_preset(context.arguments.text("NAME"));
  const auto& docs = context.arguments.list("--docs");
  if (docs.empty() && preset == nullptr) {
    return fail(ErrorCode::invalid_argument,
                "from which documents? Run: plmm expert create NAME --docs PATH");
  }
  if (preset != nullptr && docs.empty()) {
    out = TRY(plan_of(context, *preset));
  } else if (preset != nullptr) {
    out.options = preset_options(*preset);
  }
  for (const auto& path : docs)
    out.documents.push_back(files::expand_home(path, context.paths.home));
  out.options = options_of(context, std::move(out.options));
  return out;
}

/// The error of a name that is none or taken, before documents are brought for it.
Result<> check_is_new(const Context& context, std::string_view name) {
  const auto folder = TRY(expert_folder(context, name));
  std::error_code absent;
  if (!std::filesystem::exists(folder / "card.json", absent)) return {};
  return fail(ErrorCode::invalid_argument,
              fmt::format("there is an expert called {0} already. Choose another name, or run "
                          "first: plmm expert rm {0}",
                          name));
}

/// The questions of --exam, looked at before anything is made.
Result<std::vector<eval::ExamQuestion>> exam_of(const Context& context) {
  if (!context.arguments.has("--exam")) return std::vector<eval::ExamQuestion>();
  const auto path = files::expand_home(context.arguments.text("--exam"), context.paths.home);
  const auto jsonl = TRY(read_file(path, eval::kExamBytesMax));
  auto exam = eval::read_exam(jsonl);
  if (!exam) return fail(exam.error().code, path.string() + ": " + exam.error().what);
  if (!exam->empty()) return exam;
  return fail(ErrorCode::invalid_argument, path.string() + ": an exam without any question");
}

Result<ExitCode> create(Context& context) {
  if (context.arguments.has("--all")) {
    if (!context.arguments.has("NAME")) return create_missing(context);
    return fail(ErrorCode::invalid_argument, "--all makes all experts known by name: name none");
  }
  const auto name = context.arguments.text("NAME");
  TRY(check_is_new(context, name));
  auto exam = TRY(exam_of(context));
  auto plan = plan_typed(context);
  const auto stopped = [&](const Error& error) -> Result<ExitCode> {
    if (error.code != ErrorCode::cancelled) return std::unexpected(error);
    context.console.note(
        fmt::format("stopped: nothing of {} was kept. Run the same again to make it", name));
    return ExitCode::interrupted;
  };
  if (!plan) return stopped(plan.error());
  plan->exam = std::move(exam);
  const auto embedder = TRY(load_embedder(context));
  const auto library = make_expert(context, *embedder, *std::move(plan));
  if (!library) return stopped(library.error());
  context.console.note(fmt::format("Run: plmm ask --expert {} 'your question'", name));
  return ExitCode::ok;
}

Result<ExitCode> list(Context& context) {
  std::string table;
  auto json = nlohmann::ordered_json::array();
  for (const auto& name : known_experts(context)) {
    const auto card = TRY(known_card(context, name));
    const auto elsewhere = connected_expert(context, name);
    json.push_back({{"name", card.name},
                    {"title", card.title},
                    {"release", card.release},
                    {"passages", card.n_passages},
                    {"base_model", card.base_model}});
    if (elsewhere) json.back()["url"] = elsewhere->url;
    table += fmt::format("{}{}{}{}\n", terminal::padded(card.name, 14),
                         terminal::padded(card.title + "  ", 26),
                         terminal::padded(terminal::thousands(card.n_passages) + " passages", 20),
                         elsewhere ? elsewhere->url : card.base_model);
  }
  if (context.arguments.has("--json")) {
    context.console.data(
        json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
    return ExitCode::ok;
  }
  if (table.empty()) {
    context.console.note(
        "No experts are here. Run: plmm expert create it  (or: plmm expert create "
        "NAME --docs PATH)");
  }
  context.console.answer(table);
  return ExitCode::ok;
}

Result<ExitCode> show(Context& context) {
  const auto card = TRY(known_card(context, context.arguments.text("NAME")));
  if (context.arguments.has("--json")) {
    context.console.data(TRY(protocol::to_json(card)) + "\n");
    return ExitCode::ok;
  }
  std::string text = fmt::format(
      "name       {}, release {}\ntitle      {}\nabout      {}\nmodel      {}\npassages   {}\n",
      card.name, card.release, card.title, card.summary, card.base_model,
      terminal::thousands(card.n_passages));
  text += fmt::format("price      {} a question, {} and {} per 1,000 tokens in and out\n",
                      to_text(card.prices.per_request), to_text(card.prices.per_1000_tokens_in),
                      to_text(card.prices.per_1000_tokens_out));
  for (const auto& topic : card.topics) text += fmt::format("topic      {}\n", topic);
  context.console.answer(text);
  return ExitCode::ok;
}

Result<ExitCode> remove(Context& context) {
  TRY(remove_expert(context, context.arguments.text("NAME")));
  context.console.note("removed: its library, its card and its key");
  return ExitCode::ok;
}

}  // namespace

Result<ExitCode> run_expert(Context& context) {
  const auto action = context.arguments.text("ACTION");
  if (action == "create") return create(context);
  if (action == "missing") return list_missing(context);
  if (action == "show") return show(context);
  if (action == "rm") return remove(context);
  if (action == "serve") return serve_expert(context);
  if (action == "connect") return connect_expert(context);
  if (action == "forget") return forget_expert(context);
  if (action == "earnings") return show_earnings(context);
  if (action == "fund") return fund_expert(context);
  if (action == "releases") return list_releases(context);
  if (action == "update") return update_expert(context);
  if (action == "rollback") return roll_back_release(context);
  return list(context);
}

}  // namespace plmm::cli
