// Tests of mail: mbox files, headers, parts and codings.
#include "reader/mail.h"

#include <gtest/gtest.h>

#include <string>

#include "reader/mail_coding.h"

namespace plmm::reader {
namespace {

FileText read(std::string_view bytes) {
  auto out = read_mail(bytes, Cancel());
  EXPECT_TRUE(out) << out.error().what;
  return out.value_or(FileText());
}

TEST(Mail, has_a_section_for_each_message_with_who_wrote_it_and_when) {
  const std::string mbox =
      "From nora Mon Jan  1 10:00:00 2026\n"
      "From: Nora <nora@example.org>\nDate: Mon, 1 Jan 2026 10:00:00 +0000\nSubject: The\n ferry\n"
      "\nIt leaves at nine.\n> When does it leave?\n>From afar.\n\n"
      "From olaf Tue Jan  2 10:00:00 2026\nSubject: empty\n\n\n"
      "From olaf Tue Jan  2 11:00:00 2026\r\nSubject: Hotel\r\n\r\nNo From here.\r\nFrom us.\r\n";
  EXPECT_TRUE(is_mbox(mbox));
  const auto file = read(mbox);
  EXPECT_EQ(file.places, Places::messages);
  ASSERT_EQ(file.sections.size(), 2U);
  EXPECT_EQ(file.sections[0].title, "The ferry");
  EXPECT_EQ(file.sections[0].place, 1);
  EXPECT_EQ(file.sections[0].text,
            "From Nora <nora@example.org>, Mon, 1 Jan 2026 10:00:00 +0000\nIt leaves at nine.");
  EXPECT_EQ(file.sections[1].title, "Hotel");
  EXPECT_EQ(file.sections[1].place, 3);
  EXPECT_EQ(file.sections[1].text, "No From here.\nFrom us.");
}

TEST(Mail, takes_the_plain_text_of_its_parts_and_nothing_attached) {
  const std::string message =
      "Subject: a\nContent-Type: multipart/mixed; boundary=\"yyx\"\n\npreamble\n"
      "--yyx\nContent-Type: multipart/alternative; boundary=yy\n\n"
      "--yy\nContent-Type: text/html\n\n<p>as HTML\n"
      "--yy\nContent-Type: text/plain; charset=iso-8859-1\n"
      "Content-Transfer-Encoding: quoted-printable\n\nKakola is f=FCr us=\n both.\n--yy--\n"
      "--yyx\nContent-Type: text/plain\nContent-Disposition: attachment\n\nattached\n--yyx--\n";
  const auto file = read(message);
  ASSERT_EQ(file.sections.size(), 1U);
  EXPECT_EQ(file.sections[0].text, "Kakola is f\xC3\xBCr us both.");
  EXPECT_EQ(read("Content-Type: text/html\n\n<p>only HTML").sections.at(0).text, "only HTML");
}

TEST(Mail, knows_its_codings) {
  EXPECT_EQ(decode_words("=?utf-8?Q?f=C3=BCr_uns?= =?UTF-8?B?IGFsbGU=?= x"),
            "f\xC3\xBCr uns alle x");
  EXPECT_EQ(decode_words("=?broken"), "=?broken");
  EXPECT_EQ(decode_base64("aGVsbG8gd29ybGQ="), "hello world");
  EXPECT_EQ(decode_quoted_printable("a=3D=zz="), "a==zz=");
  EXPECT_EQ(utf8_from("windows-1252", "\x80"), "\xE2\x82\xAC");
  EXPECT_EQ(utf8_from("iso-8859-15", "\xA4"), "\xE2\x82\xAC");
  EXPECT_EQ(utf8_from("koi8-r", "a\xC1"), "a?");
  EXPECT_EQ(utf8_from("utf-8", "\xE9"), "\xC3\xA9") << "what is no UTF-8 is the old habit";
}

TEST(Mail, is_no_mbox_where_a_text_only_begins_like_one) {
  EXPECT_FALSE(is_mbox("From here on\nit is prose."));
  EXPECT_FALSE(is_mbox("Dear all"));
}

TEST(Mail, ends_where_parts_nest_without_end) {
  std::string message;
  for (int i = 0; i < 100; ++i) {
    const auto boundary = "x" + std::to_string(i);
    message += "Content-Type: multipart/mixed; boundary=" + boundary + "\n\n--" + boundary + "\n";
  }
  EXPECT_TRUE(read(message + "\ndeep").sections.empty());
}

}  // namespace
}  // namespace plmm::reader
