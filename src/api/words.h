// Routes and the words that both ends share. For the .cpp files of this folder.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "net/client.h"
#include "net/server.h"

namespace plmm::api {

// The number in the path is protocol::kVersion.
inline constexpr std::string_view kCardPath = "/v1/card";
inline constexpr std::string_view kAskPath = "/v1/ask";
inline constexpr std::string_view kContributePath = "/v1/contribute";
inline constexpr std::string_view kLedgerPath = "/v1/ledger";
inline constexpr std::string_view kReleasesPath = "/v1/releases/";  // EXPERT/NUMBER

inline constexpr std::string_view kChunkEvent = "chunk";
inline constexpr std::string_view kEndEvent = "end";
inline constexpr std::string_view kErrorEvent = "error";

/// Says the error as a message of the protocol, with the status that fits its code.
void refuse(net::Reply& reply, const Error& error);
/// Says a message, or refuses with its error.
void say(net::Reply& reply, const Result<std::string>& json);

/// Whether it is a POST of JSON. A web page cannot send one here without being asked: browsers put
/// a question before it that nobody answers.
Result<> check_json_post(const net::Request& request);
/// What to tell whoever asks for a path that is none: both versions, when it is another one's.
Error unknown_path(std::string_view path);

/// The body of an answer of status 200; else what the other side says about its failure, which is
/// its own: "stopped" there is offline here. corrupt_data when no tier of ours answers there.
Result<std::string> body_of(net::HttpAnswer answer);
/// The error of a peer as one of ours.
Error from_peer(Error error);

}  // namespace plmm::api
