// Where each question goes, as a chat would decide it.
#include <fmt/format.h>

#include "apps/plmm/expert_desk.h"
#include "apps/plmm/own_data.h"
#include "apps/plmm/suites/loop_bench.h"
#include "apps/plmm/terminal/signals.h"
#include "infer/conversation.h"

namespace plmm::suites {
namespace {

constexpr double kRightMin = 0.85;

}  // namespace

Result<> measure_routing(LoopBench& bench) {
  infer::Engine* const engine = TRY(bench.models.engine(bench.context.settings.text("model")));
  auto session = TRY(infer::Session::create(*engine, 0));
  infer::Conversation conversation(*engine, std::move(session));
  cli::ExpertDesk desk(bench.context, {});
  conversation.set_system(cli::system_text(cli::pinned_profile(bench.context, desk).text, {}));
  std::size_t n_right = 0, n_personal = 0, n_personal_local = 0;
  for (const LoopQuestion& question : bench.data.questions) {
    const std::string& text = question.exam.question;
    const auto route = TRY(desk.route(text, [&] {
      return conversation.certainty(text, cli::kCertaintyTokens, terminal::interrupt());
    }));
    const std::string went = route.expert.value_or("");
    const bool is_right = went == (question.is_for_expert() ? question.kind : "");
    n_right += is_right ? 1 : 0;
    if (question.kind == kPersonal) {
      ++n_personal;
      n_personal_local += went.empty() ? 1 : 0;
    }
    if (!is_right) {
      bench.note(fmt::format("not as wanted: {} went to {}, {}: {}", question.kind,
                             went.empty() ? "nobody" : went, name_of(route.reasons.front()), text));
    }
  }
  const auto n = static_cast<double>(bench.data.questions.size());
  bench.at_least("route_right", static_cast<double>(n_right) / n, "", kRightMin,
                 fmt::format("{} of {} questions", n_right, bench.data.questions.size()));
  if (n_personal > 0) {
    bench.at_least("personal_local",
                   static_cast<double>(n_personal_local) / static_cast<double>(n_personal), "", 1,
                   fmt::format("{} of {} questions", n_personal_local, n_personal));
  }
  return {};
}

}  // namespace plmm::suites
