// The teacher of this machine as a service; see teacher_run.h.
#include "apps/plmm/teacher_run.h"

#include <fmt/format.h>

#include "api/teacher_service.h"
#include "apps/plmm/serve.h"
#include "apps/plmm/teacher_here.h"

namespace plmm::cli {

Result<ExitCode> run_teacher_service(Context& context) {
  auto teacher = teacher_here(context);
  const auto key = TRY(teacher.key());
  const auto server = TRY(listen(context, 0));
  api::TeacherService service(teacher);
  auto& console = context.console;
  console.note(fmt::format("teacher {} at {}: its releases can be had, nothing else",
                           crypto::to_hex(key.public_key().bytes).substr(0, 8), server->url()));
  console.note(
      fmt::format("Run: plmm expert update NAME --teacher {}   (Ctrl-C ends it)", server->url()));
  return serve(context, *server, [&](const net::Request& request, net::Reply& reply) {
    service.answer(request, reply);
  });
}

}  // namespace plmm::cli
