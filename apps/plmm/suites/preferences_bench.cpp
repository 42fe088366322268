// People who state their preferences, chat, and ask; see preferences_bench.h.
#include "apps/plmm/suites/preferences_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/plmm/experts.h"
#include "apps/plmm/own_data.h"
#include "apps/plmm/remembering.h"
#include "apps/plmm/running_model.h"
#include "apps/plmm/suites/embedded.h"
#include "apps/plmm/suites/figures.h"
#include "apps/plmm/suites/style_bench.h"
#include "apps/plmm/suites/style_data.h"
#include "apps/plmm/terminal/signals.h"
#include "base/file.h"
#include "bench/machine.h"
#include "bench/workload.h"
#include "learn/following.h"
#include "model/packed_lora.h"
#include "personal/recall.h"

namespace plmm::suites {
namespace {

namespace fs = std::filesystem;
using eval::PreferenceCase;
using learn::FollowingCase;

constexpr double kFoundMin = 0.95;
constexpr double kShareOfPromptMin = 0.95;
constexpr double kRightMin = 0.70;
constexpr double kGeneralRiseMax = 2;    // percent
constexpr double kLearnSeconds = 1'800;  // for "following"
constexpr std::size_t kStated = 20;  // preferences of one person, of as many topics as there are
constexpr std::size_t kSoon = 10;    // turns between a preference and its question
constexpr std::size_t kLate = 300;
constexpr std::size_t kPeople = 20;  // whose turns stand between

/// What stands in front of a question, and whether the preference is in it.
struct Recalled {
  std::string note;
  bool is_found = false;
};

class Person {
 public:
  Person(const fs::path& folder, infer::Embedder& embedder)
      : place_(personal::vault_in(folder)), embedder_(embedder) {}

  Result<> open() {
    vault_.emplace(TRY(personal::Vault::open(place_)));
    memory_.emplace(TRY(cli::open_memory(*vault_)));
    return {};
  }

  Result<std::int64_t> say(const std::string& text) {
    const auto embeddings = TRY(embedded(embedder_, personal::pieces_of(text)));
    return memory_->keep({.id = 0,
                          .time_ms = cli::now_ms(),
                          .conversation = 1,
                          .said = Personal(text),
                          .answer = {},
                          .answered_by = {}},
                         embeddings);
  }

  Result<Recalled> ask(const PreferenceCase& asked, std::int64_t stated) {
    const personal::RecallSettings settings;  // as a chat does
    const std::string_view text = asked.question;
    const auto embedding = TRY(embedded(embedder_, {&text, 1}));
    const auto found =
        TRY(memory_->search(Personal(asked.question), embedding, settings.n_searched));
    const auto note = personal::make_note(found, settings, cli::day_text);
    const bool is_found =
        std::ranges::any_of(note.used, [&](const auto& used) { return used.id == stated; });
    return Recalled{note.text.reveal(Purpose::prompt), is_found};
  }

  /// What it would be if this turn alone were found.
  std::string note_of(std::int64_t stated) const {
    const personal::Recalled one{*memory_->find(stated), 1, 1};
    return personal::make_note({&one, 1}, {}, cli::day_text).text.reveal(Purpose::prompt);
  }

