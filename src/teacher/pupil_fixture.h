// A scripted model and an expert of a few passages, for the tests of this folder.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "eval/right.h"
#include "teacher/backend.h"
#include "teacher/pupil.h"
#include "teacher/words.h"

namespace plmm::teacher {

/// Answers by a function, and remembers what it was asked.
class ScriptedBackend : public Backend {
 public:
  using Script = std::function<Result<std::string>(const Prompt& prompt)>;
  explicit ScriptedBackend(Script script) : script_(std::move(script)) {}

  const std::string& name() const override { return name_; }
  Result<std::string> complete(const Prompt& prompt, int, const Cancel&) override {
    asked.push_back(prompt.user);
    return script_(prompt);
  }
  std::vector<std::string> asked;

 private:
  std::string name_ = "script";
  Script script_;
};

/// Answers with the text of the first passage that shares the question's longest word.
class ScriptedPupil : public Pupil {
 public:
  explicit ScriptedPupil(std::vector<Passage> library) : library_(std::move(library)) {}

  Result<std::string> answer(const std::string& question, From from, const Cancel&) override {
    ++n_answers;
    const std::vector<Passage> none;
    const auto* found = find(question, from == From::copy ? studied_ : none);
    return found == nullptr ? "I found nothing." : found->text + " [1]";
  }
  Result<bool> holds(const Passage& passage) override {
    return std::ranges::any_of(library_, [&](const auto& p) { return p.text == passage.text; });
  }
  Result<std::vector<Passage>> reads(const std::string& question) override {
    const auto* found = find(question, {});
    if (is_lucky || found == nullptr) return std::vector<Passage>();
    return std::vector<Passage>{*found};
  }
  Result<> study(std::span<const Passage> passages, const Cancel&) override {
    studied_.assign(passages.begin(), passages.end());
    return {};
  }
  Result<bool> is_affected(const std::string& question) override {
    const auto* before = find(question, {});
    const auto* after = find(question, studied_);
    return (before == nullptr) != (after == nullptr) ||
           (before != nullptr && before->text != after->text);
  }
  int n_answers = 0;
  bool is_lucky = false;  // what it answers stands in nothing that it reads

 private:
  const Passage* find(const std::string& question, const std::vector<Passage>& added) const {
    std::string_view longest;
    for (const auto word : words_of(question)) {
      if (word.size() > longest.size()) longest = word;
    }
    // What was added comes first: so a release can also do harm.
    for (const auto* passages : {&added, &library_}) {
      for (const auto& passage : *passages) {
        if (lower(passage.text).contains(lower(longest))) return &passage;
      }
    }
    return nullptr;
  }
  std::vector<Passage> library_;
  std::vector<Passage> studied_;
};

/// A passage that is long enough to be asked about.
inline Passage long_passage(std::string title, std::string text) {
  return {"notes", std::move(title),
          std::move(text) +
              " It is told here in as many words as a passage needs to be asked "
              "about at all."};
}

}  // namespace plmm::teacher
