// A teacher's model in this process.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "infer/session.h"
#include "teacher/backend.h"
#include "text/tokenizer.h"

namespace plmm::infer {
class Engine;
}

namespace plmm::teacher {

/// The engine may be shared with others that compute on the same thread; it outlives the backend.
class LocalBackend : public Backend {
 public:
  /// unsupported when the model has no known chat template.
  static Result<std::unique_ptr<LocalBackend>> create(std::string name, infer::Engine& engine);

  const std::string& name() const override { return name_; }
  Result<std::string> complete(const Prompt& prompt, int n_tokens_max,
                               const Cancel& cancel) override;

 private:
  LocalBackend(std::string name, infer::Engine& engine)
      : name_(std::move(name)), engine_(&engine) {}

  /// The session whose cache holds more of the prompt.
  infer::Session& session_for(std::span<const text::TokenId> prompt);

  std::string name_;
  infer::Engine* engine_;
  std::vector<infer::Session> sessions_;
};

}  // namespace plmm::teacher
