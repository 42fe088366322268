// Fuzz entry of what is read off a person's words, and of the records that keep it.
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "fuzz/fuzz.h"
#include "personal/fact_record.h"
#include "personal/noticing.h"
#include "personal/profile_talk.h"

namespace plmm::personal {
namespace {

void read_words(std::string_view said) {
  for (const Noticed& one : notice(said)) {
    CHECK(one.quote.begin <= one.value.begin && one.value.begin < one.value.end);
    CHECK(one.value.end <= one.quote.end && one.quote.end <= said.size());
    fuzz::note(name_of(one.slot));
  }
  CHECK(!profile_wish(said, {}) || profile_wish(said, {})->facts.empty());
}

int read_record(std::string_view text) {
  const auto fact = decode_fact({1, Personal(std::string(text))});
  if (!fact) {
    fuzz::note(fact.error().what);
    return -1;
  }
  const auto again = decode_fact({1, encode_fact(*fact)});
  CHECK(again.has_value() && again->value == fact->value);
  CHECK(again->source.quote == fact->source.quote && again->until_ms == fact->until_ms);
  return 0;
}

}  // namespace
}  // namespace plmm::personal

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  plmm::personal::read_words(text);
  return plmm::personal::read_record(text);
}

std::vector<std::string> plmm::fuzz::seeds() {
  using personal::encode_fact, personal::Fact, personal::Slot;
  Fact plain;
  plain.slot = Slot::name;
  plain.value = Personal<std::string>("Mira");
  Fact noticed = plain;
  noticed.slot = Slot::place;
  noticed.until_ms = 7;
  noticed.source = {3, 0, 4, Personal<std::string>("I am")};
  return {encode_fact(plain).reveal(Purpose::seal),
          encode_fact(noticed).reveal(Purpose::seal),
          "Hi, I'm Mira. I live in Porto with my sister Anna, and I like tea, maps and chess.",
          "My favorite color is blue. I don't eat meat; I'm 34 years old and have two dogs.",
          "I’m a nurse “I love it”, what about you?",
          "Forget that I live in Porto."};
}
