// An expert on another machine behind the port that all tiers know.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "crypto/sign.h"
#include "net/client.h"
#include "protocol/ports.h"

namespace plmm::api {

/// Who is expected at an address.
struct ExpertPin {
  std::string name;
  crypto::PublicKey key{};
};

/// One thread at a time. What comes is checked against the protocol's limits before it is passed
/// on; whether it is true is for ask_and_check() and check_verdict().
class RemoteExpert : public protocol::ExpertPort {
 public:
  /// `url`: of net::service_url(). Without a pin whoever answers is taken at its word.
  /// silence_max: without a sign of life; a server of ours gives one every 5 s.
  RemoteExpert(std::string url, std::optional<ExpertPin> pin,
               std::chrono::milliseconds silence_max = std::chrono::seconds(30));

  /// offline says who does not answer and why, and that nothing was sent or paid; corrupt_data for
  /// another key than the pinned one.
  Result<protocol::ExpertCard> card() override;
  Result<protocol::AnswerEnd> ask(const protocol::Ask& ask, const protocol::OnChunk& on_chunk,
                                  const Cancel& cancel) override;
  Result<protocol::Verdict> contribute(const protocol::Contribution& contribution,
                                       const Cancel& cancel) override;

 private:
  std::string who() const { return pin_ ? pin_->name : "the expert"; }
  Result<std::string> events(std::string_view path, std::string body,
                             const std::function<Result<>(std::string_view json)>& on_chunk,
                             const Cancel& cancel) const;

  std::string url_;
  std::optional<ExpertPin> pin_;
  net::HttpClient card_client_;  // nobody can stop it, so it is over soon
  net::HttpClient client_;
};

}  // namespace plmm::api
