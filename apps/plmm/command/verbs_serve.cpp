// plmm ledger as the table of verbs has it, and what serving verbs share.
#include "apps/plmm/command/verbs_serve.h"

namespace plmm::command {
namespace {

constexpr double kPortMax = 65'535;

}  // namespace

Option port_option() {
  return {"--port",
          {Kind::integer, "N", "", 0, kPortMax},
          "serve: where to listen; 0: any that is free; default: 8090, of a ledger 8091"};
}

Option listen_option() {
  return {"--listen",
          {Kind::text, "ADDRESS"},
          "serve: the address of this machine to listen on; default: 127.0.0.1, only from here"};
}

Verb ledger_verb() {
  return {
      "ledger",
      "serve or check this machine's ledger",
      "The ledger holds who owns how many credits. serve answers others over HTTP until Ctrl-C: "
      "each command is signed, and nobody can move or see what belongs to another. check replays "
      "all commands along their chain and adds every account up: the sum is 0.",
      {{"ACTION", {Kind::choice, "", "", 0, 0, "check|serve"}, "left out: check", false}},
      {port_option(), listen_option(), kJson},
      {{"plmm ledger serve --port 8091", "for users and experts on other machines"},
       {"plmm ask --ledger http://127.0.0.1:8091 --expert it 'What is a mutex?'",
        "pay in that one"},
       {"plmm ledger check", "sum and chain"}}};
}

}  // namespace plmm::command
