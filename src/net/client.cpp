// Exchanges by libcurl's multi interface, which lets us look at the clock while nothing arrives.
#include "net/client.h"

#include <curl/curl.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <optional>

namespace plmm::net {
namespace {

using SteadyClock = std::chrono::steady_clock;

struct EasyCleanup {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct MultiCleanup {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct ListFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListFree>;

/// What the callbacks share.
struct State {
  CURL* handle;
  const OnBody& on_body;
  std::uint64_t body_bytes_max;
  HttpHead head = {};
  std::size_t n_header_bytes = 0;
  std::uint64_t n_body_bytes = 0;
  SteadyClock::time_point heard_at = SteadyClock::now();
  bool has_body = false;
  std::optional<Error> error = std::nullopt;
};

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

std::size_t on_header(char* data, std::size_t size, std::size_t n, void* user) {
  auto& state = *static_cast<State*>(user);
  const std::string_view line(data, size * n);
  state.heard_at = SteadyClock::now();
  state.n_header_bytes += line.size();
  if (state.n_header_bytes > kHeaderBytesMax || state.head.headers.size() > kHeadersMax) {
    state.error = Error{ErrorCode::limit_exceeded, "the answer has too many headers"};
    return 0;
  }
  if (line.starts_with("HTTP/")) {  // a new answer, after a redirect or "100 Continue"
    state.head = {};
    state.n_header_bytes = line.size();
  }
  const std::size_t colon = line.find(':');
  if (colon != line.npos) {
    state.head.headers.push_back(
        {std::string(line.substr(0, colon)), std::string(trimmed(line.substr(colon + 1)))});
  }
  return line.size();
}

void complete_head(State& state) {
  long status = 0;
  curl_off_t length = -1;
  curl_easy_getinfo(state.handle, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(state.handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  state.head.status = static_cast<int>(status);
  state.head.n_body_bytes = length > 0 ? static_cast<std::uint64_t>(length) : 0;
}

Result<> take_body(State& state, std::span<const std::byte> bytes) {
  if (!state.has_body) complete_head(state);
  state.has_body = true;
  state.heard_at = SteadyClock::now();
  state.n_body_bytes += bytes.size();
  if (state.n_body_bytes > state.body_bytes_max) {
    return fail(ErrorCode::limit_exceeded,
                "the server sends more than " + std::to_string(state.body_bytes_max) + " bytes");
  }
  return state.on_body(state.head, bytes);
}

std::size_t on_write(char* data, std::size_t size, std::size_t n, void* user) {
  auto& state = *static_cast<State*>(user);
  const auto taken = take_body(state, std::as_bytes(std::span(data, size * n)));
  if (taken) return size * n;
  state.error = taken.error();
  return size * n == 0 ? 1 : 0;  // any other count than the given one stops the transfer
}

std::string no_connection(CURL* handle) {
  long os_errno = 0;
  curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &os_errno);
  switch (os_errno) {
    case ECONNREFUSED:
      return "connection refused";
    case ENETUNREACH:
    case EHOSTUNREACH:
      return "no way to that address";
    default:
      return "no connection";
  }
}

Error explain(CURLcode code, CURL* handle) {
  switch (code) {
    case CURLE_URL_MALFORMAT:
      return {ErrorCode::invalid_argument, "this is no address of a server"};
    case CURLE_UNSUPPORTED_PROTOCOL:
      return {ErrorCode::invalid_argument, "the address is not https"};
    case CURLE_TOO_MANY_REDIRECTS:
      return {ErrorCode::io, "the server redirects in circles"};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CONNECT_ERROR:
      return {ErrorCode::offline,
              "the server's certificate was not accepted (wrong clock, or a proxy?)"};
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {ErrorCode::offline, "nobody knows a server of that name"};
    case CURLE_COULDNT_CONNECT:
      return {ErrorCode::offline, no_connection(handle)};
    case CURLE_OPERATION_TIMEDOUT:
      return {ErrorCode::offline, "no connection in time"};
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return {ErrorCode::offline, "the connection broke off"};
    case CURLE_OUT_OF_MEMORY:
      return {ErrorCode::io, "not enough memory"};
    case CURLE_WEIRD_SERVER_REPLY:
      return {ErrorCode::corrupt_data, "what answers there does not speak HTTP"};
    default:
      return {ErrorCode::io, curl_easy_strerror(code)};
  }
}

/// The certificates that the user named in the variables which curl and OpenSSL know.
const char* certificates_from_environment() {
  for (const char* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return nullptr;
}

/// What stands between "://" and the path, without user and password.
std::string_view authority(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == url.npos) return {};
  url = url.substr(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  return url.substr(url.rfind('@') == url.npos ? 0 : url.rfind('@') + 1);
}

void set_options(CURL* handle, const HttpRequest& request, const ClientSettings& settings) {
  const char* protocols = settings.schemes == Schemes::https_only ? "https" : "https,http";
  curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, protocols);
  curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, protocols);
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, settings.redirects_max > 0 ? 1L : 0L);
  curl_easy_setopt(handle, CURLOPT_MAXREDIRS, settings.redirects_max);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(settings.connect_max.count()));
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);  // a stop does not wait for the name resolver
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "plmm");
  if (is_this_machine(request.url)) curl_easy_setopt(handle, CURLOPT_NOPROXY, "*");
  if (const char* bundle = certificates_from_environment()) {
    curl_easy_setopt(handle, CURLOPT_CAINFO, bundle);
  }
  if (request.method == "GET") return;
  curl_easy_setopt(handle, CURLOPT_POST, 1L);
  curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                   static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.data());
}

