// plmm expert: make experts from documents, list and remove them.
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "apps/plmm/connected.h"
#include "apps/plmm/expert_owner.h"
#include "apps/plmm/expert_releases.h"
#include "apps/plmm/experts.h"
#include "apps/plmm/format.h"
#include "apps/plmm/own_data.h"
#include "apps/plmm/serve.h"
#include "apps/plmm/signals.h"
#include "base/file.h"
#include "catalog/catalog.h"
#include "expert/exam.h"
#include "expert/make_exam.h"
#include "protocol/json.h"

namespace plmm::cli {
namespace {

constexpr std::string_view kBaseModel = "qwen2.5-coder-1.5b";
// In micro-credits: an answer of 200 tokens with four passages costs about 0.003 credits.
constexpr protocol::PriceCard kPrices{{500}, {2'000}, {6'000}};

/// An expert that one name makes, from the documents of a Debian package.
struct Known {
  std::string_view name;
  std::string_view title;
  std::string_view summary;
  std::string_view docs;
  std::string_view package;
  std::array<std::string_view, 8> topics;
};
constexpr std::array kKnown{
    Known{"it",
          "Computing",
          "The words of computing: hardware, software, networks and languages.",
          "/usr/share/dictd/foldoc",
          "dict-foldoc",
          {"computing terms and acronyms", "programming languages",
           "computer networks and protocols", "operating systems", "computer hardware", "databases",
           "Linux commands and the shell", "software engineering"}},
    Known{"finance",
          "Money and finance",
          "Book-keeping, investments, loans and the accounts of a household.",
          "/usr/share/doc/gnucash-docs/gnucash-guide-en",
          "gnucash-docs",
          {"accounting and book-keeping", "investments, shares and bonds", "loans and mortgages",
           "taxes", "budgets and savings", "currencies and exchange rates",
           "banks and credit cards", "depreciation and capital gains"}},
};

const Known* find_known(std::string_view name) {
  for (const Known& known : kKnown) {
    if (known.name == name) return &known;
  }
  return nullptr;
}

/// What was typed, and for a known name what was not.
expert::ExpertOptions options_of(const Context& context, const Known* known) {
  const auto& arguments = context.arguments;
  expert::ExpertOptions out;
  out.name = arguments.text("NAME");
  out.title = arguments.text("--title");
  out.summary = arguments.text("--summary");
  out.topics = arguments.list("--topic");
  out.prices = kPrices;
  out.base_model = arguments.text("--base");
  if (known != nullptr) {
    if (out.title.empty()) out.title = known->title;
    if (out.summary.empty()) out.summary = known->summary;
    if (out.topics.empty()) out.topics.assign(known->topics.begin(), known->topics.end());
  }
  if (out.title.empty()) out.title = out.name;
  if (out.summary.empty()) out.summary = "Answers from its own library about " + out.title + ".";
  if (out.topics.empty()) out.topics.push_back(out.title);
  if (out.base_model.empty()) {
    const bool here = catalog::resolve(kBaseModel, context.settings.models()).has_value();
    out.base_model = here ? std::string(kBaseModel) : context.settings.text("model");
  }
  return out;
}

Result<std::vector<std::filesystem::path>> documents_of(const Context& context,
                                                        const Known* known) {
  std::vector<std::filesystem::path> out;
  for (const auto& path : context.arguments.list("--docs"))
    out.push_back(expand_home(path, context.paths.home));
  if (!out.empty()) return out;
  if (known == nullptr) {
    return fail(ErrorCode::invalid_argument,
                "from which documents? Run: plmm expert create NAME --docs PATH");
  }
  std::error_code absent;
  const std::filesystem::path docs(known->docs);
  if (!std::filesystem::exists(docs, absent) &&
      !std::filesystem::exists(docs.string() + ".index", absent)) {
    return fail(ErrorCode::not_found,
                fmt::format("the documents of '{}' are not on this machine. Run: sudo apt-get "
                            "install {}",
                            known->name, known->package));
  }
  return std::vector{docs};
}

/// The questions of --exam, looked at before anything is made.
Result<std::vector<eval::ExamQuestion>> exam_of(const Context& context) {
  if (!context.arguments.has("--exam")) return std::vector<eval::ExamQuestion>();
  const auto path = expand_home(context.arguments.text("--exam"), context.paths.home);
  const auto jsonl = TRY(read_file(path, eval::kExamBytesMax));
  auto exam = eval::read_exam(jsonl);
  if (!exam) return fail(exam.error().code, path.string() + ": " + exam.error().what);
  if (!exam->empty()) return exam;
  return fail(ErrorCode::invalid_argument, path.string() + ": an exam without any question");
}

/// Keeps the owner's exam, or else one made from the library.
Result<> keep_exam(Console& console, expert::Library& library,
                   std::vector<eval::ExamQuestion> exam) {
  const bool is_own = !exam.empty();
  if (!is_own) exam = TRY(expert::make_exam(library));
  TRY(expert::save_exam(library.folder(), exam));
  if (exam.empty()) {
    console.note(Paint::warning,
                 "no exam: the documents explain no abbreviations to ask for. Corrections are "
                 "judged by their own question alone (create with --exam FILE to change that)");
  } else {
    console.note(fmt::format("exam: {} {} {}", thousands(exam.size()),
                             exam.size() == 1 ? "question" : "questions",
                             is_own ? "of yours" : "made from the abbreviations in the library"));
  }
  return {};
}

Result<ExitCode> create(Context& context) {
  const auto folder = TRY(expert_folder(context, context.arguments.text("NAME")));
  const Known* known = find_known(context.arguments.text("NAME"));
  const auto documents = TRY(documents_of(context, known));
  auto exam = TRY(exam_of(context));
  const auto embedder = TRY(load_embedder(context));
  auto& console = context.console;
  const auto on_progress = [&](const expert::Progress& progress) {
    if (!console.can_redraw()) return;
    console.draw(fmt::format("\r\x1b[Kreading     {} documents, {} passages",
                             thousands(progress.n_documents), thousands(progress.n_passages)));
  };
  auto library = expert::Library::create(folder, options_of(context, known), documents,
                                         text_embedder(*embedder), on_progress, interrupt());
  if (console.can_redraw()) console.draw("\r\x1b[K");
  if (!library) return std::unexpected(library.error());
  const auto& card = library->card();
  console.note(fmt::format("expert {} is ready: {} documents, {} passages, answers by {}",
                           card.name, thousands(library->report().n_documents),
                           thousands(card.n_passages), card.base_model));
  for (const auto& [reason, n] : library->report().skipped)
    console.note(Paint::quiet, fmt::format("left out: {} ({})", thousands(n), reason));
  TRY(keep_exam(console, *library, std::move(exam)));
  console.note(fmt::format("Run: plmm ask --expert {} 'your question'", card.name));
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
    table += fmt::format("{}{}{}{}\n", padded(card.name, 14), padded(card.title + "  ", 26),
                         padded(thousands(card.n_passages) + " passages", 20),
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
      thousands(card.n_passages));
  text += fmt::format("price      {} a question, {} and {} per 1,000 tokens in and out\n",
                      to_text(card.prices.per_request), to_text(card.prices.per_1000_tokens_in),
                      to_text(card.prices.per_1000_tokens_out));
  for (const auto& topic : card.topics) text += fmt::format("topic      {}\n", topic);
  context.console.answer(text);
  return ExitCode::ok;
}

Result<ExitCode> remove(Context& context) {
  const auto folder = TRY(expert_folder(context, context.arguments.text("NAME")));
  std::error_code failed;
  if (std::filesystem::remove_all(folder, failed) == 0 && !failed)
    return fail(ErrorCode::not_found, "there is no such expert here. Run: plmm expert ls");
  if (failed) return fail(ErrorCode::io, folder.string() + ": " + failed.message());
  context.console.note("removed: its library, its card and its key");
  return ExitCode::ok;
}

}  // namespace

Result<ExitCode> run_expert(Context& context) {
  const auto action = context.arguments.text("ACTION");
  if (action == "create") return create(context);
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
