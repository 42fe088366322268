// plmm eval: a model, or two, measured on files.
#include <fmt/format.h>

#include <optional>

#include "apps/plmm/adapter.h"
#include "apps/plmm/context.h"
#include "apps/plmm/eval_report.h"
#include "apps/plmm/running_model.h"
#include "apps/plmm/terminal/moving_line.h"
#include "apps/plmm/terminal/signals.h"
#include "measure/metrics.h"
#include "model/model.h"

namespace plmm::cli {
namespace {

struct NamedFile {
  std::string name;  // as it was typed
  measure::EvalFile items;
};

/// All of them before a model is loaded: a mistake in the last one is told at once.
Result<std::vector<NamedFile>> read_files(const Context& context) {
  std::vector<NamedFile> out;
  for (const auto& name : context.arguments.list("FILE")) {
    auto items = TRY(measure::read_eval_file(files::expand_home(name, context.paths.home)));
    if (context.arguments.has("--limit"))
      measure::keep_first(items, command::to_integer(context.arguments.text("--limit")));
    out.push_back({name, std::move(items)});
  }
  return out;
}

Result<measure::MeasureOptions> measure_options(const Context& context) {
  measure::MeasureOptions out;
  const auto& arguments = context.arguments;
  out.windows.window = arguments.integer_or("--window", out.windows.window);
  out.windows.stride = arguments.integer_or("--stride", out.windows.window / 2);
  if (arguments.text("--choices") == "letters") out.compared = measure::Compared::letters;
  if (out.windows.stride < out.windows.window) return out;
  return fail(ErrorCode::invalid_argument,
              "--stride must be smaller than --window: each window begins with text that was read "
              "before");
}

/// A model, with its adapter perhaps, and what it made of the files.
struct Contender {
  Measured name;
  measure::Subject subject;
  std::vector<measure::Outcomes> outcomes;
};

Result<> measure_file(Context& context, const NamedFile& file,
                      const measure::MeasureOptions& options, Contender& contender) {
  terminal::MovingLine line(context.console);
  auto outcomes = measure::measure(contender.subject, file.items, options, terminal::interrupt(),
                                   [&](std::string_view what, std::size_t n, std::size_t n_total) {
                                     line.count(n, n_total, what);
                                   });
  if (!outcomes) {
    const auto& [code, what] = outcomes.error();
    const bool names_line = what.starts_with("line ");
    return fail(code, names_line ? fmt::format("{}: {}", file.name, what) : what);
  }
  contender.outcomes.push_back(*std::move(outcomes));
  return {};
}

void print(Context& context, const NamedFile& file, std::size_t index, const Contender& ours,
           const Contender* other) {
  const auto metrics = measure::metrics(file.items, ours.outcomes[index],
                                        other == nullptr ? nullptr : &other->outcomes[index],
                                        context.settings.integer("seed"));
  const Measured* const other_name = other == nullptr ? nullptr : &other->name;
  if (context.arguments.has("--json")) {
    context.console.data(eval_json(file.name, ours.name, other_name, metrics));
  } else {
    context.console.answer(eval_text(file.name, ours.name, other_name, metrics));
  }
}

Result<Contender> challenger(Context& context, RunningModel& model) {
  Contender out{{model.name, ""}, {model.engine.get()}, {}};
  const auto adapter = TRY(chosen_adapter(context, *model.engine));
  if (adapter.packed == nullptr) return out;
  out.name.adapter = context.settings.text("adapter");
  out.subject.adapter = adapter.packed;
  out.subject.scale = adapter.scale;
  return out;
}

/// What is compared with; its model takes the place of the first one where it is another.
Result<Contender> rival(Context& context, std::optional<RunningModel>& model) {
  const auto& arguments = context.arguments;
  if (const auto name = arguments.text("--against"); !name.empty() && name != model->name) {
    model.reset();  // there may be memory for one only
    model = TRY(load_model(context, name));
  }
  Contender out{{model->name, arguments.text("--against-adapter")}, {model->engine.get()}, {}};
  if (out.name.adapter.empty()) return out;
  const auto choice = TRY(adapter_choice(out.name.adapter, context.paths.home));
  const auto adapter = TRY(load_adapter(context, *model->engine, choice));
  out.subject.adapter = adapter.packed;
  out.subject.scale = adapter.scale;
  return out;
}

}  // namespace

Result<ExitCode> run_eval(Context& context) {
  const auto options = TRY(measure_options(context));
  const auto files = TRY(read_files(context));
  const bool compares =
      context.arguments.has("--against") || context.arguments.has("--against-adapter");
  std::optional<RunningModel> model = TRY(load_model(context, context.settings.text("model")));
  auto ours = TRY(challenger(context, *model));
  for (std::size_t i = 0; i < files.size(); ++i) {
    TRY(measure_file(context, files[i], options, ours));
    if (!compares) print(context, files[i], i, ours, nullptr);
  }
  if (!compares) return ExitCode::ok;
  auto other = TRY(rival(context, model));
  for (std::size_t i = 0; i < files.size(); ++i) {
    TRY(measure_file(context, files[i], options, other));
    print(context, files[i], i, ours, &other);
  }
  return ExitCode::ok;
}

}  // namespace plmm::cli
