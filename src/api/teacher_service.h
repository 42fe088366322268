// A teacher's releases behind HTTP. docs/formats/http.md.
#pragma once

#include <mutex>

#include "net/server.h"
#include "protocol/release.h"

namespace plmm::api {

/// GET /v1/releases/EXPERT/NUMBER: the release that goes on top of that number. Releases are signed
/// and no secret: anybody may have them. answer() is for many threads at once.
class TeacherService {
 public:
  /// The teacher outlives it and is asked by one thread at a time.
  explicit TeacherService(protocol::TeacherPort& teacher) : teacher_(teacher) {}

  void answer(const net::Request& request, net::Reply& reply);

 private:
  protocol::TeacherPort& teacher_;
  std::mutex mutex_;
};

}  // namespace plmm::api
