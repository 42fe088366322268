// Many threads ask one batch; each gets its own answer on its own thread.
#include "infer/shared_batch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "infer/script_model_fixture.h"

namespace plmm::infer {
namespace {

using text::TokenId;

BatchRequest request_of(std::vector<TokenId> prompt, int n_tokens_max = 50) {
  BatchRequest out;
  out.prompt = std::move(prompt);
  out.options.sampler = greedy();
  out.options.n_tokens_max = n_tokens_max;
  return out;
}

struct Shared {
  explicit Shared(const BatchLimits& limits = {}) {
    model::TinyModel tiny(script_options());
    write_script(tiny, script("abcdefghijkl"));
    engine = ModelFile(tiny).load();
    batch = SharedBatch::create(*engine, limits).value();
  }
  std::unique_ptr<Engine> engine;
  std::unique_ptr<SharedBatch> batch;
};

TEST(SharedBatch, gives_each_thread_its_own_answer_on_that_thread) {
  Shared shared({.n_sequences_max = 3, .n_waiting_max = 100});
  std::vector<std::string> texts(12);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      threads.emplace_back([&, i] {
        for (int again = 0; again < 3; ++again) {
          const auto me = std::this_thread::get_id();
          texts[i].clear();
          auto request = request_of({static_cast<TokenId>('a' + i % 11)});
          request.on_text = [&](std::string_view text) {
            EXPECT_EQ(std::this_thread::get_id(), me);
            texts[i] += text;
          };
          const auto answer = shared.batch->generate(std::move(request));
          ASSERT_TRUE(answer) << answer.error().what;
          EXPECT_EQ(answer->text, texts[i]);
        }
      });
    }
  }
  const std::string all = "abcdefghijkl";
  for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(texts[i], all.substr(i % 11 + 1));
}

TEST(SharedBatch, one_who_reads_slowly_keeps_nobody_waiting) {
  Shared shared;
  std::atomic<bool> reading = false, others_done = false;
  std::jthread slow([&] {
    auto request = request_of({byte('a')});
    request.on_text = [&](std::string_view) {
      reading = true;
      reading.notify_all();
      others_done.wait(false);
    };
    EXPECT_EQ(shared.batch->generate(std::move(request)).value().text, "bcdefghijkl");
  });
  reading.wait(false);
  EXPECT_EQ(shared.batch->generate(request_of({byte('c')})).value().text, "defghijkl");
  others_done = true;
  others_done.notify_all();
}

TEST(SharedBatch, passes_errors_and_the_cancelling_of_one_on) {
  Shared shared;
  const auto refused = shared.batch->generate(request_of({}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
  Cancel cancel;
  cancel.request();
  auto request = request_of({byte('a')});
  request.cancel = &cancel;
  EXPECT_EQ(shared.batch->generate(std::move(request)).value().stop, StopReason::cancelled);
  EXPECT_EQ(shared.batch->generate(request_of({byte('k')})).value().text, "l");
}

}  // namespace
}  // namespace plmm::infer
