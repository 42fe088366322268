// A vault, documents, and a conversation that grows; see first_token_bench.h.
#include "apps/plmm/suites/first_token_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
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
#include "apps/plmm/suites/personal_data.h"
#include "apps/plmm/terminal/signals.h"
#include "base/file.h"
#include "bench/machine.h"
#include "bench/workload.h"
#include "infer/conversation.h"
#include "personal/document_adding.h"
#include "personal/document_note.h"
#include "personal/prompt.h"
#include "personal/recall.h"

namespace plmm::suites {
namespace {

namespace fs = std::filesystem;
using personal::Slot;

constexpr int kContext = 16'384;
constexpr int kBehind = 4'096;  // tokens in front of what is measured
constexpr int kTurns = 12;      // that are measured
constexpr int kAnswerTokens = 32;
constexpr int kPassagesAsked = 8;
constexpr double kMillisecondsMax = 400;
constexpr double kAloneMillisecondsMax = 150;

constexpr std::array<std::string_view, 3> kDocuments{"README.md", "docs/architecture.md",
                                                     "docs/training.md"};
/// About these documents, between the questions about what was said.
constexpr std::array<std::string_view, 6> kAboutDocuments{
    "Which file turns a chat template into a prompt?",
    "How are the gradients of attention found?",
    "What does an expert see of my question?",
    "How do I train an adapter from my chats?",
    "Where are packed weights kept?",
    "How is a gap in an expert's library closed?"};
/// Nothing is recalled for these.
constexpr std::array<std::string_view, 6> kGeneral{
    "Why is the sky blue?",        "Give me a rhyme for orange.", "What is the capital of Peru?",
    "How many legs has a spider?", "Name three prime numbers.",   "What does a barometer measure?"};

/// Ines, as her profile would have it after some weeks.
constexpr std::array<std::pair<Slot, std::string_view>, 8> kProfile{
    {{Slot::name, "Ines"},
     {Slot::languages, "Portuguese and English"},
     {Slot::education, "a degree in civil engineering"},
     {Slot::work, "bridge inspector for the city"},
     {Slot::hobbies, "choir, pottery"},
     {Slot::place, "Porto"},
     {Slot::people, "two children of six"},
     {Slot::tone, "short and friendly"}}};

std::string profile_text() {
  std::vector<personal::Fact> facts;
  for (const auto& [slot, value] : kProfile) {
    personal::Fact fact;
    fact.id = static_cast<std::int64_t>(facts.size()) + 1;
    fact.slot = slot;
    fact.value = Personal(std::string(value));
    facts.push_back(std::move(fact));
  }
  return personal::pin(facts).text.reveal(Purpose::prompt);
}

/// What the person said and has, and what of it stands in front of a question.
class Knowledge {
 public:
  Knowledge(const fs::path& folder, infer::Embedder& embedder)
      : place_(personal::vault_in(folder)), embedder_(embedder) {}

  Result<> learn(const PersonalData& data) {
    vault_.emplace(TRY(personal::Vault::open(place_)));
    memory_.emplace(TRY(cli::open_memory(*vault_)));
    documents_.emplace(TRY(cli::open_documents(*vault_)));
    for (const auto& turn : data.turns) {
      if (terminal::interrupt().requested()) return fail(ErrorCode::cancelled, "stopped");
      const auto embeddings = TRY(embedded(embedder_, personal::pieces_of(turn.said)));
      TRY(memory_->keep(said_now(turn), embeddings));
    }
    const personal::AddingPorts ports{
        .embed = [this](std::span<const std::string_view> texts,
                        std::span<float> out) { return embedder_.embed(texts, out); },
        .now_ms = cli::now_ms()};
    for (const auto name : kDocuments) {
      const auto file = fs::absolute(TRY(bench::find_in_checkout(name)));
      TRY(personal::add_file(*documents_, file, ports, terminal::interrupt()));
    }
    return {};
  }

  /// As Remembering::recall does it in a chat.
  Result<std::string> recalled_for(const std::string& question) {
    const std::string_view text = question;
    const auto embedding = TRY(embedded(embedder_, {&text, 1}));
    const Personal<std::string> asked{question};
    const auto passages = TRY(documents_->search(asked, embedding, kPassagesAsked));
    const personal::RecallSettings settings;
    const auto turns = TRY(memory_->search(asked, embedding, settings.n_searched));
    return personal::make_document_note(passages, documents_->all()).text.reveal(Purpose::prompt) +
           personal::make_note(turns, settings, cli::day_text).text.reveal(Purpose::prompt);
  }

