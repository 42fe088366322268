// Fuzz entry of the config file: what parses can be edited, and the edit parses again.
#include "apps/plmm/files/config_file.h"
#include "base/check.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using plmm::files::ConfigEntry;
  using plmm::files::ConfigType;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto entries = plmm::files::parse_config(text, "c");
  if (!entries) {
    plmm::fuzz::note(entries.error().what);
    return -1;
  }
  for (const auto& entry : *entries) CHECK(!entry.key.empty() && entry.line > 0);
  const ConfigEntry added{"system", "a \"b\"\n", ConfigType::string, 0};
  const auto edited = plmm::files::with_entry(text, "c", added);
  CHECK(edited);
  const auto again = plmm::files::parse_config(*edited, "c");
  CHECK(again);
  bool found = false;
  for (const auto& entry : *again)
    found = found || (entry.key == "system" && entry.value == added.value);
  CHECK(found);
  CHECK(plmm::files::without_entry(*edited, "c", "system"));
  return 0;
}

std::vector<std::string> plmm::fuzz::seeds() {
  return {"model = \"a\"\n", "# c\n[s]\nx = 1.5e3\n", "a = 'b'\r\nb = true # t\n",
          "k = \"\\n\\\\\""};
}
