// What detect() finds by form, and ordinary text that it must leave alone.
#include "privacy/detect.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace plmm::privacy {
namespace {

// "kind:text" of all that is found, one a line.
std::string found(std::string_view text) {
  std::string out;
  for (const Span& span : detect(text)) {
    if (!out.empty()) out += '\n';
    out += std::string(label(span.kind)) + ':';
    out += text.substr(span.begin, span.end - span.begin);
  }
  return out;
}

TEST(Detect, finds_emails_without_the_marks_around_them) {
  EXPECT_EQ(found("Write to lena.vogt+a@mail.example.org."), "EMAIL:lena.vogt+a@mail.example.org");
  EXPECT_EQ(found("<mailto:L_V@x-y.de>, (a@b.co)"), "EMAIL:L_V@x-y.de\nEMAIL:a@b.co");
  EXPECT_EQ(found("“jürgen@müller.de” ok"), "EMAIL:jürgen@müller.de");
  EXPECT_EQ(found("我的邮箱是lena@example.com。"), "EMAIL:lena@example.com");
  EXPECT_EQ(found("a@b@c.de and x@y.z1 and @handle, 5 @ 3.50"), "EMAIL:b@c.de");
  EXPECT_EQ(found("me@x.xn--p1ai"), "EMAIL:me@x.xn--p1ai");
}

TEST(Detect, finds_ip_addresses_but_no_versions_or_times) {
  EXPECT_EQ(found("from 203.0.113.7:80, 2001:db8::8a2e:370:7334."),
            "IP:203.0.113.7\nIP:2001:db8::8a2e:370:7334");
  EXPECT_EQ(found("6e40:4041:c617:e898:c11:40d2:c669:2eb4"),
            "IP:6e40:4041:c617:e898:c11:40d2:c669:2eb4");
  EXPECT_EQ(found("127.0.0.1 0.0.0.0 256.1.1.1 1.2.3.4 version 10.4.12.2 v10.4.12.2"), "");
  EXPECT_EQ(found("12:20:39 std::vector a::b 10.4.12.2.5 1::2::3"), "");
}

TEST(Detect, finds_ibans_that_check) {
  EXPECT_EQ(found("IBAN DE89 3704 0044 0532 0130 00 please"), "IBAN:DE89 3704 0044 0532 0130 00");
  EXPECT_EQ(found("gb82west12345698765432"), "IBAN:gb82west12345698765432");
  EXPECT_EQ(found("DE89370400440532013001, XX89370400440532013000"), "");
}

TEST(Detect, finds_cards_that_check) {
  EXPECT_EQ(found("4111 1111 1111 1111"), "CARD:4111 1111 1111 1111");
  EXPECT_EQ(found("my card is 3782-822463-10005 12/27"), "CARD:3782-822463-10005");
  EXPECT_EQ(found("card number 630427373398"), "CARD:630427373398");
  EXPECT_EQ(found("4111 1111 1111 1112, 630427373398, 0000000000000000"), "");
}

TEST(Detect, finds_phone_numbers_by_their_form) {
  for (const std::string number :
       {"+49 170 1234567", "+1-903-140-4508x769", "+41 (0)96 471 07 95", "(602)272-9781",
        "001-253-366-9781", "0490 75 40 81", "03.93.92.16.85", "020 7946 0958", "201-948-1927",
        "01701234567", "0170/1234567", "(08) 8747 6301"}) {
    EXPECT_EQ(found("at " + number + ", or"), "PHONE:" + number);
  }
}

TEST(Detect, finds_other_phone_numbers_by_the_words_around_them) {
  EXPECT_EQ(found("call me on 9472 7916"), "PHONE:9472 7916");
  EXPECT_EQ(found("Mobile: 723 813 266\nDesk: 5403926876"), "PHONE:723 813 266\nPHONE:5403926876");
  EXPECT_EQ(found("21 253 109 8211-Office\\,07700 063 966"),
            "PHONE:21 253 109 8211\nPHONE:07700 063 966");
  EXPECT_EQ(found("The office is at 17031 2202 Main St, 03262 2437 Main St"), "");
  EXPECT_EQ(found("see 9472 7916 and account number 5403926876"), "");
}

TEST(Detect, finds_dates_behind_a_word_for_birth_only) {
  EXPECT_EQ(found("born on 12 May 1990 in Graz"), "DATE:12 May 1990");
  EXPECT_EQ(found("Date of birth: 1990-05-12; DOB 12.05.1990"), "DATE:1990-05-12\nDATE:12.05.1990");
  EXPECT_EQ(found("my birthday is May 12th, 1990"), "DATE:May 12th, 1990");
  EXPECT_EQ(found("The war ended on 8 May 1945, on 1945-05-08, the firstborn in 5/8/1945"), "");
}

TEST(Detect, finds_users_and_passwords_in_urls) {
  EXPECT_EQ(found("https://lena:pass@git.example.org/x"), "URL:lena:pass");
  EXPECT_EQ(found("https://git.example.org/@lena http://a.b/c"), "");
}

TEST(Detect, leaves_ordinary_prose_and_numbers_alone) {
  EXPECT_EQ(found("In 2019 and 2020, revenue was $1,234,567.89 (2018: 1 234 567). Order 12345678. "
                  "ISBN 978-3-16-148410-0, section 3.1.4.1, pi is 3.14159265358979, "
                  "2017-01-17 23:08:55, 17.01.2017 12:00, 10:30-11:45, 1700000000000, "
                  "(2010) 45-52, net (77) (344) (421), in office 1849-1850, 2019 2018 2017, 100 "
                  "000 000 people, f(x) = (12) 3, 0.0012345678."),
            "");
}

TEST(Detect, reads_no_further_than_the_end) {
  const std::string text =
      "(1234567 +1(234) 567-8901 ext. 12 born on 12. May 1990 GB82 WEST 1234 5698 7654 32 "
      "a@b.co http://u:p@h 203.0.113.7 2001:db8::1 0170 1234567x12";
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    for (std::size_t end = begin; end <= text.size(); ++end) {
      const std::vector<char> exact(text.begin() + static_cast<std::ptrdiff_t>(begin),
                                    text.begin() + static_cast<std::ptrdiff_t>(end));
      for (const Span& span : detect({exact.data(), exact.size()})) {
        ASSERT_TRUE(span.begin < span.end && span.end <= exact.size());
      }
    }
  }
}

TEST(Detect, takes_linear_time_on_hostile_bytes) {
  for (const std::string unit : {"@", "a@", "1 ", "(", "+", "::", "a:", "DE8", "1.", "born 1 ",
                                 "://", "://@", "-", "1", "a", "é", "\xC3"}) {
    std::string text;
    while (text.size() < 300'000) text += unit;
    const auto start = std::chrono::steady_clock::now();
    detect(text);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5)) << unit;
  }
}

TEST(Kind, is_known_by_its_label_in_any_case) {
  for (std::size_t i = 0; i < kKinds; ++i) {
    EXPECT_EQ(kind_named(label(static_cast<Kind>(i))), static_cast<Kind>(i));
  }
  EXPECT_EQ(kind_named("employer"), Kind::employer);
  EXPECT_EQ(kind_named("employers"), std::nullopt);
  EXPECT_EQ(kind_named(""), std::nullopt);
}

}  // namespace
}  // namespace plmm::privacy