 private:
  personal::VaultPlace place_;
  infer::Embedder& embedder_;
  std::optional<personal::Vault> vault_;
  std::optional<personal::Memory> memory_;
  std::optional<personal::Documents> documents_;
};

/// What was measured of turns.
struct Waits {
  std::vector<double> ms;
  std::vector<double> n_new;  // tokens that were read
  int n_behind = 0;           // tokens in front of the last one
};

class Talk {
 public:
  Talk(infer::Conversation& conversation, Knowledge& knowledge)
      : conversation_(conversation), knowledge_(knowledge) {}

  Result<> say(const std::string& question, int n_tokens, Waits& out) {
    const auto start = Clock::now();
    conversation_.set_note(TRY(knowledge_.recalled_for(question)));
    infer::GenerateOptions options;
    options.n_tokens_max = n_tokens;
    double first_ms = 0;
    const auto answer = TRY(conversation_.say(
        question, options,
        [&](std::string_view) {
          if (first_ms == 0) first_ms = milliseconds_since(start);
        },
        terminal::interrupt()));
    const auto& generation = answer.generation;
    out.ms.push_back(first_ms > 0 ? first_ms : milliseconds_since(start));
    out.n_new.push_back(generation.n_prompt - generation.n_prompt_reused);
    out.n_behind = generation.n_prompt_reused;
    n_tokens_ = generation.n_prompt + static_cast<int>(generation.tokens.size());
    return {};
  }
  int n_tokens() const { return n_tokens_; }

 private:
  infer::Conversation& conversation_;
  Knowledge& knowledge_;
  int n_tokens_ = 0;
};

/// Questions about what was said and, every other one, about the documents.
std::string question(const PersonalData& data, std::size_t i) {
  if (i % 2 == 1) return std::string(kAboutDocuments[i / 2 % kAboutDocuments.size()]);
  return data.questions[i / 2 % data.questions.size()].text;
}

Result<> measure_alone(infer::Conversation& conversation, Knowledge& knowledge,
                       const std::string& model, bench::Report& report) {
  Waits waits;
  Waits first;  // reads the profile
  Talk talk(conversation, knowledge);
  TRY(talk.say("Hello!", 1, first));
  for (int i = 0; i < kTurns; ++i) {
    conversation.clear();
    TRY(talk.say(std::string(kGeneral[static_cast<std::size_t>(i) % kGeneral.size()]), 2, waits));
  }
  report.add(row("first_token_alone/" + model, bench::median(waits.ms), "ms",
                 bench::GoalKind::value_at_most, kAloneMillisecondsMax,
                 fmt::format("a new conversation behind the profile; median of {}, {:.0f} new "
                             "tokens",
                             waits.ms.size(), bench::median(waits.n_new))));
  return {};
}

Result<> measure_with_memory(infer::Conversation& conversation, Knowledge& knowledge,
                             const PersonalData& data, const std::string& model,
                             bench::Report& report) {
  conversation.clear();
  Talk talk(conversation, knowledge);
  Waits filling, waits;
  std::size_t n_asked = 0;
  while (talk.n_tokens() < kBehind)
    TRY(talk.say(question(data, n_asked++), kAnswerTokens, filling));
  const int n_behind = talk.n_tokens();
  for (int i = 0; i < kTurns; ++i) TRY(talk.say(question(data, n_asked++), 2, waits));
  report.add(
      row("first_token_memory/" + model, bench::median(waits.ms), "ms",
          bench::GoalKind::value_at_most, kMillisecondsMax,
          fmt::format("behind profile, memory and documents of {} to {} tokens; median of "
                      "{}, {:.0f} new tokens",
                      n_behind, waits.n_behind, waits.ms.size(), bench::median(waits.n_new))));
  return {};
}

}  // namespace

Result<> bench_first_token(cli::Context& context, const bench::Options& options,
                           const fs::path& folder, bench::Report& report) {
  const auto file = TRY(bench::find_in_checkout("testdata/personal/ines.json"));
  const auto data = TRY(parse_personal_data(TRY(read_file(file, kPersonalFileBytesMax))));
  const auto embedder = TRY(cli::load_embedder(context));
  Knowledge knowledge(folder, *embedder);
  TRY(knowledge.learn(data));
  const std::string model =
      options.models.empty() ? context.settings.text("model") : options.models.front();
  const auto path = TRY(cli::find_model(context.settings, model));
  const auto engine = TRY(bench::load_engine(options, {model, path}, infer::Precision::fast));
  const int n_context = std::min(kContext, engine->model().config().n_context);
  infer::Conversation conversation(*engine, TRY(infer::Session::create(*engine, n_context)));
  conversation.set_system(profile_text());
  TRY(measure_alone(conversation, knowledge, model, report));
  return measure_with_memory(conversation, knowledge, data, model, report);
}

}  // namespace plmm::suites
