// Documents with gaps in them: sections that an expert does not get, and a teacher could find.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/plmm/suites/loop_data.h"
#include "base/result.h"
#include "reader/documents.h"

namespace plmm::suites {

/// A part of a document: what stands under one heading.
struct Section {
  std::string title;
  std::string text;
  bool operator==(const Section&) const = default;
};
struct Planted {
  std::vector<Section> kept;      // what the expert gets
  std::vector<Section> withheld;  // what it lacks, and a teacher could find
};

/// Cuts documents into sections and withholds `n` of them: of a length that something can be asked
/// about (30 to 400 words), of a title that occurs once, none that a question is about or that says
/// one of its answers, and none of which other sections say a third or more, since what the expert
/// can read elsewhere is no gap. Which ones is chance, but the same for the same documents and
/// seed. invalid_argument where there are fewer than `n`.
///
/// A sentence of five different words or more is said elsewhere if one other section has its words,
/// but for a fifth of their weight. A word weighs ln(n sections / n of them that have it), as in a
/// search by words.
class GapPlanter {
 public:
  void add(const reader::Document& document);
  Result<Planted> plant(std::size_t n, std::uint64_t seed,
                        std::span<const LoopQuestion> questions) &&;

 private:
  std::vector<Section> sections_;
  std::map<std::string, std::size_t, std::less<>> n_of_title_;
};

/// As documents.h reads it: {"title", "text"} in each line.
std::string sections_jsonl(std::span<const Section> sections);

}  // namespace plmm::suites
