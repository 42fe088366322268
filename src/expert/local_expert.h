// An expert in this process: finds passages, has the base model answer from them, and signs.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expert/exam.h"
#include "expert/library.h"
#include "infer/session.h"
#include "protocol/ports.h"

namespace plmm::infer {
class Engine;
class PrefixStore;
class SharedBatch;
}  // namespace plmm::infer

namespace plmm::expert {

/// What an expert says where its library has nothing; the answer costs nothing then.
inline constexpr std::string_view kNothingFound = "I found nothing about this in my library.";

struct AnswerOptions {
  int n_hits_max = 4;             // passages that the model may read
  int n_answer_tokens_max = 512;  // whatever is asked for
  // A passage has to do with the question when their cosine is at least this, and not much below
  // the best one's; or when most of the question's words stand in it.
  float similarity_min = 0.30F;
  float similarity_share_min = 0.70F;  // of the best cosine
  double coverage_min = 0.60;
  // Of this engine: what was read before, such as the instruction, is not read again.
  std::shared_ptr<infer::PrefixStore> prefixes = nullptr;
  // Of this engine too: answers are computed together with all others of the batch. Null: one after
  // the other.
  std::shared_ptr<infer::SharedBatch> batch = nullptr;
};

/// Money is not its business: PaidExpert settles. One thread at a time, and of all that use the
/// engine; with AnswerOptions::batch, card() and ask() are for many threads at once, but not beside
/// the rest.
class LocalExpert : public protocol::ExpertPort {
 public:
  /// The engine outlives the expert. unsupported when the model has no known chat template;
  /// invalid_argument when its context is smaller than the card promises.
  static Result<std::unique_ptr<LocalExpert>> create(Library library, infer::Engine& engine,
                                                     const AnswerOptions& options = {});

  /// Of the newest release that is there: another process may have put one in.
  Result<protocol::ExpertCard> card() override;
  Result<protocol::AnswerEnd> ask(const protocol::Ask& ask, const protocol::OnChunk& on_chunk,
                                  const Cancel& cancel) override;
  /// See contributions.h; who pays the reward, PaidExpert knows.
  Result<protocol::Verdict> contribute(const protocol::Contribution& contribution,
                                       const Cancel& cancel) override;
  Library& library() { return library_; }
  const Library& library() const { return library_; }
  /// Answers from it from now on.
  void replace_library(Library library) { library_ = std::move(library); }

  /// This expert under examination, with its own library or a staged one; both outlive it. Readings
  /// are prompts, so that the same reading has the same answer, bit for bit.
  Examinee examinee(Library& library, const Cancel& cancel);

 private:
  LocalExpert(Library library, infer::Engine& engine, infer::Session session);
  Result<std::vector<search::Hit>> relevant(Library& library, std::string_view question) const;
  std::vector<text::TokenId> prompt(std::string_view question,
                                    std::span<const search::Hit> passages) const;
  std::size_t n_fixed() const;
  /// The prompt of as many passages as fit; the others are dropped.
  Result<std::vector<text::TokenId>> fitting_prompt(std::string_view question,
                                                    std::vector<search::Hit>& passages) const;
  /// The prompt of a question in an exam; empty where nothing is found.
  Result<std::vector<text::TokenId>> exam_prompt(Library& library, std::string_view question) const;
  infer::GenerateOptions generate_options(std::uint64_t n_tokens_max) const;
  Result<infer::Generation> generate(std::vector<text::TokenId> prompt, std::uint64_t n_tokens_max,
                                     const infer::OnText& on_text, const Cancel& cancel);
  /// What a question is answered from.
  struct Reading {
    protocol::ExpertCard card;
    std::vector<search::Hit> passages;  // none: nothing is found
    std::vector<text::TokenId> prompt;
  };
  Result<Reading> read(const protocol::Ask& ask);
  protocol::AnswerEnd sign(const protocol::Ask& ask, const protocol::ExpertCard& card,
                           std::string_view answer, protocol::AnswerEnd end);

  std::mutex mutex_;  // of the library, where many ask
  Library library_;
  infer::Engine* engine_;
  infer::Session session_;
  AnswerOptions options_;
  std::size_t n_fixed_ = 0;  // tokens that all prompts begin with
};

}  // namespace plmm::expert
