// Downloads by URL from a server of the test's own on the loopback interface.
#include "catalog/transfer.h"

#include <unistd.h>

#include <atomic>
#include <mutex>

#include "catalog/pull_fixture.h"
#include "catalog/pull_steps.h"
#include "net/raw_server_fixture.h"

namespace plmm::catalog {
namespace {

/// Answers each connection with what `answer` makes of the request, and keeps the requests.
class LoopbackServer {
 public:
  using Answer = std::function<std::string(const std::string& request)>;

  explicit LoopbackServer(Answer answer)
      : answer_(std::move(answer)), server_([this](net::RawPeer& peer) {
          const std::string request = peer.request();
          {
            const std::lock_guard guard(mutex_);
            requests_.push_back(request);
          }
          peer.send(answer_(request));
        }) {}

  const std::string& url() const { return server_.url(); }
  std::vector<std::string> requests() {
    const std::lock_guard guard(mutex_);
    return requests_;
  }

 private:
  Answer answer_;
  std::mutex mutex_;
  std::vector<std::string> requests_;
  net::RawServer server_;  // uses all of the above until it goes
};

std::string reply(std::string_view status, std::string_view headers, std::size_t length,
                  std::string_view body) {
  return "HTTP/1.1 " + std::string(status) +
         "\r\nConnection: close\r\nContent-Length: " + std::to_string(length) + "\r\n" +
         std::string(headers) + "\r\n" + std::string(body);
}

/// Serves `content` with the tag, in ranges when If-Range agrees; the first answer breaks off
/// half-way.
LoopbackServer::Answer breaking_once(const std::string& content, const std::string& tag) {
  return [content, tag, first = true](const std::string& request) mutable {
    const std::string etag = "ETag: " + tag + "\r\n";
    if (std::exchange(first, false)) {
      return reply("200 OK", etag, content.size(), content.substr(0, content.size() / 2));
    }
    const std::size_t range = request.find("Range: bytes=");
    if (range == request.npos || request.find("If-Range: " + tag) == request.npos) {
      return reply("200 OK", etag, content.size(), content);
    }
    const std::size_t from = std::stoul(request.substr(range + 13));
    const std::string size = std::to_string(content.size());
    if (from >= content.size()) {
      return reply("416 Range Not Satisfiable", "Content-Range: bytes */" + size + "\r\n", 0, "");
    }
    const std::string where = "Content-Range: bytes " + std::to_string(from) + "-" +
                              std::to_string(content.size() - 1) + "/" + size + "\r\n";
    return reply("206 Partial Content", etag + where, content.size() - from, content.substr(from));
  };
}

class TransferTest : public PullTest {
 protected:
  void SetUp() override {
    PullTest::SetUp();
    content_ = "GGUF" + part_content(0);
  }
  Result<Path> get(const std::string& url, std::string_view sha256 = "") const {
    return pull_address(url, sha256, options(), net::Schemes::https_and_http);
  }
  std::string content_;
};

TEST_F(TransferTest, continues_a_broken_download_of_the_same_file) {
  LoopbackServer server(breaking_once(content_, "\"v1\""));
  const auto broken = get(server.url() + "/a/m.gguf");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::offline) << broken.error().what;
  EXPECT_FALSE(std::filesystem::exists(models_ / "m.gguf"));
  const auto path = get(server.url() + "/a/m.gguf", sha256_of(content_));
  ASSERT_TRUE(path) << path.error().what;
  EXPECT_TRUE(slurp(*path) == content_);
  EXPECT_NE(server.requests()[1].find("Range: bytes=" + std::to_string(content_.size() / 2) + "-"),
            std::string::npos);
  EXPECT_EQ(left_in_models(), (std::vector<std::string>{".source-m.gguf", "m.gguf"}));
}

TEST_F(TransferTest, starts_anew_without_a_strong_tag) {
  LoopbackServer server(breaking_once(content_, "W/\"v1\""));
  EXPECT_FALSE(get(server.url() + "/m.gguf"));
  const auto path = get(server.url() + "/m.gguf", sha256_of(content_));
  ASSERT_TRUE(path) << path.error().what;
  EXPECT_EQ(server.requests()[1].find("Range:"), std::string::npos);
}

TEST_F(TransferTest, starts_anew_when_the_server_has_another_file_now) {
  std::string now = content_;
  now[100] = '!';
  int n = 0;
  LoopbackServer server([&](const std::string&) {
    if (n++ == 0)
      return reply("200 OK", "ETag: \"1\"\r\n", content_.size(), content_.substr(0, 9999));
    return reply("200 OK", "ETag: \"2\"\r\n", now.size(), now);
  });
  EXPECT_FALSE(get(server.url() + "/m.gguf"));
  EXPECT_TRUE(slurp(get(server.url() + "/m.gguf").value()) == now);
}

TEST_F(TransferTest, refuses_a_range_that_it_did_not_ask_for) {
  int n = 0;
  LoopbackServer server([&](const std::string&) {
    if (n++ == 0)
      return reply("200 OK", "ETag: \"1\"\r\n", content_.size(), content_.substr(0, 9999));
    return reply("206 Partial Content", "ETag: \"1\"\r\nContent-Range: bytes 5-9/10\r\n", 5,
                 "xxxxx");
  });
  EXPECT_FALSE(get(server.url() + "/m.gguf"));
  const auto second = get(server.url() + "/m.gguf");
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().what.find("another range"), std::string::npos) << second.error().what;
}

