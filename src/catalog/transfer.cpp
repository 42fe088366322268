// Transfers by libcurl's multi interface, which lets us look at Cancel while nothing arrives.
#include "catalog/transfer.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/file.h"
#include "catalog/staging.h"

namespace plmm::catalog {
namespace {

constexpr long kConnectSecondsMax = 30;
constexpr long kRedirectsMax = 10;
constexpr std::uint64_t kTagBytesMax = 1000;

struct EasyCleanup {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct MultiCleanup {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct ListFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// What the callbacks share.
struct State {
  CURL* handle;
  StagedFile& file;
  std::uint64_t bytes_max;
  std::filesystem::path tag_path;
  std::string tag = {};            // of the answer that is being read
  std::string content_range = {};  // likewise
  bool started = false;            // the first body bytes of the final answer have come
  std::optional<Error> error = std::nullopt;
};

/// What follows `name` (lower case, with its colon) when the line is that header.
std::optional<std::string_view> header_value(std::string_view line, std::string_view name) {
  if (line.size() < name.size()) return std::nullopt;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c =
        line[i] >= 'A' && line[i] <= 'Z' ? static_cast<char>(line[i] - 'A' + 'a') : line[i];
    if (c != name[i]) return std::nullopt;
  }
  return line.substr(name.size());
}

/// The tag in its quotes; empty when it is weak, because equal weak tags do not promise equal
/// bytes.
std::string strong_tag(std::string_view value) {
  const std::size_t begin = value.find('"');
  const std::size_t end = value.rfind('"');
  if (begin == value.npos || end == begin || value.find("W/") < begin) return {};
  return std::string(value.substr(begin, end - begin + 1));
}

std::size_t on_header(char* data, std::size_t size, std::size_t n, void* user) {
  auto& state = *static_cast<State*>(user);
  const std::string_view line(data, size * n);
  if (line.starts_with("HTTP/")) {  // a new answer, after a redirect
    state.tag.clear();
    state.content_range.clear();
  }
  if (const auto value = header_value(line, "etag:")) state.tag = strong_tag(*value);
  if (const auto value = header_value(line, "content-range:")) state.content_range = *value;
  return line.size();
}

/// At the first bytes of the answer: decides whether they continue the file, and notes their tag.
Result<> begin_body(State& state) {
  long status = 0;
  curl_easy_getinfo(state.handle, CURLINFO_RESPONSE_CODE, &status);
  const std::string from_here = "bytes " + std::to_string(state.file.size()) + "-";
  if (status != 206) {
    TRY(state.file.cut(0));
  } else if (state.content_range.find(from_here) == std::string::npos) {
    return fail(ErrorCode::io, "the server sends another range than was asked for");
  }
  std::error_code ignored;
  if (state.tag.empty())
    std::filesystem::remove(state.tag_path, ignored);
  else
    TRY(write_file_atomically(state.tag_path, state.tag));
  state.started = true;
  return {};
}

Result<> take_body(State& state, std::span<const std::byte> bytes) {
  if (!state.started) TRY(begin_body(state));
  if (state.file.size() + bytes.size() > state.bytes_max) {
    return fail(ErrorCode::limit_exceeded,
                "the server sends more than " + std::to_string(state.bytes_max) + " bytes");
  }
  return state.file.append(bytes);
}

std::size_t on_body(char* data, std::size_t size, std::size_t n, void* user) {
  auto& state = *static_cast<State*>(user);
  const auto taken = take_body(state, std::as_bytes(std::span(data, size * n)));
  if (taken) return size * n;
  state.error = taken.error();
  return size * n == 0 ? 1 : 0;  // any other count than the given one stops the transfer
}

Error explain(CURLcode code, long status, const std::string& url) {
  const std::string where = display_url(url) + ": ";
  switch (code) {
    case CURLE_HTTP_RETURNED_ERROR:
      if (status == 404 || status == 410)
        return {ErrorCode::not_found, where + "the server has no such file"};
      return {ErrorCode::io, where + "the server answers with status " + std::to_string(status)};
    case CURLE_UNSUPPORTED_PROTOCOL:
      return {ErrorCode::invalid_argument, where + "the server leads away from https"};
    case CURLE_TOO_MANY_REDIRECTS:
      return {ErrorCode::io, where + "the server redirects in circles"};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CONNECT_ERROR:
      return {ErrorCode::offline,
              where + "the server's certificate was not accepted (wrong clock, or a proxy?)"};
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return {ErrorCode::offline,
              where + curl_easy_strerror(code) +
                  std::string(". What has come is kept: run the same command again")};
    default:
      return {ErrorCode::io, where + curl_easy_strerror(code)};
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

void set_options(CURL* handle, const std::string& url, Schemes schemes, State& state) {
  const char* protocols = schemes == Schemes::https_only ? "https" : "https,http";
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, protocols);
  curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, protocols);
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(handle, CURLOPT_MAXREDIRS, kRedirectsMax);
  curl_easy_setopt(handle, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, kConnectSecondsMax);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);  // a cancel does not wait for the name resolver
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "plmm");
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &state);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &state);
  if (const char* bundle = certificates_from_environment()) {
    curl_easy_setopt(handle, CURLOPT_CAINFO, bundle);
  }
}

