// A conversation as a person drives it: turns and commands, without the way in which lines are
// read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "apps/plmm/context.h"
#include "apps/plmm/running_model.h"

namespace plmm::cli {

class Chat {
 public:
  Chat(Context& context, RunningModel model);

  enum class Turn : std::uint8_t { answered, stopped };
  /// Sends a turn and streams the answer to standard output, which then ends with a newline.
  /// `label` ("plmm> ", or nothing) comes before it on standard error. stopped: by Ctrl-C, which is
  /// then reset.
  Result<Turn> say(std::string_view text, std::string_view label);

  enum class After : std::uint8_t { go_on, leave };
  /// Runs a command such as "/clear"; the line begins with '/'. Its errors are printed, not
  /// returned.
  After command(std::string_view line);
  /// Whether the first word is a command, not only alike.
  static bool is_command(std::string_view line);

  const std::string& model_name() const { return model_name_; }
  const infer::Engine& engine() const { return *engine_; }
  int n_context() { return conversation_->session().n_context(); }
  const std::optional<infer::Answer>& last() const { return last_; }
  /// "14.2 tokens/s, first token after 0.08 s"; empty before the first answer.
  std::string speed() const;

 private:
  Result<> run_command(std::string_view name, std::string_view argument);
  void help();
  Result<> set_system(std::string_view text);
  std::string instruction() const;
  void set_instruction(std::string text);
  Result<> save(std::string_view file);
  Result<> load(std::string_view file);
  Result<> change_model(std::string_view name);
  Result<> set(std::string_view argument);
  void stats();
  void adopt(RunningModel model);
  void report(const infer::Answer& answer);

  Context& context_;
  std::unique_ptr<infer::Engine> engine_;  // outlives the conversation
  std::optional<infer::Conversation> conversation_;
  std::string profile_;      // pinned before every conversation; never saved with it
  std::string instruction_;  // the person's own, or empty
  std::string model_name_;
  double load_s_ = 0;
  std::optional<infer::Answer> last_;
};

}  // namespace plmm::cli
