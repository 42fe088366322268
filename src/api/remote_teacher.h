// A teacher on another machine behind the port that all tiers know.
#pragma once

#include <chrono>
#include <string>

#include "base/cancel.h"
#include "net/client.h"
#include "protocol/release.h"

namespace plmm::api {

class RemoteTeacher : public protocol::TeacherPort {
 public:
  /// `url`: of net::service_url(). `cancel` outlives it and stops what is under way.
  RemoteTeacher(std::string url, const Cancel& cancel,
                std::chrono::milliseconds silence_max = std::chrono::seconds(15));

  /// Also corrupt_data when what comes is no release of that expert and number, or its signature
  /// does not fit; offline when nobody answers.
  Result<protocol::Release> release_after(std::string_view expert, std::uint32_t number) override;

 private:
  std::string url_;
  const Cancel& cancel_;
  net::HttpClient client_;
};

}  // namespace plmm::api