 private:
  personal::VaultPlace place_;
  infer::Embedder& embedder_;
  std::optional<personal::Vault> vault_;
  std::optional<personal::Memory> memory_;
};

/// All questions of all people, in the same order.
struct Conversations {
  std::vector<bool> is_implied;
  std::vector<bool> found_soon;
  std::vector<bool> found_late;
  std::vector<FollowingCase> alone;     // without a preference
  std::vector<FollowingCase> told;      // behind the right one
  std::vector<FollowingCase> recalled;  // behind what was found, late
};

Result<> talk(Person& person, std::span<const PreferenceCase> questions,
              std::span<const std::string> chatter, Conversations& out) {
  TRY(person.open());
  std::vector<std::int64_t> stated;
  for (const PreferenceCase& one : questions) stated.push_back(TRY(person.say(one.preference)));
  for (std::size_t i = 0; i < chatter.size(); ++i) {
    if (terminal::interrupt().requested()) return fail(ErrorCode::cancelled, "stopped");
    TRY(person.say(chatter[i]));
    if (i + 1 != kSoon) continue;
    for (std::size_t k = 0; k < questions.size(); ++k)
      out.found_soon.push_back(TRY(person.ask(questions[k], stated[k])).is_found);
  }
  for (std::size_t k = 0; k < questions.size(); ++k) {
    const PreferenceCase& one = questions[k];
    const auto recalled = TRY(person.ask(one, stated[k]));
    out.is_implied.push_back(one.is_implied);
    out.found_late.push_back(recalled.is_found);
    out.alone.push_back({one.question, one.options, one.right});
    out.told.push_back({person.note_of(stated[k]) + one.question, one.options, one.right});
    out.recalled.push_back({recalled.note + one.question, one.options, one.right});
  }
  return {};
}

/// What people said in real conversations, kLate turns for each of `n`.
Result<std::vector<std::vector<std::string>>> chatter_for(const cli::Context& context,
                                                          std::size_t n) {
  const auto json = TRY(read_file(TRY(chitchat_file(context)), kChitchatBytesMax));
  std::vector<std::string> all;
  for (const StyleUser& user : TRY(parse_chitchat(json, kPeople))) {
    for (const auto& turn : user.turns) {
      const std::string& said = turn.said.reveal(Purpose::prompt);
      if (!said.empty()) all.push_back(said);
    }
  }
  if (all.size() < kLate) return fail(ErrorCode::corrupt_data, "there are too few turns in it");
  std::vector<std::vector<std::string>> out(n);
  for (std::size_t i = 0; i < n * kLate; ++i) out[i / kLate].push_back(all[i % all.size()]);
  return out;
}

Result<std::vector<eval::PreferenceQuestion>> read_questions(std::span<const fs::path> files) {
  std::vector<eval::PreferenceQuestion> out;
  for (const auto& file : files) {
    const auto lines = TRY(read_file(file, eval::kPreferenceFileBytesMax));
    auto questions = eval::parse_preference_questions(lines);
    if (!questions) {
      return fail(questions.error().code, file.string() + ": " + questions.error().what);
    }
    std::ranges::move(*questions, std::back_inserter(out));
  }
  return out;
}

/// "learn" or "test" of assets/following.
Result<std::vector<eval::PreferenceQuestion>> own_questions(const std::string& part) {
  const auto file = TRY(bench::find_in_checkout("assets/following/" + part + ".jsonl"));
  return read_questions({&file, 1});
}

/// Those of person i of n: every n-th, so that each has many topics.
std::vector<PreferenceCase> questions_of(std::span<const PreferenceCase> all, std::size_t i,
                                         std::size_t n) {
  std::vector<PreferenceCase> out;
  for (; i < all.size(); i += n) out.push_back(all[i]);
  return out;
}

/// Of the questions of one kind. Needs: there is one.
double share(const std::vector<bool>& right, const std::vector<bool>& is_implied, bool implied) {
  std::size_t n = 0, n_right = 0;
  for (std::size_t i = 0; i < right.size(); ++i) {
    if (is_implied[i] != implied) continue;
    ++n;
    n_right += right[i] ? 1 : 0;
  }
  return static_cast<double>(n_right) / static_cast<double>(n);
}

/// A row of the questions that the goal speaks of, and, where there are others, one of those.
void add_shares(const std::string& name, const std::vector<bool>& right,
                const std::vector<bool>& is_implied, std::optional<double> goal,
                const std::string& note, bench::Report& report) {
  if (std::ranges::count(is_implied, false) > 0) {
    const double value = share(right, is_implied, false);
    report.add(goal ? row(name, value, "", bench::GoalKind::value_at_least, *goal, note)
                    : row(name, value, "", note));
  }
  if (std::ranges::count(is_implied, true) > 0) {
    report.add(row(name + "/implied", share(right, is_implied, true), "",
                   "the same, where the preference decides by a step of thinking"));
  }
}

Result<> add_choices(infer::Engine& engine, const std::string& model, const Conversations& all,
                     bench::Report& report) {
  using enum bench::GoalKind;
  const measure::Subject plain{&engine};
  const auto& cancel = terminal::interrupt();
  const auto alone = TRY(learn::choose(plain, all.alone, cancel));
  const auto told = TRY(learn::choose(plain, all.told, cancel));
  const auto recalled = TRY(learn::choose(plain, all.recalled, cancel));
  add_shares("choice_alone/" + model, alone, all.is_implied, {}, "without the preference", report);
  add_shares("choice_told/" + model, told, all.is_implied, {}, "with the right preference in front",
             report);
  add_shares("choice_recalled/" + model, recalled, all.is_implied, {},
             fmt::format("with what memory finds {} turns later", kLate), report);
  const auto right = [](const std::vector<bool>& of) {
    return static_cast<double>(std::ranges::count(of, true));
  };
  report.add(row("choice_kept/" + model, right(recalled) / std::max(right(told), 1.0), "x",
                 value_at_least, kShareOfPromptMin, "right answers, recalled over told"));
  return {};
}

/// The same model once it has learnt to heed what it was told.
Result<> add_learnt(infer::Engine& engine, const std::string& model, const Conversations& all,
                    bench::Report& report) {
  using enum bench::GoalKind;
  learn::LearnOptions how;
  how.seconds_max = kLearnSeconds;
  const auto questions = TRY(own_questions("learn"));
  const auto tests = TRY(own_questions("test"));
  const auto learnt =
      TRY(learn::learn_to_follow(engine, questions, tests, how, {}, terminal::interrupt()));
  const auto& figures = learnt.figures;
  const measure::Subject taught{&engine,
                                TRY(model::PackedLora::pack(learnt.adapter, engine.model())), 1.0F};
  report.add(
      row("following_learnt/" + model, figures.right_after, "",
          fmt::format("of its own test questions, {:.3f} before; {} steps in {:.1f} min, "
                      "strength {:.2f}",
                      figures.right_before, learnt.n_steps, learnt.seconds / 60, learnt.strength)));
  report.add(row("following_general_rise/" + model,
                 (figures.general_after / figures.general_before - 1) * 100, "%", value_at_most,
                 kGeneralRiseMax, "perplexity of text about nothing personal"));
  add_shares("choice_learnt/" + model,
             TRY(learn::choose(taught, all.recalled, terminal::interrupt())), all.is_implied,
             kRightMin, "with what memory finds, once it has learnt to heed what it was told",
             report);
  return {};
}

}  // namespace

Result<> bench_preferences(cli::Context& context, const bench::Options& options, bool learns,
                           const fs::path& folder, bench::Report& report) {
  using enum bench::GoalKind;
  const auto questions = eval::preference_cases(
      TRY(options.data.empty() ? own_questions("test") : read_questions(options.data)), 0);
  const std::size_t n_people = (questions.size() + kStated - 1) / kStated;
  const auto chatter = TRY(chatter_for(context, n_people));
  const auto embedder = TRY(cli::load_embedder(context));
  Conversations all;
  for (std::size_t i = 0; i < n_people; ++i) {
    Person person(folder / std::to_string(i), *embedder);
    TRY(talk(person, questions_of(questions, i, n_people), chatter[i], all));
  }
  add_shares("preference_found/10", all.found_soon, all.is_implied, kFoundMin,
             fmt::format("in front of its question {} turns later; {} preferences of {} people",
                         kSoon, questions.size(), n_people),
             report);
  add_shares("preference_found/300", all.found_late, all.is_implied, kFoundMin,
             fmt::format("{} turns later", kLate), report);
  const std::string model =
      options.models.empty() ? context.settings.text("model") : options.models.front();
  const auto path = TRY(cli::find_model(context.settings, model));
  const auto engine = TRY(bench::load_engine(options, {model, path}, infer::Precision::fast));
  TRY(add_choices(*engine, model, all, report));
  return learns ? add_learnt(*engine, model, all, report) : Result<>();
}

}  // namespace plmm::suites
