// One completion is one exchange.
#include "teacher/endpoint.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string_view>

#include "base/json_object.h"
#include "protocol/messages.h"
#include "teacher/words.h"
#include "text/unicode.h"

namespace plmm::teacher {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kBodyBytesMax = 1 << 20;
constexpr std::size_t kTextBytesMax = 64 << 10;
constexpr int kDepthMax = 16;
constexpr std::chrono::milliseconds kWholeMax{180'000};  // a large model on few cores
constexpr std::string_view kThoughtEnd = "</think>";

std::string completions_url(std::string service) {
  if (!service.ends_with("/v1")) service += "/v1";
  return service + "/chat/completions";
}

/// What to do about a status that is no success.
std::string_view advice(int status) {
  if (status == 401 || status == 403) return "Set PLMM_TEACHER_KEY to the endpoint's key";
  if (status == 404) return "Look at --endpoint and --model: it knows one of them not";
  if (status == 429) return "It is asked too often or the quota is used up; run this again later";
  if (status >= 500) return "Its own log says more; run this again later";
  return "Does it speak the OpenAI protocol?";
}

std::unexpected<Error> no_completion(std::string_view what) {
  return fail(ErrorCode::corrupt_data, fmt::format("the endpoint's answer {}. Does it speak the "
                                                   "OpenAI protocol?",
                                                   what));
}

}  // namespace

EndpointBackend::EndpointBackend(std::string url, const EndpointOptions& options)
    : url_(std::move(url)),
      model_(options.model),
      key_(options.key),
      client_({.whole_max = kWholeMax, .body_bytes_max = kBodyBytesMax}) {}

Result<std::unique_ptr<EndpointBackend>> EndpointBackend::create(const EndpointOptions& options) {
  auto service = TRY(net::service_url(options.url));
  if (options.model.empty() || options.model.size() > protocol::kTitleBytesMax ||
      !net::is_header_text(options.model) ||
      text::valid_bytes(options.model) != options.model.size()) {
    return fail(ErrorCode::invalid_argument, "which model of the endpoint? Add: --model NAME");
  }
  if (!options.key.empty() && service.starts_with("http://") && !net::is_this_machine(service)) {
    return fail(ErrorCode::invalid_argument,
                "the key would travel unencrypted. Use an https:// endpoint, or unset "
                "PLMM_TEACHER_KEY");
  }
  if (!net::is_header_text(options.key)) {
    return fail(ErrorCode::invalid_argument, "PLMM_TEACHER_KEY holds a control character");
  }
  auto url = completions_url(std::move(service));
  std::unique_ptr<EndpointBackend> out(new EndpointBackend(std::move(url), options));
  return out;
}

Result<std::string> EndpointBackend::complete(const Prompt& prompt, int n_tokens_max,
                                              const Cancel& cancel) {
  Json messages = Json::array();
  if (!prompt.system.empty()) {
    messages.push_back({{"role", "system"}, {"content", prompt.system}});
  }
  messages.push_back({{"role", "user"}, {"content", prompt.user}});
  const Json body{{"model", model_},  {"messages", std::move(messages)},
                  {"temperature", 0}, {"seed", 0},
                  {"stream", false},  {"max_tokens", n_tokens_max}};
  auto request = net::json_post(url_, body.dump(-1, ' ', false, Json::error_handler_t::replace));
  if (!key_.empty()) request.headers.push_back({"Authorization", "Bearer " + key_});
  const auto answer = client_.fetch(request, cancel);
  const auto shown = net::display_url(url_);
  if (!answer) {
    if (answer.error().code == ErrorCode::cancelled) return std::unexpected(answer.error());
    return fail(answer.error().code,
                fmt::format("{}: {}. Is the endpoint running?", shown, answer.error().what));
  }
  const int status = answer->head.status;
  if (status < 200 || status > 299) {
    return fail(ErrorCode::io,
                fmt::format("{} answered with status {}. {}", shown, status, advice(status)));
  }
  return parse_completion(answer->body);
}

Result<std::string> parse_completion(std::string_view body) {
  if (text::valid_bytes(body) != body.size()) return no_completion("is not UTF-8");
  const auto root = parse_object<Json>(body, kDepthMax);
  if (root.is_discarded()) return no_completion("is not JSON");
  const auto choices = root.find("choices");
  if (choices == root.end() || !choices->is_array() || choices->empty()) {
    return no_completion("has no 'choices'");
  }
  const auto& choice = choices->front();
  const auto message = choice.is_object() ? choice.find("message") : choice.end();
  if (!choice.is_object() || message == choice.end() || !message->is_object()) {
    return no_completion("has no 'message'");
  }
  const auto content = message->find("content");
  if (content == message->end() || !content->is_string()) return no_completion("has no 'content'");
  std::string_view text = content->get_ref<const std::string&>();
  if (const auto at = text.rfind(kThoughtEnd); at != std::string_view::npos) {
    text.remove_prefix(at + kThoughtEnd.size());
  }
  text = trimmed(text);
  if (text.size() > kTextBytesMax) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("the endpoint's answer has {} bytes, at most {} are read", text.size(),
                            kTextBytesMax));
  }
  return std::string(text);
}

}  // namespace plmm::teacher
