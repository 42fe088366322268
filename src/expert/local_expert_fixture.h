// An expert with a small library and a model whose words are written down. For tests only.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "expert/library_fixture.h"
#include "expert/local_expert.h"
#include "infer/script_model_fixture.h"

namespace plmm::expert {

/// An expert whose model says `answer` (no byte twice) to whatever it is asked.
class AnsweringTest : public LibraryTest {
 protected:
  void start(std::string_view answer, const AnswerOptions& options = {}) {
    model::TinyModel tiny(infer::script_options(2048));
    infer::write_script(tiny, infer::script("\n" + std::string(answer)));
    tiny.metadata["tokenizer.chat_template"] = std::string_view("<|im_start|>");
    engine_ = infer::ModelFile(tiny).load();
    auto library = create(it());
    ASSERT_TRUE(library) << library.error().what;
    auto expert = LocalExpert::create(*std::move(library), *engine_, options);
    ASSERT_TRUE(expert) << expert.error().what;
    expert_ = *std::move(expert);
  }

  std::unique_ptr<infer::Engine> engine_;
  std::unique_ptr<LocalExpert> expert_;
};

}  // namespace plmm::expert
