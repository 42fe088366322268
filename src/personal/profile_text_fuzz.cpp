// Fuzz entry of a profile as text: what was read comes back as it was.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "fuzz/fuzz.h"
#include "personal/profile_text.h"

namespace plmm::personal {
namespace {

int read_text(std::string_view text) {
  const auto values = parse_profile_text(text);
  if (!values) {
    fuzz::note(values.error().what);
    return -1;
  }
  std::vector<Fact> facts;
  for (const auto& one : *values) {
    Fact fact;
    fact.slot = one.slot;
    fact.value = one.value;
    facts.push_back(std::move(fact));
    fuzz::note(name_of(one.slot));
  }
  const auto again = parse_profile_text(profile_text(facts));
  CHECK(again.has_value() && again->size() == values->size());
  CHECK(edit_between(facts, *again).empty());
  return 0;
}

}  // namespace
}  // namespace plmm::personal

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return plmm::personal::read_text({reinterpret_cast<const char*>(data), size});
}

std::vector<std::string> plmm::fuzz::seeds() {
  return {"name: Mira\nhobbies: choir\nhobbies: old maps\n", "# mine\n\nwork : potter\r\n",
          "place: Porto: the old town"};
}
