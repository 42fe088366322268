// One GET, and nothing believed that is not signed; see remote_teacher.h.
#include "api/remote_teacher.h"

#include <utility>

#include "api/words.h"

namespace plmm::api {

RemoteTeacher::RemoteTeacher(std::string url, const Cancel& cancel,
                             std::chrono::milliseconds silence_max)
    : url_(std::move(url)),
      cancel_(cancel),
      client_({.idle_max = silence_max, .body_bytes_max = protocol::kReleaseBytesMax}) {}

Result<protocol::Release> RemoteTeacher::release_after(std::string_view expert,
                                                       std::uint32_t number) {
  if (!protocol::is_name(expert)) {
    return fail(ErrorCode::invalid_argument, "that is no name of an expert");
  }
  auto answer = client_.fetch({.url = url_ + std::string(kReleasesPath) + std::string(expert) +
                                      "/" + std::to_string(number)},
                              cancel_);
  if (!answer) {
    if (answer.error().code == ErrorCode::cancelled) return std::unexpected(answer.error());
    return fail(answer.error().code, "the teacher does not answer (" + answer.error().what + ")");
  }
  const auto json = TRY(body_of(std::move(*answer)));
  auto release = TRY(protocol::parse_release(json));
  if (release.expert == expert && release.parent == number && protocol::verify_release(release)) {
    return release;
  }
  return fail(ErrorCode::corrupt_data,
              "the teacher sent something else than the release that was asked for");
}

}  // namespace plmm::api
