// One path, one release; see teacher_service.h.
#include "api/teacher_service.h"

#include <charconv>
#include <string>
#include <string_view>

#include "api/words.h"

namespace plmm::api {

void TeacherService::answer(const net::Request& request, net::Reply& reply) {
  std::string_view rest = request.path;
  if (!rest.starts_with(kReleasesPath)) return refuse(reply, unknown_path(request.path));
  if (request.method != "GET")
    return refuse(reply, {ErrorCode::unsupported, "this is asked by GET"});
  rest.remove_prefix(kReleasesPath.size());
  const auto slash = rest.find('/');
  const auto expert = rest.substr(0, slash);
  const auto digits = slash == rest.npos ? std::string_view() : rest.substr(slash + 1);
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool is_number = error == std::errc() && end == digits.data() + digits.size();
  if (!protocol::is_name(expert) || !is_number) {
    return refuse(reply, {ErrorCode::not_found, "nothing is at that path"});
  }
  const auto release = [&] {
    const std::lock_guard guard(mutex_);
    return teacher_.release_after(expert, number);
  }();
  if (!release) {
    // Which file of the teacher's is damaged is nobody else's affair.
    const bool is_absent = release.error().code == ErrorCode::not_found;
    return refuse(reply, is_absent ? release.error()
                                   : Error{ErrorCode::io, "the teacher cannot read its release"});
  }
  say(reply, protocol::to_json(*release));
}

}  // namespace plmm::api
