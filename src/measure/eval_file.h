// What a model is measured with: questions, questions with choices, texts and chats of one file.
// docs/formats/eval.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "eval/choice.h"
#include "eval/exam.h"
#include "train/documents.h"

namespace plmm::measure {

// Limits; sizes in bytes.
inline constexpr std::uint64_t kEvalBytesMax = 256U << 20U;
inline constexpr std::size_t kEvalLineBytesMax = 16U << 20U;
inline constexpr std::size_t kEvalItemsMax = 100'000;

template <class Item>
struct AtLine {
  Item item;
  std::uint64_t line = 0;  // of the file, from 1
};

/// Each kind in the order of the file.
struct EvalFile {
  std::vector<AtLine<eval::ExamQuestion>> questions;
  std::vector<AtLine<eval::ChoiceQuestion>> choices;
  std::vector<train::Document> texts;
  std::vector<train::Document> chats;  // those with messages

  std::size_t size() const {
    return questions.size() + choices.size() + texts.size() + chats.size();
  }
};

/// Lines of JSON, each of any kind; a chat that was saved with /save; or plain text in UTF-8, which
/// is one document. Anything else is refused as a whole: corrupt_data or limit_exceeded that name
/// file, line, cause and what is expected, and never repeat the text. not_found, io.
Result<EvalFile> read_eval_file(const std::filesystem::path& path);
/// The same on bytes; `name` stands for the file.
Result<EvalFile> read_eval_file(std::string_view bytes, std::string_view name);

/// Only the first n of each kind stay.
void keep_first(EvalFile& file, std::size_t n);

}  // namespace plmm::measure
