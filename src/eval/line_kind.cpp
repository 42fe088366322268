// Looks for the fields that make the difference.
#include "eval/line_kind.h"

#include <nlohmann/json.hpp>

#include "base/json_object.h"

namespace plmm::eval {
namespace {

constexpr int kDepthMax = 8;

}  // namespace

LineKind kind_of_line(std::string_view line) {
  const auto object = parse_object<nlohmann::json>(line, kDepthMax);
  if (object.is_discarded()) return LineKind::none;
  if (object.contains("question")) {
    const bool has_choices = object.contains("choices") || object.contains("options");
    return has_choices ? LineKind::choice : LineKind::exam;
  }
  const bool is_document = object.contains("text") || object.contains("messages");
  return is_document ? LineKind::document : LineKind::object;
}

}  // namespace plmm::eval
