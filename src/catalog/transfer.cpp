// Downloads by net's client, continued where the server lets us.
#include "catalog/transfer.h"

#include <optional>
#include <span>
#include <string_view>

#include "base/file.h"
#include "catalog/staging.h"
#include "net/client.h"

namespace plmm::catalog {
namespace {

constexpr std::chrono::milliseconds kConnectMax{30'000};
constexpr std::chrono::milliseconds kSilenceMax{60'000};
constexpr long kRedirectsMax = 10;
constexpr std::uint64_t kTagBytesMax = 1000;
constexpr int kPartialContent = 206;
constexpr int kRangeNotSatisfiable = 416;
constexpr int kFirstErrorStatus = 400;

/// The file that grows, and what was asked for.
struct State {
  StagedFile& file;
  std::uint64_t bytes_max;
  std::filesystem::path tag_path;
  std::uint64_t resumed_from = 0;
  std::uint64_t total = 0;  // of the whole file when the server says so, else 0
  bool started = false;     // the first body bytes of the final answer have come
};

/// The tag in its quotes; empty when it is weak, because equal weak tags do not promise equal
/// bytes.
std::string strong_tag(std::string_view value) {
  const std::size_t begin = value.find('"');
  const std::size_t end = value.rfind('"');
  if (begin == value.npos || end == begin || value.find("W/") < begin) return {};
  return std::string(value.substr(begin, end - begin + 1));
}

/// At the first bytes of the answer: decides whether they continue the file, and notes their tag.
Result<> begin_body(State& state, const net::HttpHead& head) {
  const std::string from_here = "bytes " + std::to_string(state.file.size()) + "-";
  if (head.status != kPartialContent) {
    TRY(state.file.cut(0));
    state.resumed_from = 0;
  } else if (!net::find_header(head.headers, "content-range").contains(from_here)) {
    return fail(ErrorCode::io, "the server sends another range than was asked for");
  }
  const std::string tag = strong_tag(net::find_header(head.headers, "etag"));
  std::error_code ignored;
  if (tag.empty())
    std::filesystem::remove(state.tag_path, ignored);
  else
    TRY(write_file_atomically(state.tag_path, tag));
  if (head.n_body_bytes > 0) state.total = state.resumed_from + head.n_body_bytes;
  state.started = true;
  return {};
}

Result<> check_status(const net::HttpHead& head) {
  if (head.status == 404 || head.status == 410)
    return fail(ErrorCode::not_found, "the server has no such file");
  if (head.status >= kFirstErrorStatus)
    return fail(ErrorCode::io, "the server answers with status " + std::to_string(head.status));
  return {};
}

Result<> take_body(State& state, const net::HttpHead& head, std::span<const std::byte> bytes) {
  if (head.status == kRangeNotSatisfiable) return {};
  TRY(check_status(head));
  if (!state.started) TRY(begin_body(state, head));
  if (state.file.size() + bytes.size() > state.bytes_max) {
    return fail(ErrorCode::limit_exceeded,
                "the server sends more than " + std::to_string(state.bytes_max) + " bytes");
  }
  return state.file.append(bytes);
}

/// The server had nothing after our last byte (status 416): right when the file is whole.
Result<> finish_unsatisfied(State& state, const net::HttpHead& head) {
  const std::string whole = "*/" + std::to_string(state.file.size());
  if (net::find_header(head.headers, "content-range").contains(whole)) return {};
  TRY(state.file.cut(0));
  return fail(ErrorCode::io,
              "what had come does not fit the server's file and was dropped. Run the same command "
              "again");
}

Result<> finish(State& state, const net::HttpHead& head) {
  if (head.status == kRangeNotSatisfiable && state.resumed_from > 0) {
    return finish_unsatisfied(state, head);
  }
  TRY(check_status(head));
  if (!state.started) return begin_body(state, head);  // an empty body
  return {};
}

/// The server's address before the reason; behind it, for what may come back, what to do.
Error explain(const std::string& url, Error error) {
  if (error.code == ErrorCode::cancelled) return error;
  error.what = net::display_url(url) + ": " + error.what;
  if (error.code == ErrorCode::offline)
    error.what += ". What has come is kept: run the same command again";
  return error;
}

Result<> download(const net::HttpClient& client, const net::HttpRequest& request, State& state,
                  Reporter& reporter) {
  const auto head = TRY(client.stream(
      request,
      [&](const net::HttpHead& now, std::span<const std::byte> bytes) {
        return take_body(state, now, bytes);
      },
      [&] { return reporter.tell("download", state.file.size(), state.total); }));
  return finish(state, head);
}

}  // namespace

Result<> transfer(const std::string& url, const std::filesystem::path& path,
                  std::uint64_t bytes_max, net::Schemes schemes, Reporter& reporter) {
  auto file = TRY(StagedFile::open_to_append(path));
  State state{file, bytes_max, path.string() + ".etag"};
  net::HttpRequest request{.url = url};
  const std::string tag = read_file(state.tag_path, kTagBytesMax).value_or("");
  if (tag.empty() || !net::is_header_text(tag)) TRY(file.cut(0));
  state.resumed_from = file.size();
  if (state.resumed_from > 0) {
    request.headers = {{"If-Range", tag},
                       {"Range", "bytes=" + std::to_string(state.resumed_from) + "-"}};
  }
  const net::HttpClient client({.schemes = schemes,
                                .connect_max = kConnectMax,
                                .idle_max = kSilenceMax,
                                .body_bytes_max = bytes_max,
                                .redirects_max = kRedirectsMax});
  auto done = download(client, request, state, reporter);
  if (!done) return std::unexpected(explain(url, std::move(done).error()));
  return {};
}

}  // namespace plmm::catalog
