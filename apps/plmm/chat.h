// A conversation as a person drives it: turns and commands, without the way in which lines are
// read.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "apps/plmm/context.h"
#include "apps/plmm/expert_desk.h"
#include "apps/plmm/own_data.h"
#include "apps/plmm/remembering.h"
#include "apps/plmm/running_model.h"

namespace plmm::cli {

class Chat {
 public:
  /// `read_line` asks the person whether a question may leave; an empty function: nobody is asked,
  /// and only what was allowed for always leaves.
  Chat(Context& context, RunningModel model, ExpertDesk::ReadLine read_line);

  enum class Turn : std::uint8_t { answered, stopped };
  /// Who answers a turn is on standard error before the answer ("plmm> "), or not.
  enum class Labels : std::uint8_t { no, yes };
  /// Sends a turn and streams the answer to standard output, which then ends with a newline. An
  /// expert answers where the router says so and the person agrees; else the model on this device.
  /// stopped: by Ctrl-C, which is then reset.
  Result<Turn> say(std::string_view text, Labels labels);

  enum class After : std::uint8_t { go_on, leave };
  /// Runs a command such as "/clear"; the line begins with '/'. Its errors are printed, not
  /// returned.
  After command(std::string_view line, Labels labels);
  /// Whether the first word is a command, not only alike.
  static bool is_command(std::string_view line);

  const std::string& model_name() const { return model_name_; }
  const infer::Engine& engine() const { return *engine_; }
  int n_context() { return conversation_->session().n_context(); }
  const ExpertDesk& desk() const { return desk_; }
  /// The last answer of the model on this device.
  const std::optional<infer::Answer>& last() const { return last_; }
  /// "14.2 tokens/s, first token after 0.08 s"; empty before the first answer.
  std::string speed() const;
  /// For a demonstration: from now on earlier conversations are not read, and this one is not kept.
  void remember_nothing() { remembering_.stop(); }

 private:
  Result<> run_command(std::string_view name, std::string_view argument, Labels labels);
  personal::Route route_of(std::string_view text);
  /// Nothing: the person said no, or nobody could be asked.
  Result<std::optional<Turn>> ask_expert(const personal::Route& route, std::string_view text,
                                         Labels labels);
  Result<Turn> answer_here(personal::Route route, std::string_view text, Labels labels);
  /// What was said before and is of use for a turn stands in front of it.
  void recall(std::string_view text);
  void keep(std::string_view text, std::string_view answered_by);
  Result<> ask_chosen(std::string_view argument, Labels labels);
  Result<> answer_chosen(std::string_view question, Labels labels);
  Result<> ask_about_picture(std::string_view argument, Labels labels);
  Result<> correct(std::string_view statement);
  Result<> why();
  /// Whether the line was about what is known of the person, and so answered without a model.
  Result<bool> talk_of_facts(std::string_view text, Labels labels);
  /// What a kept turn tells about the person goes into the profile, and a line says so.
  void note_facts(const personal::Turn& turn);
  Result<> forget(std::string_view argument);
  /// Also from this conversation; what was forgotten, in a line.
  Result<std::string> forget_facts(std::span<const personal::Fact> facts);
  std::string label_of(std::string_view who, Labels labels) const;
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
  std::unique_ptr<infer::Engine> draft_;   // the same
  std::optional<infer::Conversation> conversation_;
  ExpertDesk desk_;
  Remembering remembering_;
  Recollection recalled_;            // for the turn that is being answered
  std::vector<std::int64_t> noted_;  // facts, the last time that there were any
  struct Asked {
    std::string expert;
    std::string question;
  };
  std::optional<Asked> asked_;  // of an expert, the last time
  ProfileText profile_;         // pinned before every conversation; never saved with it
  std::string instruction_;     // the person's own, or empty
  std::string model_name_;
  double load_s_ = 0;
  std::optional<infer::Answer> last_;
};

}  // namespace plmm::cli