void set_callbacks(CURL* handle, State& state) {
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &state);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_write);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &state);
}

Result<HeaderList> header_list(const Headers& headers) {
  HeaderList out(curl_slist_append(nullptr, "Expect:"));  // a body is sent without being asked for
  for (const auto& [name, value] : headers) {
    if (!is_header_text(name) || !is_header_text(value)) {
      return fail(ErrorCode::invalid_argument, "a header has a line end or control character");
    }
    curl_slist* longer = curl_slist_append(out.get(), (name + ": " + value).c_str());
    if (longer == nullptr) return fail(ErrorCode::io, "not enough memory");
    static_cast<void>(out.release());
    out.reset(longer);
  }
  return out;
}

std::string seconds(std::chrono::milliseconds time) {
  return std::to_string((time.count() + 999) / 1000) + " s";
}

/// Whether it has gone on for too long.
Result<> check_times(const State& state, const ClientSettings& settings,
                     SteadyClock::time_point began_at) {
  const auto now = SteadyClock::now();
  if (now - state.heard_at > settings.idle_max) {
    return fail(ErrorCode::offline, "silent for " + seconds(settings.idle_max));
  }
  if (settings.whole_max.count() > 0 && now - began_at > settings.whole_max) {
    return fail(ErrorCode::offline, "not done within " + seconds(settings.whole_max));
  }
  return {};
}

Result<CURLcode> run(CURLM* multi, State& state, const ClientSettings& settings,
                     const OnWait& on_wait) {
  const auto began_at = SteadyClock::now();
  curl_off_t n_sent = 0;
  int n_running = 1;
  while (n_running > 0) {
    if (curl_multi_perform(multi, &n_running) != CURLM_OK) return CURLE_FAILED_INIT;
    curl_off_t sent_now = 0;
    curl_easy_getinfo(state.handle, CURLINFO_SIZE_UPLOAD_T, &sent_now);
    if (sent_now != n_sent) state.heard_at = SteadyClock::now();
    n_sent = sent_now;
    TRY(on_wait());
    if (n_running == 0) break;
    TRY(check_times(state, settings, began_at));
    curl_multi_poll(multi, nullptr, 0, static_cast<int>(kPollInterval.count()), nullptr);
  }
  int n_left = 0;
  const CURLMsg* message = curl_multi_info_read(multi, &n_left);
  return message == nullptr ? CURLE_FAILED_INIT : message->data.result;
}

