// The scenes of the story and the home in which they play; see demonstration.h.
#include "apps/plmm/demonstration.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <vector>

#include "apps/plmm/experts.h"
#include "apps/plmm/stage.h"
#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/signals.h"
#include "base/file.h"
#include "base/temporary_folder.h"
#include "catalog/catalog.h"

namespace plmm::cli {
namespace {

namespace fs = std::filesystem;

// A place that we made up, so that no model can know it.
constexpr std::string_view kHarbour = R"(# The Lindholm ferry

The Lindholm ferry crosses the sound six times a day from April to October and twice a day in
winter. A crossing takes 25 minutes. A ticket costs 14 crowns; children under seven travel free.

# The Lindholm lighthouse

The Lindholm lighthouse was built in 1871 by Edda Brekke. Its light can be seen for 19 sea miles.
The tower has 143 steps and is open on Saturdays.

# The Lindholm market

The Lindholm market is held on the quay every Thursday morning. Fish is sold before seven o'clock,
bread and honey until noon.
)";
constexpr std::string_view kNews = R"(# The Lindholm sauna

The Lindholm sauna stands at the end of the north pier. It is heated with birch wood and opens at
five in the afternoon. A bath costs 35 crowns.

# The Lindholm library boat

The Lindholm library boat is called Selma. It brings books to the outer islands on the first Monday
of the month.

# The Lindholm tide bell

The Lindholm tide bell was cast in 1902 by Anselm Torvik and rings when the water stands at two
metres.
)";
constexpr std::string_view kQuestions =
    R"({"question":"What does a bath in the Lindholm sauna cost?","answers":["35"]}
{"question":"With which wood is the Lindholm sauna heated?","answers":["birch"]}
{"question":"What is the Lindholm library boat called?","answers":["Selma"]}
{"question":"Who cast the Lindholm tide bell?","answers":["Torvik"]}
{"question":"In which year was the Lindholm tide bell cast?","answers":["1902"]}
{"question":"Where does the Lindholm sauna stand?","answers":["north pier"]}
)";

/// One command, and what a person should know before it.
struct Scene {
  std::string_view says;  // empty: it goes with the one before
  std::vector<std::string> words;
};

std::vector<Scene> scenes(const fs::path& folder, const std::string& model) {
  const std::string harbour = (folder / "harbour.md").string();
  const std::string news = (folder / "news.md").string();
  const std::string questions = (folder / "questions.jsonl").string();
  const std::string steps = "How many steps has the Lindholm lighthouse?";
  const std::string ticket = "What does a Lindholm ferry ticket cost?";
  return {
      {"You tell it about yourself. It is sealed on this device.",
       {"profile", "set", "name", "Mira Solberg"}},
      {"", {"profile", "set", "work", "teaches geology"}},
      {"An expert is made from documents: here a page about a harbour that we made up.",
       {"expert", "create", "lindholm", "--docs", harbour, "--title", "Lindholm harbour", "--topic",
        "the harbour, ferry and lighthouse of Lindholm", "--base", model}},
      {"The model on this device cannot know it, and does not say so:",
       {"ask", steps, "--max-tokens", "60"}},
      {"The expert can. What tells about you stays here, and the price is known before.",
       {"ask", "--expert", "lindholm", "--yes", "I am Mira Solberg and I teach geology. " + steps}},
      {"You know better than the expert. It tries your correction before it believes it, and pays.",
       {"correct", "--expert", "lindholm", ticket,
        "A Lindholm ferry ticket costs 16 crowns since May.", "--answer", "16 crowns", "--yes"}},
      {"", {"ask", "--expert", "lindholm", "--yes", ticket}},
      {"A teacher asks the expert about a newer page and finds what it does not know ...",
       {"teacher", "gaps", "lindholm", "--source", news, "--questions", questions, "--model",
        model}},
      {"... adds it on a copy, tests that on questions kept apart, and signs what helps.",
       {"teacher", "upgrade", "lindholm", "--yes", "--model", model}},
      {"", {"ask", "--expert", "lindholm", "--yes", "What is the Lindholm library boat called?"}},
      {"All of it is on record: what left this device, byte by byte, ...", {"outbox"}},
      {"... how the last answer came about, and what moved.", {"why"}},
      {"", {"wallet"}},
      {"", {"expert", "earnings", "lindholm"}},
      {"", {"ledger", "check"}},
  };
}

/// The command as a person would type it.
std::string command_line(const std::vector<std::string>& words, const fs::path& folder) {
  std::string out = "$ plmm";
  for (const auto& word : words) {
    const std::string shown =
        fs::path(word).parent_path() == folder ? fs::path(word).filename().string() : word;
    out += " " + terminal::shell_word(shown);
  }
  return out;
}

}  // namespace

Result<ExitCode> tell_story(Context& context) {
  auto& console = context.console;
  if (!catalog::resolve(kEmbeddingModel, context.settings.models())) {
    console.note(fmt::format("experts need a model that compares texts. Run: plmm pull {}",
                             kEmbeddingModel));
    return ExitCode::ok;
  }
  const auto stage = TRY(TemporaryFolder::create());
  const auto& folder = stage.path();
  TRY(write_file_atomically(folder / "harbour.md", kHarbour));
  TRY(write_file_atomically(folder / "news.md", kNews));
  TRY(write_file_atomically(folder / "questions.jsonl", kQuestions));
  const auto environment = environment_of(context, folder);
  const auto start = std::chrono::steady_clock::now();
  console.data("The four parts together, in a home of their own that is removed at the end.\n");
  for (const auto& [says, words] : scenes(folder, context.settings.text("model"))) {
    if (!says.empty()) console.data(fmt::format("\n{}\n", says));
    console.data(command_line(words, folder) + "\n");
    const auto code = run(words, environment);
    // A refusal of an expert or a teacher is part of the story; a stop by the person ends it.
    if (code == ExitCode::interrupted || terminal::interrupt().requested())
      return ExitCode::interrupted;
    if (console.output_closed()) return ExitCode::ok;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  console.data(fmt::format("\n{} for all of it.\n", terminal::duration_text(took.count())));
  return ExitCode::ok;
}

}  // namespace plmm::cli
