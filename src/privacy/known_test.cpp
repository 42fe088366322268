// Known values in the spellings that people use, and words that only resemble them.
#include "privacy/known.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace plmm::privacy {
namespace {

// What is found, in order, joined by '|'.
std::string found(const Known& known, std::string_view text) {
  KnownValues values;
  values.add(known);
  std::string out;
  for (const auto& match : values.find(text)) {
    if (!out.empty()) out += '|';
    out += text.substr(match.begin, match.end - match.begin);
  }
  return out;
}

const Known kLena{Kind::name, "Lena Maria Vogt"};

TEST(KnownValues, finds_a_name_whatever_its_case_spaces_and_hyphens) {
  for (const std::string text :
       {"Lena Maria Vogt", "LENA MARIA VOGT", "lena  maria\n vogt", "Lena-Maria Vogt",
        "LenaMariaVogt", "lena_maria.vogt", "Lena Vogt", "Vogt, Lena Maria", "L. Vogt",
        "L. M. Vogt", "Lena V", "Vogt, L"}) {
    EXPECT_EQ(found(kLena, "so " + text + ", yes"), text);
  }
}

TEST(KnownValues, finds_each_name_alone_with_genitives) {
  EXPECT_EQ(found(kLena, "Lena's dog, Vogts Hund, MARIA’s"), "Lena|Vogts|MARIA");
  EXPECT_EQ(found(kLena, "ask @lena1990 or #VogtFamily"), "lena|Vogt");
}

TEST(KnownValues, respects_the_borders_of_words) {
  EXPECT_EQ(found(kLena, "Helena, Valena, marias-like vogting, lenax, le na"), "marias");
  EXPECT_EQ(found({Kind::name, "Ina Isa"}, "in a bar, this is a test, is-a"), "");
  EXPECT_EQ(found({Kind::name, "Jan van der Berg"}, "the van of der, berg"), "berg");
  EXPECT_EQ(found({Kind::city, "Bad Ems"}, "a bad day in Bad Ems"), "Bad Ems");
}

TEST(KnownValues, keeps_everyday_words_that_are_names_unless_they_are_capitals) {
  const Known will{Kind::name, "Will Stone"};
  EXPECT_EQ(found(will, "I will. Will said a stone will do, will Stone?"), "Will|Stone");
  EXPECT_EQ(found(will, "ask will about it"), "will");
  EXPECT_EQ(found({Kind::employer, "IT"}, "It is it, IT"), "IT");
  EXPECT_EQ(found({Kind::employer, "U.N."}, "The U.N. or UN, an un-word"), "U.N|UN");
  EXPECT_EQ(found({Kind::employer, "X"}, "X marks"), "");
}

TEST(KnownValues, finds_accents_umlauts_width_and_invisible_characters) {
  const Known mueller{Kind::name, "Zoë Müller"};
  for (const std::string text :
       {"ZOË MÜLLER", "Zoe Muller", "zoe mueller", "Zoe\u0308 Mu\u0308ller",
        "Z\u00ADo\u200Bë Müller", "Ｚｏë Müller"}) {
    EXPECT_EQ(found(mueller, text + "!"), text);
  }
  EXPECT_EQ(found({Kind::name, "Mueller"}, "Müller"), "Müller");
  EXPECT_EQ(found({Kind::address, "Große Straße"}, "GROSSE STRASSE"), "GROSSE STRASSE");
  EXPECT_EQ(found({Kind::name, "Анна Орлова"}, "АННА и орлова"), "АННА|орлова");
  EXPECT_EQ(found({Kind::name, "Νίκος"}, "ΝΙΚΟΣ"), "ΝΙΚΟΣ");
  EXPECT_EQ(found({Kind::name, "Nguyễn Thị"}, "Nguyen Thi"), "Nguyen Thi");
}

TEST(KnownValues, finds_names_in_scripts_without_spaces) {
  EXPECT_EQ(found({Kind::name, "王伟"}, "我叫王伟。"), "王伟");
  EXPECT_EQ(found({Kind::name, "민수"}, "민수는 학생"), "민수");
}

TEST(KnownValues, finds_phone_numbers_however_grouped_and_prefixed) {
  for (const std::string known : {"+49 170 1234567", "0170 1234567", "0049 (170) 12345-67"}) {
    for (const std::string text : {"170 1234567", "0170/123 45 67", "01701234567"}) {
      EXPECT_EQ(found({Kind::phone, known}, "tel:" + text + "."), text) << known;
    }
    EXPECT_EQ(found({Kind::phone, known}, "+491701234567"),
              known[1] == '1' ? "1701234567" : "491701234567");
    EXPECT_EQ(found({Kind::phone, known}, "0170 12345678, 0171 1234567"), "");
  }
}

TEST(KnownValues, finds_numbers_however_grouped) {
  EXPECT_EQ(found({Kind::iban, "DE89370400440532013000"}, "de89 3704 0044 0532 0130 00"),
            "de89 3704 0044 0532 0130 00");
  EXPECT_EQ(found({Kind::card, "4111 1111 1111 1111"}, "4111111111111111"), "4111111111111111");
  EXPECT_EQ(found({Kind::number, "A-1234567"}, "A1 234 567, A123"), "A1 234 567");
  EXPECT_EQ(found({Kind::number, "42"}, "42"), "");
}

TEST(KnownValues, finds_dates_in_the_usual_orders) {
  for (const std::string text : {"1990-05-12", "12.05.1990", "12.5.90", "5/12/1990", "12 May 1990",
                                 "May 12th, 1990", "12th of May 1990", "12. may 90", "19900512"}) {
    EXPECT_EQ(found({Kind::date, "1990-05-12"}, "on " + text + "!"), text);
  }
  EXPECT_EQ(found({Kind::date, "1990-13-12"}, "12.13.1990"), "");
}

TEST(KnownValues, finds_employers_without_their_legal_form_and_emails_in_words) {
  EXPECT_EQ(found({Kind::employer, "Nordwind Solar GmbH & Co. KG"}, "at nordwind-solar"),
            "nordwind-solar");
  EXPECT_EQ(found({Kind::email, "lena@mail.example.org"}, "lena (at) mail dot example dot org"),
            "lena (at) mail dot example dot org");
}

TEST(KnownValues, reads_through_the_escapes_of_json_and_urls) {
  const Known zoe{Kind::name, "Zoë Vogt"};
  EXPECT_EQ(found(zoe, R"({"a":"x\nzoe vogt"})"), "zoe vogt");
  EXPECT_EQ(found(zoe, R"(Zo\u00eb\u0020Vogt)"), R"(Zo\u00eb\u0020Vogt)");
  EXPECT_EQ(found(zoe, "q=Zo%C3%AB%20Vogt"), "Zo%C3%AB%20Vogt");
  EXPECT_EQ(found(zoe, "%5Aoe+vogt"), "%5Aoe+vogt");
  EXPECT_EQ(found({Kind::name, "😀 Bo 𝒜nn"}, R"(\ud83d\ude00 bo \ud835\udc9cnn)"),
            R"(bo \ud835\udc9cnn)");
}

TEST(KnownValues, knows_a_value_again) {
  KnownValues values;
  EXPECT_EQ(values.add({Kind::name, "Lena"}), 0U);
  EXPECT_EQ(values.add({Kind::city, "Lena"}), 1U);
  EXPECT_EQ(values.add({Kind::name, "Lena"}), 0U);
  EXPECT_EQ(values.size(), 2U);
}

TEST(KnownValues, prefers_the_value_that_is_whole) {
  KnownValues values;
  values.add({Kind::name, "Lena Vogt"});
  values.add({Kind::city, "Vogt"});
  EXPECT_EQ(values.find("in Vogt").at(0).value, 1U);
  EXPECT_EQ(values.find("Lena Vogt").at(0).value, 0U);
}

TEST(KnownValues, takes_linear_time) {
  KnownValues values;
  values.add(kLena);
  values.add({Kind::phone, "+49 170 1234567"});
  for (const std::string unit : {"lena ", "L M ", "+4", "00", "1 7 0 ", "\\u", "%4", "é", "\xC3"}) {
    std::string text;
    while (text.size() < 300'000) text += unit;
    const auto start = std::chrono::steady_clock::now();
    values.find(text);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5)) << unit;
  }
}

}  // namespace
}  // namespace plmm::privacy
