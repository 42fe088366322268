// plmm expert serve, plmm ledger serve and check.
#include "apps/plmm/serve.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/expert_service.h"
#include "api/ledger_service.h"
#include "apps/plmm/access.h"
#include "apps/plmm/own_data.h"
#include "apps/plmm/terminal/format.h"
#include "apps/plmm/terminal/signals.h"
#include "apps/plmm/wallet.h"
#include "base/narrow.h"
#include "ledger/invariants.h"

namespace plmm::cli {
namespace {

constexpr std::size_t kWaitingMax = 16;  // behind as many that are answered together
constexpr std::uint16_t kExpertPort = 8090;
constexpr std::uint16_t kLedgerPort = 8091;
constexpr std::string_view kOnThisMachine = "127.0.0.1";

/// The first line on standard output is for programs: the address.
void say_where(Context& context, const std::string& url, const std::string& name) {
  auto& console = context.console;
  if (context.arguments.has("--json")) {
    console.data(nlohmann::ordered_json{{"name", name}, {"url", url}}.dump() + "\n");
  } else {
    console.data(url + "\n");
  }
  if (context.arguments.has("--listen") && context.arguments.text("--listen") != kOnThisMachine) {
    console.note(Paint::warning,
                 "others can reach this, and what they send is not encrypted: put a proxy with "
                 "https before it");
  }
  console.note(Paint::quiet, "Ctrl-C stops it");
}

std::string seconds(std::chrono::milliseconds time) {
  return fmt::format("{:.1f} s", static_cast<double>(time.count()) / 1000);
}

/// One line for each answer, without a word of the question or the answer.
void log(Console& console, const api::Served& served) {
  const std::string_view what =
      served.what == api::Served::What::answer ? "answer" : "contribution";
  if (served.error) {
    console.note(fmt::format(
        "{}  {}  failed: {}", date_text(now_ms()), what,
        served.error->code == ErrorCode::cancelled ? "the asker has gone" : served.error->what));
    return;
  }
  console.note(fmt::format("{}  {}  {}  {} tokens  {}  waited {}", date_text(now_ms()), what,
                           to_text(served.price), served.tokens.n_in + served.tokens.n_out,
                           seconds(served.took), seconds(served.waited)));
}

Result<ExitCode> serve_ledger(Context& context) {
  const auto here = TRY(LedgerHere::open(context));
  auto& cashier = here->cashier();
  api::LedgerService service(
      {.port = here->port(),
       .open_expert =
           [&](ledger::HolderId expert) { return cashier.open_expert(expert, expert, now_ms()); },
       .any_reservation = [&](ledger::TransferId id) { return cashier.any_reservation(id); },
       .clock = now_ms});
  const auto server = TRY(listen(context, kLedgerPort));
  say_where(context, server->url(), "ledger");
  return serve(context, *server, [&](const net::Request& request, net::Reply& reply) {
    service.answer(request, reply);
  });
}

Result<ExitCode> check_ledger(Context& context) {
  const auto file = ledger_file(context);
  std::error_code absent;
  if (!std::filesystem::exists(file, absent))
    return fail(ErrorCode::not_found, "there is no ledger on this machine yet. Run: plmm wallet");
  // Opening replays the journal along its chain and compares all tables with it.
  const auto store = TRY(economy::LedgerStore::open(file));
  TRY(ledger::check_invariants(store.ledger()));
  std::int64_t sum = 0;
  for (const auto& [id, account] : store.ledger().accounts())
    sum += account.credits_posted.value - account.debits_posted.value;
  const auto head = store.head();
  const auto chain = crypto::to_hex(head.chain);
  if (context.arguments.has("--json")) {
    const nlohmann::ordered_json json{{"sum_microcredits", sum},
                                      {"accounts", store.ledger().accounts().size()},
                                      {"commands", head.sequence},
                                      {"chain", chain}};
    context.console.data(json.dump(2) + "\n");
  } else {
    context.console.answer(fmt::format("sum {} · {} accounts · {} commands, chain verified: {}…\n",
                                       sum, terminal::thousands(store.ledger().accounts().size()),
                                       terminal::thousands(head.sequence), chain.substr(0, 16)));
  }
  return sum == 0 ? ExitCode::ok : ExitCode::corrupt_file;
}

}  // namespace

Result<std::unique_ptr<net::HttpServer>> listen(const Context& context, std::uint16_t port) {
  net::ServerSettings settings;
  settings.port = port;
  const auto& arguments = context.arguments;
  if (arguments.has("--port"))
    settings.port = narrow<std::uint16_t>(command::to_integer(arguments.text("--port")));
  if (arguments.has("--listen")) settings.address = arguments.text("--listen");
  return net::HttpServer::listen(settings);
}

Result<ExitCode> serve(Context& context, net::HttpServer& server, const net::Handler& handler) {
  terminal::end_like_interrupt();
  TRY(server.serve(handler, terminal::interrupt()));
  context.console.note("stopped");
  return ExitCode::ok;
}

Result<ExitCode> serve_expert(Context& context) {
  const auto& name = context.arguments.text("NAME");
  TRY(card_here(context, name));
  ExpertModels models(context);
  const auto ledger = TRY(LedgerAccess::open(context));
  const auto expert = TRY(ExpertAccess::open(context, models, *ledger, name, Askers::many));
  const auto service = TRY(api::ExpertService::create(
      expert->port(), {.n_answers_max = kAskersMax, .n_waiting_max = kWaitingMax},
      [&](const api::Served& served) { log(context.console, served); }));
  const auto server = TRY(listen(context, kExpertPort));
  say_where(context, server->url(), name);
  return serve(context, *server, [&](const net::Request& request, net::Reply& reply) {
    service->answer(request, reply);
  });
}

Result<ExitCode> run_ledger(Context& context) {
  return context.arguments.text("ACTION") == "serve" ? serve_ledger(context)
                                                     : check_ledger(context);
}

}  // namespace plmm::cli