/// Bytes of the whole file when the server says so, else 0.
std::uint64_t expected_total(CURL* handle, std::uint64_t resumed_from) {
  curl_off_t length = -1;
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  if (length <= 0) return 0;
  return static_cast<std::uint64_t>(length) + (status == 206 ? resumed_from : 0);
}

Result<CURLcode> run(CURLM* multi, CURL* easy, State& state, std::uint64_t resumed_from,
                     Reporter& reporter) {
  int n_running = 1;
  while (n_running > 0) {
    if (curl_multi_perform(multi, &n_running) != CURLM_OK) return CURLE_FAILED_INIT;
    const std::uint64_t total = state.started ? expected_total(easy, resumed_from) : 0;
    TRY(reporter.tell("download", state.file.size(), total));
    if (n_running > 0) {
      curl_multi_poll(multi, nullptr, 0, static_cast<int>(kPollInterval.count()), nullptr);
    }
  }
  int n_left = 0;
  const CURLMsg* message = curl_multi_info_read(multi, &n_left);
  return message == nullptr ? CURLE_FAILED_INIT : message->data.result;
}

/// The server had nothing after our last byte (status 416): right when the file is whole.
Result<> finish_unsatisfied(State& state, const std::string& url) {
  const std::string whole = "*/" + std::to_string(state.file.size());
  if (state.content_range.find(whole) != std::string::npos) return {};
  TRY(state.file.cut(0));
  return fail(ErrorCode::io, display_url(url) +
                                 ": what had come does not fit the server's file and was "
                                 "dropped. Run the same command again");
}

}  // namespace

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

Result<> transfer(const std::string& url, const std::filesystem::path& path,
                  std::uint64_t bytes_max, Schemes schemes, Reporter& reporter) {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, EasyCleanup> easy(curl_easy_init());
  const std::unique_ptr<CURLM, MultiCleanup> multi(curl_multi_init());
  if (initialised != CURLE_OK || !easy || !multi)
    return fail(ErrorCode::io, "libcurl does not start");
  auto file = TRY(StagedFile::open_to_append(path));
  State state{easy.get(), file, bytes_max, path.string() + ".etag"};
  set_options(easy.get(), url, schemes, state);
  std::unique_ptr<curl_slist, ListFree> headers;
  const std::string tag = read_file(state.tag_path, kTagBytesMax).value_or("");
  if (tag.empty()) TRY(file.cut(0));
  const std::uint64_t resumed_from = file.size();
  if (resumed_from > 0) {
    headers.reset(curl_slist_append(nullptr, ("If-Range: " + tag).c_str()));
    curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
    const std::string range = std::to_string(resumed_from) + "-";
    curl_easy_setopt(easy.get(), CURLOPT_RANGE, range.c_str());
  }
  curl_multi_add_handle(multi.get(), easy.get());
  const auto code = run(multi.get(), easy.get(), state, resumed_from, reporter);
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_multi_remove_handle(multi.get(), easy.get());
  if (!code) return std::unexpected(code.error());
  if (state.error) {
    return fail(state.error->code, display_url(url) + ": " + state.error->what);
  }
  if (status == 416 && resumed_from > 0) return finish_unsatisfied(state, url);
  if (*code != CURLE_OK) return std::unexpected(explain(*code, status, url));
  if (!state.started) TRY(begin_body(state));  // an empty body
  return {};
}

}  // namespace plmm::catalog
