// A teacher over a real loopback socket: what was asked for, signed, or an error.
#include "api/teacher_service.h"

#include <gtest/gtest.h>

#include "api/remote_teacher.h"
#include "net/raw_server_fixture.h"
#include "net/server_fixture.h"
#include "protocol/example.h"

namespace plmm::api {
namespace {

/// Has the release of the example, or an error of its own.
class OneRelease : public protocol::TeacherPort {
 public:
  Result<protocol::Release> release_after(std::string_view expert, std::uint32_t number) override {
    if (is_damaged) return fail(ErrorCode::corrupt_data, "private/x.json: cut short");
    const auto release = protocol::example_release();
    if (expert == release.expert && number == release.parent) return release;
    return fail(ErrorCode::not_found, "there is no newer release");
  }
  bool is_damaged = false;
};

class TeacherServiceTest : public testing::Test {
 protected:
  TeacherServiceTest()
      : service_(teacher_), server_([this](const net::Request& request, net::Reply& reply) {
          service_.answer(request, reply);
        }) {}

  RemoteTeacher remote() { return RemoteTeacher(server_.url(), cancel_); }
  /// The status of any request.
  int status(std::string path, std::string method = "GET") {
    return net::HttpClient()
        .fetch({.url = server_.url() + std::move(path), .method = std::move(method)}, cancel_)
        ->head.status;
  }

  Cancel cancel_;
  OneRelease teacher_;
  TeacherService service_;
  net::RunningServer server_;
};

TEST_F(TeacherServiceTest, hands_out_the_release_that_follows_a_number) {
  const auto release = remote().release_after("it", 2);
  ASSERT_TRUE(release) << release.error().what;
  EXPECT_EQ(*release, protocol::example_release());
  EXPECT_EQ(remote().release_after("it", 3).error().code, ErrorCode::not_found);
  EXPECT_EQ(remote().release_after("art", 2).error().code, ErrorCode::not_found);
  EXPECT_EQ(remote().release_after("../it", 2).error().code, ErrorCode::invalid_argument);
}

TEST_F(TeacherServiceTest, tells_nobody_where_its_files_are) {
  teacher_.is_damaged = true;
  const auto release = remote().release_after("it", 2);
  ASSERT_FALSE(release);
  EXPECT_EQ(release.error().code, ErrorCode::io);
  EXPECT_EQ(release.error().what.find("private"), std::string::npos);
}

TEST_F(TeacherServiceTest, has_one_path) {
  EXPECT_EQ(status("/v1/releases/it/2"), 200);
  EXPECT_EQ(status("/v1/releases/it/2", "POST"), 501);
  for (const char* path :
       {"/", "/v1/releases", "/v1/releases/it", "/v1/releases/it/x", "/v1/releases/it/2/",
        "/v1/releases/IT/2", "/v1/releases/it/-1", "/v1/releases/it/4294967296"}) {
    EXPECT_EQ(status(path), 404) << path;
  }
  EXPECT_EQ(status("/v2/releases/it/2"), 501);
}

TEST(RemoteTeacher, believes_no_release_that_was_not_asked_for_or_signed) {
  auto release = protocol::example_release();
  net::RawServer server([&](net::RawPeer& peer) {
    peer.request();
    peer.send(net::raw_answer("200 OK", "application/json", *protocol::to_json(release)));
  });
  const Cancel cancel;
  RemoteTeacher teacher(server.url(), cancel);
  EXPECT_TRUE(teacher.release_after("it", 2));
  EXPECT_EQ(teacher.release_after("it", 7).error().code, ErrorCode::corrupt_data);
  EXPECT_EQ(teacher.release_after("art", 2).error().code, ErrorCode::corrupt_data);
  release.passages[0].text += "!";
  EXPECT_EQ(teacher.release_after("it", 2).error().code, ErrorCode::corrupt_data);
}

TEST(RemoteTeacher, says_when_nobody_is_there) {
  std::string url;
  {
    net::RawServer server([](net::RawPeer&) {});
    url = server.url();
  }
  const Cancel cancel;
  const auto release = RemoteTeacher(url, cancel).release_after("it", 2);
  ASSERT_FALSE(release);
  EXPECT_EQ(release.error().code, ErrorCode::offline);
  EXPECT_NE(release.error().what.find("the teacher does not answer"), std::string::npos);
}

}  // namespace
}  // namespace plmm::api
