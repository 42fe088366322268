// An exam made from a library itself, for an expert whose owner brings none.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "eval/exam.h"
#include "expert/library.h"

namespace plmm::expert {

/// Abbreviations that texts explain themselves: "File Transfer Protocol (FTP)", or an entry "FTP"
/// that begins with "File Transfer Protocol". The initials must spell the abbreviation, so that a
/// wrong guess is next to impossible; one that is explained in two ways counts as none.
class Abbreviations {
 public:
  void read(const NewPassage& passage);
  /// At most `n_max` questions "What does FTP stand for?", spread evenly over the alphabet.
  std::vector<eval::ExamQuestion> questions(std::size_t n_max) const;

 private:
  void add(std::string abbreviation, std::string meaning);
  std::map<std::string, std::set<std::string>> meanings_;
};

/// Shows what gets lost by a change, not how much an expert knows: what it asks stands in the
/// library. Empty where the texts explain no abbreviations.
Result<std::vector<eval::ExamQuestion>> make_exam(Library& library);

inline constexpr std::size_t kMadeQuestionsMax = 40;  // two minutes for a small model on two cores

}  // namespace plmm::expert
