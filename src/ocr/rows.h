// Rows that were taken for columns: a receipt's words and its prices.
#pragma once

#include <vector>

#include "ocr/picture_text.h"

namespace plmm::ocr {

/// Joins lines of one row where the right one follows within the space of a letter or two, or
/// belongs to a block that is a column of figures. Columns of a page stay apart. The order of what
/// is left stays.
std::vector<TextLine> joined_rows(std::vector<TextLine> lines);

}  // namespace plmm::ocr
