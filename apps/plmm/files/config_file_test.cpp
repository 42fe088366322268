// Tests of the config file's parser: each error by the smallest text that triggers it.
#include "apps/plmm/files/config_file.h"

#include <gtest/gtest.h>

namespace plmm::files {
namespace {

std::string error_of(std::string_view text) {
  const auto parsed = parse_config(text, "c");
  return parsed ? "accepted" : parsed.error().what;
}

TEST(ConfigFile, reads_every_type_sections_and_comments) {
  const auto entries = parse_config(
      "# a comment\n\nmodel = \"a \\\"b\\\" \\\\ \\n\\t\"  # more\r\ntop_k=40\nmin_p = 5e-2\n"
      "history = false\nsystem = 'C:\\x'\n[part]\n  seed = 1\n",
      "c");
  ASSERT_TRUE(entries) << entries.error().what;
  ASSERT_EQ(entries->size(), 6U);
  EXPECT_EQ((*entries)[0].value, "a \"b\" \\ \n\t");
  EXPECT_EQ((*entries)[0].line, 3);
  EXPECT_EQ((*entries)[1].type, ConfigType::integer);
  EXPECT_EQ((*entries)[2].type, ConfigType::real);
  EXPECT_EQ((*entries)[3].type, ConfigType::boolean);
  EXPECT_EQ((*entries)[4].value, "C:\\x");
  EXPECT_EQ((*entries)[5].key, "part.seed");
}

TEST(ConfigFile, names_the_line_of_each_error) {
  EXPECT_EQ(error_of("a = 1\n= 2"), "c:2: the key is missing (letters, digits, _ and -)");
  EXPECT_EQ(error_of("a 1"), "c:1: a line is: key = value");
  EXPECT_EQ(error_of("a = "), "c:1: a value is \"text\", a number, true or false");
  EXPECT_EQ(error_of("a = word"), "c:1: a value is \"text\", a number, true or false");
  EXPECT_EQ(error_of("a = ."), "c:1: a value is \"text\", a number, true or false");
  EXPECT_EQ(error_of("a = \"x"), "c:1: the string has no closing \"");
  EXPECT_EQ(error_of("a = \"\\"), "c:1: the string has no closing \"");
  EXPECT_EQ(error_of("a = 'x"), "c:1: the string has no closing '");
  EXPECT_EQ(error_of("a = \"\\q\""), "c:1: a string knows the escapes \\n \\t \\\" and \\\\ only");
  EXPECT_EQ(error_of("a = 1 2"), "c:1: there is text after the value");
  EXPECT_EQ(error_of("[a"), "c:1: a section is [name]");
  EXPECT_EQ(error_of("[]"), "c:1: the section's name is missing (letters, digits, _ and -)");
  EXPECT_EQ(error_of("a = 1\na = 2"), "c:2: 'a' is set twice (first in line 1)");
  EXPECT_EQ(error_of("\n\x1b"), "c:2: a control character");
  EXPECT_EQ(error_of(std::string(65, 'a') + " = 1"), "c:1: the key is longer than 64 characters");
}

TEST(ConfigFile, is_bounded) {
  EXPECT_EQ(error_of(std::string(kConfigBytesMax + 1, ' ')), "c: larger than 65536 bytes");
  std::string many;
  for (std::size_t i = 0; i <= kConfigEntriesMax; ++i) many += "k" + std::to_string(i) + "=1\n";
  EXPECT_EQ(error_of(many), "c:1001: more than 1000 keys");
}

TEST(ConfigFile, an_edit_keeps_every_other_line) {
  const std::string text = "# mine\nseed = 1   # why\n\n[later]\nx = 2\n";
  const ConfigEntry seed{"seed", "7", ConfigType::integer, 0};
  EXPECT_EQ(with_entry(text, "c", seed).value(), "# mine\nseed = 7\n\n[later]\nx = 2\n");
  const ConfigEntry system{"system", "say \"hi\"\n\\", ConfigType::string, 0};
  const auto added = with_entry(text, "c", system).value();
  EXPECT_EQ(added,
            "# mine\nseed = 1   # why\n\nsystem = \"say \\\"hi\\\"\\n\\\\\"\n[later]\nx = 2\n");
  EXPECT_EQ(parse_config(added, "c").value()[1].value, system.value);
  EXPECT_EQ(without_entry(added, "c", "system").value(), text);
  EXPECT_EQ(without_entry(text, "c", "model").error().code, ErrorCode::not_found);
  EXPECT_EQ(with_entry("", "c", seed).value(), "seed = 7\n");
  EXPECT_EQ(with_entry("a = 1", "c", seed).value(), "a = 1\nseed = 7\n");
}

TEST(ConfigFile, a_broken_file_is_not_edited) {
  EXPECT_FALSE(with_entry("broken", "c", {"seed", "7", ConfigType::integer, 0}));
}

}  // namespace
}  // namespace plmm::files
