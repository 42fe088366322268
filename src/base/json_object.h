// JSON from outside, nested no deeper than its reader expects. For .cpp files that include
// <nlohmann/json.hpp>.
#pragma once

#include <string_view>

namespace plmm {

/// The object that the text is; a discarded one where it is no JSON, no object, or nested deeper
/// than `depth_max`.
template <class Json>
Json parse_object(std::string_view text, int depth_max) {
  bool is_deep = false;
  Json out = Json::parse(
      text,
      [&](int depth, typename Json::parse_event_t, Json&) {
        return !(is_deep |= depth > depth_max);
      },
      false);
  if (is_deep || !out.is_object()) return Json(Json::value_t::discarded);
  return out;
}

}  // namespace plmm