TEST_F(TransferTest, finishes_what_was_whole_already) {
  LoopbackServer server(breaking_once(content_, "\"v1\""));
  EXPECT_FALSE(get(server.url() + "/m.gguf"));
  write(staging_folder(models_, "m.gguf") / "m.gguf", content_);
  EXPECT_TRUE(slurp(get(server.url() + "/m.gguf").value()) == content_);
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST_F(TransferTest, is_at_once_there_the_second_time) {
  LoopbackServer server(
      [&](const std::string&) { return reply("200 OK", "", content_.size(), content_); });
  ASSERT_TRUE(get(server.url() + "/m.gguf?download=true"));
  ASSERT_TRUE(get(server.url() + "/m.gguf"));
  EXPECT_EQ(server.requests().size(), 1U);
  const auto other = get(server.url() + "/other/m.gguf");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(other.error().what.find("another file of that name"), std::string::npos);
}

TEST_F(TransferTest, refuses_a_wrong_checksum_and_a_web_page) {
  LoopbackServer server([&](const std::string& request) {
    const std::string body = request.starts_with("GET /page") ? "<html>" : content_;
    return reply("200 OK", "", body.size(), body);
  });
  EXPECT_EQ(get(server.url() + "/m.gguf", sha256_of("x")).error().code, ErrorCode::corrupt_data);
  EXPECT_EQ(get(server.url() + "/page/m.gguf").error().code, ErrorCode::corrupt_data);
  EXPECT_FALSE(std::filesystem::exists(models_ / "m.gguf"));
}

TEST_F(TransferTest, maps_what_servers_answer) {
  LoopbackServer server([](const std::string& request) {
    if (request.starts_with("GET /gone")) return reply("404 Not Found", "", 0, "");
    if (request.starts_with("GET /loop"))
      return reply("302 Found", "Location: /loop/m.gguf\r\n", 0, "");
    if (request.starts_with("GET /file")) {
      return reply("302 Found", "Location: file:///etc/hostname\r\n", 0, "");
    }
    return reply("503 Busy", "", 0, "");
  });
  EXPECT_EQ(get(server.url() + "/gone/m.gguf").error().code, ErrorCode::not_found);
  EXPECT_EQ(get(server.url() + "/loop/m.gguf").error().code, ErrorCode::io);
  EXPECT_EQ(get(server.url() + "/file/m.gguf").error().code, ErrorCode::invalid_argument);
  EXPECT_NE(get(server.url() + "/busy/m.gguf").error().what.find("status 503"), std::string::npos);
}

TEST_F(TransferTest, stops_at_the_limit) {
  LoopbackServer server(
      [&](const std::string&) { return reply("200 OK", "", content_.size(), content_); });
  const PullOptions none = options();
  Reporter reporter(none);
  const auto result =
      transfer(server.url() + "/m.gguf", root_ / "m", 1000, net::Schemes::https_and_http, reporter);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::limit_exceeded) << result.error().what;
}

TEST_F(TransferTest, a_cancel_returns_while_the_server_is_silent) {
  Cancel cancel;
  std::atomic<bool> asked = false;
  LoopbackServer server([&](const std::string&) {
    asked = true;
    while (!cancel.requested()) ::usleep(1'000);
    return std::string();
  });
  PullOptions stopped = options();
  stopped.cancel = &cancel;
  stopped.on_progress = [&](const Progress&) {
    if (asked) cancel.request();
  };
  const auto result =
      pull_address(server.url() + "/m.gguf", "", stopped, net::Schemes::https_and_http);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::cancelled);
}

TEST_F(TransferTest, a_refused_connection_is_offline) {
  std::string url;
  {
    LoopbackServer server([](const std::string&) { return std::string(); });
    url = server.url();
  }
  EXPECT_EQ(get(url + "/m.gguf").error().code, ErrorCode::offline);
}

TEST_F(TransferTest, takes_https_and_plain_names_only) {
  EXPECT_EQ(pull_url("http://example.org/m.gguf", "", options()).error().code,
            ErrorCode::invalid_argument);
  EXPECT_EQ(pull_url("file:///m.gguf", "", options()).error().code, ErrorCode::invalid_argument);
  for (const char* url : {"https://example.org", "https://example.org/", "https://m.gguf",
                          "https://example.org/a%2F..gguf", "https://example.org/.gguf",
                          "https://example.org/m.zip"}) {
    const auto result = pull_url(url, "", options());
    EXPECT_EQ(result.error().code, ErrorCode::invalid_argument) << url;
  }
  EXPECT_EQ(pull_url("https://example.org/m.gguf", "abc", options()).error().code,
            ErrorCode::invalid_argument);
}

TEST_F(TransferTest, offline_never_connects) {
  PullOptions offline = options();
  offline.offline = true;
  EXPECT_EQ(pull_url("https://example.org/m.gguf", "", offline).error().code, ErrorCode::offline);
}

}  // namespace
}  // namespace plmm::catalog
