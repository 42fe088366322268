// Requests to an expert's routes, and distrust of what comes back.
#include "api/remote_expert.h"

#include <algorithm>
#include <utility>

#include "api/words.h"
#include "protocol/contribution.h"
#include "protocol/json.h"

namespace plmm::api {
namespace {

/// Of one stream: every word may come in an event of its own, which repeats its field names.
constexpr net::EventLimits kEventLimits{.event_bytes_max = protocol::kMessageBytesMax + 1'024,
                                        .stream_bytes_max = 64 << 20};

constexpr std::chrono::seconds kCardMax{10};
/// The money for an answer is put aside for as long; what comes later could not be paid.
constexpr std::chrono::minutes kAnswerMax{15};

/// Takes chunks in their order, and no more than an answer may have.
class Chunks {
 public:
  explicit Chunks(const protocol::OnChunk& on_chunk) : on_chunk_(on_chunk) {}

  Result<> take(std::string_view json) {
    const auto chunk = TRY(protocol::parse_chunk(json));
    if (chunk.number != n_chunks_)
      return fail(ErrorCode::corrupt_data, "a piece of the answer is missing or came twice");
    ++n_chunks_;
    n_bytes_ += chunk.text.size();
    if (n_bytes_ > protocol::kAnswerBytesMax) {
      return fail(ErrorCode::limit_exceeded,
                  "the answer is over " + std::to_string(protocol::kAnswerBytesMax) + " bytes");
    }
    on_chunk_(chunk);
    return {};
  }

 private:
  const protocol::OnChunk& on_chunk_;
  std::uint64_t n_chunks_ = 0;
  std::size_t n_bytes_ = 0;
};

}  // namespace

RemoteExpert::RemoteExpert(std::string url, std::optional<ExpertPin> pin,
                           std::chrono::milliseconds silence_max)
    : url_(std::move(url)),
      pin_(std::move(pin)),
      card_client_({.idle_max = std::min<std::chrono::milliseconds>(silence_max, kCardMax),
                    .whole_max = kCardMax,
                    .body_bytes_max = protocol::kMessageBytesMax}),
      client_({.idle_max = silence_max,
               .whole_max = kAnswerMax,
               .body_bytes_max = kEventLimits.stream_bytes_max}) {}

Result<protocol::ExpertCard> RemoteExpert::card() {
  const Cancel never;
  auto answer = card_client_.fetch({.url = url_ + std::string(kCardPath)}, never);
  if (!answer) {
    return fail(answer.error().code, who() + " does not answer (" + answer.error().what +
                                         "). Nothing was sent, nothing was paid");
  }
  const auto body = TRY(body_of(std::move(*answer)));
  auto card = TRY(protocol::parse_card(body));
  if (!pin_ || (pin_->name == card.name && pin_->key == card.public_key)) return card;
  return fail(ErrorCode::corrupt_data,
              "at the address of " + pin_->name +
                  " answers another expert, or one with another key. Nothing was sent. Next: plmm "
                  "expert forget " +
                  pin_->name + ", then connect again if you trust the new one");
}

/// The data of the end event; chunk events go to `on_chunk`.
Result<std::string> RemoteExpert::events(
    std::string_view path, std::string body,
    const std::function<Result<>(std::string_view json)>& on_chunk, const Cancel& cancel) const {
  std::optional<std::string> end;
  std::optional<Error> said;  // by the expert: no failure of the connection
  const auto request =
      net::json_post(url_ + std::string(path), std::move(body), net::kEventStreamType);
  const auto on_event = [&](const net::Event& event) -> Result<> {
    if (end) return fail(ErrorCode::corrupt_data, "it goes on behind the end of its answer");
    if (event.type == kErrorEvent) {
      said = from_peer(TRY(protocol::parse_error(event.data)));
      return std::unexpected(*said);
    }
    if (event.type == kEndEvent) {
      end = event.data;
      return {};
    }
    if (event.type == kChunkEvent) return on_chunk(event.data);
    return {};  // of a newer plmm
  };
  auto answer = client_.events(request, kEventLimits, on_event, cancel);
  if (said) return std::unexpected(*std::move(said));
  if (!answer && answer.error().code == ErrorCode::offline) {
    return fail(ErrorCode::offline, "does not answer (" + answer.error().what + ")");
  }
  if (!answer) return std::unexpected(answer.error());
  if (end) return *std::move(end);
  if (answer->head.status != 200 || !answer->body.empty()) {
    TRY(body_of(std::move(*answer)));
  }
  return fail(ErrorCode::offline, "the connection broke off within the answer");
}

Result<protocol::AnswerEnd> RemoteExpert::ask(const protocol::Ask& ask,
                                              const protocol::OnChunk& on_chunk,
                                              const Cancel& cancel) {
  auto body = TRY(protocol::to_json(ask));
  Chunks chunks(on_chunk);
  const auto end = TRY(events(
      kAskPath, std::move(body), [&](std::string_view json) { return chunks.take(json); }, cancel));
  return protocol::parse_end(end);
}

Result<protocol::Verdict> RemoteExpert::contribute(const protocol::Contribution& contribution,
                                                   const Cancel& cancel) {
  auto body = TRY(protocol::to_json(contribution));
  const auto end = TRY(events(
      kContributePath, std::move(body), [](std::string_view) -> Result<> { return {}; }, cancel));
  return protocol::parse_verdict(end);
}

}  // namespace plmm::api
