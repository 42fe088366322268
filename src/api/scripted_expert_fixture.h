// An expert that says what the test wants, with real receipts; and asking it over loopback.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/contribution.h"
#include "protocol/example.h"
#include "protocol/ports.h"
#include "protocol/receipt.h"

namespace plmm::api {

class ScriptedExpert : public protocol::ExpertPort {
 public:
  explicit ScriptedExpert(std::vector<std::string> words) : words_(std::move(words)) {}

  Result<protocol::ExpertCard> card() override { return protocol::example_card(); }

  Result<protocol::AnswerEnd> ask(const protocol::Ask& ask, const protocol::OnChunk& on_chunk,
                                  const Cancel& cancel) override {
    std::string answer;
    std::uint64_t number = 0;
    for (const std::string& word : words_) {
      on_chunk({.number = number++, .text = word});
      answer += word;
      if (while_answering) while_answering(cancel);
      if (cancel.requested()) return fail(ErrorCode::cancelled, "stopped");
    }
    protocol::AnswerEnd end;
    end.receipt = protocol::example_end().receipt;
    end.receipt.request = ask.request;
    end.receipt.question_sha256 = protocol::digest_of(ask.question);
    end.receipt.answer_sha256 = protocol::digest_of(answer);
    protocol::sign_receipt(end.receipt, protocol::example_key());
    return end;
  }

  Result<protocol::Verdict> contribute(const protocol::Contribution&, const Cancel&) override {
    return protocol::example_verdict();
  }

  std::function<void(const Cancel& cancel)> while_answering;  // behind each word

 private:
  std::vector<std::string> words_;
};

}  // namespace plmm::api