Result<> check_cancel(const Cancel& cancel) {
  if (cancel.requested()) return fail(ErrorCode::cancelled, "stopped");
  return {};
}

}  // namespace

HttpRequest json_post(std::string url, std::string body, std::string_view accept) {
  return {.url = std::move(url),
          .method = "POST",
          .headers = {{"Content-Type", std::string(kJsonType)}, {"Accept", std::string(accept)}},
          .body = std::move(body)};
}

Result<HttpHead> HttpClient::stream(const HttpRequest& request, const OnBody& on_body,
                                    const OnWait& on_wait) const {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, EasyCleanup> easy(curl_easy_init());
  const std::unique_ptr<CURLM, MultiCleanup> multi(curl_multi_init());
  if (initialised != CURLE_OK || !easy || !multi)
    return fail(ErrorCode::io, "libcurl does not start");
  const auto headers = TRY(header_list(request.headers));
  State state{easy.get(), on_body, settings_.body_bytes_max};
  set_options(easy.get(), request, settings_);
  set_callbacks(easy.get(), state);
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_multi_add_handle(multi.get(), easy.get());
  const auto code = run(multi.get(), state, settings_, on_wait);
  if (code && *code == CURLE_OK && !state.has_body) complete_head(state);
  auto explained = code ? explain(*code, easy.get()) : code.error();
  curl_multi_remove_handle(multi.get(), easy.get());
  if (state.error) return std::unexpected(*std::move(state.error));
  if (!code || *code != CURLE_OK) return std::unexpected(std::move(explained));
  return std::move(state.head);
}

Result<HttpAnswer> HttpClient::fetch(const HttpRequest& request, const Cancel& cancel) const {
  HttpAnswer out;
  out.head = TRY(stream(
      request,
      [&](const HttpHead&, std::span<const std::byte> bytes) -> Result<> {
        out.body.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        return {};
      },
      [&] { return check_cancel(cancel); }));
  return out;
}

Result<HttpAnswer> HttpClient::events(const HttpRequest& request, const EventLimits& limits,
                                      const OnEvent& on_event, const Cancel& cancel) const {
  EventParser parser(limits);
  HttpAnswer out;
  out.head = TRY(stream(
      request,
      [&](const HttpHead& head, std::span<const std::byte> bytes) -> Result<> {
        const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        const auto type = media_type(find_header(head.headers, "content-type"));
        if (head.status == 200 && same_word(type, kEventStreamType)) {
          return parser.push(text, on_event);
        }
        out.body += text;
        return {};
      },
      [&] { return check_cancel(cancel); }));
  return out;
}

bool is_this_machine(std::string_view url) {
  const std::string_view whole = authority(url);
  if (whole.starts_with("[::1]")) return true;
  const std::string_view host = whole.substr(0, whole.find(':'));
  return host == "localhost" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == host.npos);
}

std::string display_url(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const std::size_t scheme = url.find("://");
  if (scheme == url.npos) return std::string(url);
  const std::size_t host = scheme + 3;
  const std::size_t at = url.substr(host, url.find('/', host) - host).rfind('@');
  std::string out(url.substr(0, host));
  out += url.substr(at == url.npos ? host : host + at + 1);
  return out;
}

Result<std::string> service_url(std::string_view text) {
  constexpr std::size_t kUrlBytesMax = 500;
  while (text.ends_with('/')) text.remove_suffix(1);
  const bool has_scheme = text.starts_with("http://") || text.starts_with("https://");
  const bool is_plain = is_header_text(text) && text.find_first_of(" \t?#@\\\"") == text.npos;
  if (has_scheme && is_plain && !authority(text).empty() && text.size() <= kUrlBytesMax) {
    return std::string(text);
  }
  return fail(ErrorCode::invalid_argument,
              "an address looks like http://127.0.0.1:8090 or https://example.org/expert");
}

}  // namespace plmm::net
