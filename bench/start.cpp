// One process for each turn of ours, in turn with the peers.
#include "bench/start.h"

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>

#include "bench/own_program.h"

namespace plmm::bench {
namespace {

constexpr int kTurns = 5;
constexpr double kOverPeer = 2.0;  // half of llama.cpp's time
constexpr std::string_view kGoalModel = "smollm2-135m";
constexpr std::string_view kPrompt = "The lighthouse keeper's daughter kept a small notebook in";

struct Start {
  double seconds = 0;
  int n_prompt = 0;
};

Result<Start> start_once(const OwnProgram& plmm, const ModelFile& file) {
  const auto before = std::chrono::steady_clock::now();
  auto child = TRY(plmm.start({"ask", "--raw", "--json", "--max-tokens", "1", "--temperature", "0",
                               "--model", file.path.string(), std::string(kPrompt)}));
  child.end_input();  // ask takes its question from there too
  std::string answer = TRY(child.read_line());
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - before;
  while (answer != "}" && !answer.ends_with("\n}")) answer += "\n" + TRY(child.read_line());
  const auto json = nlohmann::json::parse(answer, nullptr, false);
  const auto n = json.is_object() ? json.find("n_prompt_tokens") : json.end();
  if (n == json.end() || !n->is_number_integer())
    return fail(ErrorCode::corrupt_data, "plmm ask --json: no n_prompt_tokens");
  return Start{taken.count(), n->get<int>()};
}

}  // namespace

Result<Metric> start_row(const Options& options, const ModelFile& file, PeerTeam& team) {
  const auto plmm = TRY(OwnProgram::create(options));
  const int n_prompt = TRY(start_once(plmm, file)).n_prompt;  // warms up
  const std::string command = fmt::format("first_token {}", n_prompt);
  std::vector<double> ours;
  std::map<std::string, std::vector<double>> theirs;
  for (int turn = 0; turn < kTurns; ++turn) {
    TRY(go_on(options));
    ours.push_back(TRY(start_once(plmm, file)).seconds);
    team.each([&](Peer& peer) -> Result<> {
      theirs[peer.name()].push_back(TRY(peer.ask(command)).seconds);
      return {};
    });
  }
  Metric out;
  out.name = "exec_first_token/" + file.name;
  out.value = median(ours);
  out.unit = std::string("s");
  out.better = Better::less;
  for (const auto& [name, seconds] : theirs)
    if (seconds.size() == ours.size()) out.peers.push_back({name, median(seconds)});
  if (file.name == kGoalModel && !out.peers.empty())
    out.goal = Goal{GoalKind::ratio_at_least, kOverPeer, std::string(kMainPeer)};
  out.note = fmt::format(
      "{} tokens; ours: the whole process; peers: from the call that loads the model", n_prompt);
  return out;
}

}  // namespace plmm::bench
