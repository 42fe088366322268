// Verbs that answer others over HTTP until they are stopped.
#pragma once

#include <cstdint>
#include <memory>

#include "apps/plmm/context.h"
#include "net/server.h"

namespace plmm::cli {

/// A server at --port and --listen; without them at `port` of this machine (0: any that is free).
Result<std::unique_ptr<net::HttpServer>> listen(const Context& context, std::uint16_t port);
/// Answers until Ctrl-C or SIGTERM.
Result<ExitCode> serve(Context& context, net::HttpServer& server, const net::Handler& handler);

/// plmm expert serve NAME.
Result<ExitCode> serve_expert(Context& context);

}  // namespace plmm::cli
