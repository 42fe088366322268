// Errors on their way through HTTP; see words.h.
#include "api/words.h"

#include <utility>

#include "protocol/json.h"

namespace plmm::api {
namespace {

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
    case ErrorCode::corrupt_data:
      return 400;
    case ErrorCode::not_found:
      return 404;
    case ErrorCode::limit_exceeded:
      return 413;
    case ErrorCode::unsupported:
      return 501;
    case ErrorCode::offline:
    case ErrorCode::cancelled:
      return 503;
    case ErrorCode::io:
      return 500;
  }
  return 500;
}

/// "/v12/ask" → "12"; empty for a path without a version.
std::string_view version_in(std::string_view path) {
  if (!path.starts_with("/v")) return {};
  path.remove_prefix(2);
  const std::size_t end = path.find('/');
  const std::string_view digits = path.substr(0, end);
  constexpr std::size_t kDigitsMax = 6;
  const bool is_number = digits.find_first_not_of("0123456789") == digits.npos;
  return end == path.npos || digits.size() > kDigitsMax || !is_number ? std::string_view() : digits;
}

}  // namespace

void refuse(net::Reply& reply, const Error& error) {
  const auto json = protocol::to_json(error);
  // A peer that is gone needs no words.
  static_cast<void>(
      reply.send(status_of(error.code), net::kJsonType, json ? *json : std::string("{}")));
}

void say(net::Reply& reply, const Result<std::string>& json) {
  if (!json) return refuse(reply, json.error());
  static_cast<void>(reply.send(200, net::kJsonType, *json));
}

Result<> check_json_post(const net::Request& request) {
  if (request.method != "POST") return fail(ErrorCode::unsupported, "this is asked by POST");
  const auto type = net::media_type(net::find_header(request.headers, "content-type"));
  if (net::same_word(type, net::kJsonType)) return {};
  return fail(ErrorCode::unsupported, "this is asked in application/json");
}

Error unknown_path(std::string_view path) {
  const std::string_view version = version_in(path);
  if (version.empty() || version == std::to_string(protocol::kVersion))
    return {ErrorCode::not_found, "nothing is at that path"};
  return protocol::other_version(version);
}

Error from_peer(Error error) {
  if (error.code == ErrorCode::cancelled) return {ErrorCode::offline, "it was stopped"};
  return error;
}

Result<std::string> body_of(net::HttpAnswer answer) {
  const auto type = net::media_type(net::find_header(answer.head.headers, "content-type"));
  const bool is_json = net::same_word(type, net::kJsonType);
  if (answer.head.status == 200 && is_json) return std::move(answer.body);
  if (is_json) {
    auto error = protocol::parse_error(answer.body);
    if (error) return std::unexpected(from_peer(*std::move(error)));
    if (error.error().code == ErrorCode::unsupported) return std::unexpected(error.error());
  }
  if (answer.head.status == 503) return fail(ErrorCode::offline, "it is busy, try again soon");
  return fail(ErrorCode::corrupt_data, "what answers at that address (status " +
                                           std::to_string(answer.head.status) +
                                           ") is no plmm of this kind");
}

}  // namespace plmm::api
