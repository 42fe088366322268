// Pictures in a question: their text is read on this device and put before it as quoted data.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/plmm/context.h"
#include "infer/engine.h"
#include "ocr/picture_text.h"

namespace plmm::cli {

inline constexpr std::size_t kPicturesMax = 4;
inline constexpr std::string_view kPictureQuestion =
    "What is it about? Answer in one short sentence.";

/// Reads each and says on standard error what was read, how surely, and how it begins. Errors:
/// those of ocr::read_picture; unsupported for a picture without text, because a model would make
/// one up; invalid_argument for more than kPicturesMax.
Result<std::vector<ocr::PictureText>> read_pictures(Context& context,
                                                    std::span<const std::string> files);

/// How much of what is limited a text takes: tokens or bytes.
using Measure = std::function<std::size_t(std::string_view)>;

struct PictureQuestion {
  std::string text;
  std::size_t n_lines = 0;       // of all pictures
  std::size_t n_lines_left = 0;  // that went in
};

/// Words that say what comes, the pictures' lines, each behind "| ", so that no line can pass for
/// something else, then the question. Lines from the first one on that would take more than
/// `size_max` are left out.
PictureQuestion quote_pictures(std::span<const ocr::PictureText> pictures,
                               std::string_view question, const Measure& measure,
                               std::size_t size_max);

/// The turn for the model on this device: the quoted text takes at most half of its context. Says
/// so when something is left out.
std::string picture_turn(Context& context, std::span<const ocr::PictureText> pictures,
                         std::string_view question, const infer::Engine& engine, int n_context);
/// The question to an expert, who sees only what the person lets go: a few passages' worth.
std::string picture_question(Context& context, std::span<const ocr::PictureText> pictures,
                             std::string_view question);

struct FileAndRest {
  std::string file;
  std::string_view rest;
};
/// "FILE QUESTION" as typed: FILE may be quoted, or have its spaces behind backslashes, as
/// terminals write a file that is dropped on them.
FileAndRest split_file(std::string_view argument);

/// "/image FILE QUESTION": the turn for the model on this device.
Result<std::string> image_turn(Context& context, std::string_view argument,
                               const infer::Engine& engine, int n_context);

}  // namespace plmm::cli
