// Redaction within one conversation, and the scanner of what is about to leave.
#include "privacy/redact.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "privacy/restore.h"

namespace plmm::privacy {
namespace {

std::vector<Known> profile() {
  return {{Kind::name, "Lena Vogt"},  {Kind::employer, "Nordwind GmbH"},
          {Kind::city, "Graz"},       {Kind::phone, "+43 660 1234567"},
          {Kind::date, "1990-05-12"}, {Kind::email, "lena@example.org"}};
}

std::string restored(const Redactor& redactor, std::string_view text) {
  StreamRestorer restorer(redactor.replacements(), Links::fill);
  std::string out = restorer.push(text);
  return out + restorer.finish();
}

// The redacted text, after checking that nothing leaks and that restoring gives the text back.
std::string redacted(Redactor& redactor, std::string_view text) {
  const Redaction redaction = redactor.redact(text);
  EXPECT_TRUE(redactor.leaks(redaction.text).empty()) << redaction.text;
  EXPECT_EQ(restored(redactor, redaction.text), text);
  return redaction.text;
}

TEST(Redactor, puts_placeholders_for_known_and_detected_values) {
  Redactor redactor(profile());
  const Redaction redaction = redactor.redact(
      "I'm Lena Vogt of Nordwind in Graz. Card 4111 1111 1111 1111, mail tom@example.com.");
  EXPECT_EQ(redaction.text,
            "I'm [NAME_1] of [EMPLOYER_1] in [CITY_1]. Card [CARD_1], mail [EMAIL_1].");
  ASSERT_EQ(redaction.replacements.size(), 5U);
  EXPECT_EQ(redaction.replacements[1].placeholder, "[EMPLOYER_1]");
  EXPECT_EQ(redaction.replacements[1].original, "Nordwind");
  EXPECT_EQ(redaction.replacements[1].kind, Kind::employer);
}

TEST(Redactor, keeps_the_number_of_a_value_for_the_conversation) {
  Redactor redactor(profile());
  EXPECT_EQ(redacted(redactor, "Lena Vogt, lena vogt, Lena Vogt"),
            "[NAME_1], [NAME_1.2], [NAME_1]");
  EXPECT_EQ(redacted(redactor, "Vogt's house; tom@x.org"), "[NAME_1.3]'s house; [EMAIL_1]");
  EXPECT_EQ(redacted(redactor, "TOM@X.ORG"), "[EMAIL_1.2]");
  redactor.add({Kind::name, "Tom Berg"});
  EXPECT_EQ(redacted(redactor, "Tom and Lena Vogt"), "[NAME_2] and [NAME_1]");
  EXPECT_EQ(redacted(redactor, "nothing here"), "nothing here");
  EXPECT_EQ(redacted(redactor, ""), "");
}

TEST(Redactor, knows_a_detected_value_in_other_spellings) {
  Redactor redactor({});
  EXPECT_EQ(redacted(redactor, "Fax +43 660 1234567, later 0660 1234567 or 1234567."),
            "Fax [PHONE_1], later [PHONE_1.2] or 1234567.");
  EXPECT_EQ(redacted(redactor, "00436601234567"), "[PHONE_1.3]");
}

TEST(Redactor, a_phone_of_the_vault_is_one_value_however_written) {
  Redactor redactor(profile());
  EXPECT_EQ(redacted(redactor, "0660/123 45 67, +436601234567"), "[PHONE_1], [PHONE_1.2]");
}

TEST(Redactor, replaces_text_that_looks_like_a_placeholder) {
  Redactor redactor(profile());
  EXPECT_EQ(redacted(redactor, "Lena Vogt wrote [NAME_1] and [name 7's] and [NAME_x]"),
            "[NAME_1] wrote [TEXT_1] and [TEXT_2] and [NAME_x]");
  EXPECT_EQ(redacted(redactor, "[TEXT_1] [[NAME_1.2]] [NAME_[CITY_1]"),
            "[TEXT_3] [[TEXT_4]] [NAME_[TEXT_5]");
}

TEST(Redactor, a_value_within_another_is_another_value) {
  Redactor redactor({});
  EXPECT_EQ(redacted(redactor, "8::1 and 2001:db8::1"), "[IP_1] and [IP_2]");
  EXPECT_EQ(redacted(redactor, "8::1 and 2001:db8::1"), "[IP_1] and [IP_2]");
}

TEST(Redactor, joins_what_overlaps) {
  Redactor redactor(std::vector<Known>{{Kind::school, "Graz Nord"}, {Kind::city, "Nord Wien"}});
  EXPECT_EQ(redacted(redactor, "in Graz Nord Wien."), "in [SCHOOL_1].");
  EXPECT_EQ(redacted(redactor, "in Graz Nord, Nord Wien."), "in [SCHOOL_2], [CITY_1].");
}

TEST(Redactor, hides_names_inside_of_addresses_and_handles) {
  Redactor redactor(profile());
  EXPECT_EQ(redacted(redactor, "https://x.org/lena-vogt?u=lenaVogt lena.vogt@x.org"),
            "https://x.org/[NAME_1]?u=[NAME_1.2] [EMAIL_1]");
}

TEST(Redactor, values_named_like_our_labels_do_not_confuse_it) {
  Redactor redactor(std::vector<Known>{{Kind::name, "Text"}, {Kind::employer, "Name 1"}});
  EXPECT_EQ(redacted(redactor, "Text is NAME 1, [TEXT_1]"), "[NAME_1] is [EMPLOYER_1], [TEXT_1]");
}

TEST(Redactor, scans_the_exact_bytes_that_leave) {
  Redactor redactor(profile());
  const std::string text = redactor.redact("Lena Vogt, born 12 May 1990, +43 660 1234567").text;
  EXPECT_EQ(text, "[NAME_1], born [DATE_1], [PHONE_1]");
  EXPECT_TRUE(redactor.leaks(R"({"messages":[{"content":")" + text + R"("}]})").empty());
  const auto leak_kind = [&](std::string_view outgoing) {
    const auto leaks = redactor.leaks(outgoing);
    return leaks.size() == 1 ? std::string(label(leaks[0].kind)) : std::to_string(leaks.size());
  };
  EXPECT_EQ(leak_kind(R"({"content":"hi\nlena vogt"})"), "NAME");
  EXPECT_EQ(leak_kind("GET /?from=gr%61z"), "CITY");
  EXPECT_EQ(leak_kind("X-Tag: 0660-1234567"), "PHONE");
  EXPECT_EQ(leak_kind("5/12/1990"), "DATE");
  // Only placeholders that this conversation has given out are no text.
  EXPECT_EQ(leak_kind("[NAME_1]"), "0");
  Redactor other(std::vector<Known>{{Kind::name, "Name"}});
  EXPECT_EQ(other.leaks("[NAME_1]").size(), 1U);
}

TEST(Redactor, takes_bytes_that_are_no_text) {
  Redactor redactor(profile());
  redacted(redactor, std::string("\xFF\xC3Graz\x80\0Lena\xE2\x82", 15));
  redacted(redactor, "%4Lena \\u00Graz \\Lena %Graz");
}

}  // namespace
}  // namespace plmm::privacy
