// A teacher's model at an OpenAI-compatible endpoint: llama.cpp's server, vLLM, a provider.
#pragma once

#include <memory>
#include <string>

#include "net/client.h"
#include "teacher/backend.h"

namespace plmm::teacher {

struct EndpointOptions {
  std::string url;    // "http://127.0.0.1:8080" or "https://host/v1"
  std::string model;  // as the endpoint calls it
  std::string key;    // sent as a bearer token; empty: none. Never shown and never written
};

/// POST …/v1/chat/completions, temperature 0. What it answers is a stranger's word: size, form and
/// UTF-8 are checked.
class EndpointBackend : public Backend {
 public:
  /// invalid_argument for an address that is none, a model without a name, and a key that would
  /// travel unencrypted to another machine.
  static Result<std::unique_ptr<EndpointBackend>> create(const EndpointOptions& options);

  const std::string& name() const override { return model_; }
  /// offline when nobody answers; io for a status that is no success; corrupt_data or
  /// limit_exceeded for an answer that is none. The words name host and status only.
  Result<std::string> complete(const Prompt& prompt, int n_tokens_max,
                               const Cancel& cancel) override;

 private:
  EndpointBackend(std::string url, const EndpointOptions& options);

  std::string url_;
  std::string model_;
  std::string key_;
  net::HttpClient client_;
};

/// The answer's text in the body of a completion; a model's thinking before "</think>" is dropped.
Result<std::string> parse_completion(std::string_view body);

}  // namespace plmm::teacher
