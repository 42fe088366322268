// Tests of the text of PDFs.
#include "reader/pdf.h"

#include <gtest/gtest.h>

#include <string>

#include "reader/pdf_forge.h"

namespace plmm::reader {
namespace {

std::string reason(const std::string& bytes, const Cancel& cancel = {}) {
  const auto out = read_pdf(bytes, cancel);
  EXPECT_FALSE(out);
  return out ? "" : out.error().what;
}

TEST(Pdf, has_a_section_for_each_page_with_text) {
  const auto file = read_pdf(forge_pdf({"The ferry leaves.", "", "The hotel."}), Cancel());
  ASSERT_TRUE(file) << file.error().what;
  EXPECT_EQ(file->title, "Trip to Turku");
  EXPECT_EQ(file->places, Places::pages);
  ASSERT_EQ(file->sections.size(), 2U);
  EXPECT_EQ(file->sections[0].text, "The ferry leaves.");
  EXPECT_EQ(file->sections[0].place, 1);
  EXPECT_EQ(file->sections[1].text, "The hotel.");
  EXPECT_EQ(file->sections[1].place, 3);
}

TEST(Pdf, says_plainly_why_it_has_no_text) {
  EXPECT_EQ(reason("%PDF-1.4\nnothing more"), "a broken PDF");
  EXPECT_EQ(reason(""), "a broken PDF");
  EXPECT_EQ(reason(forge_pdf({"secret"}, kEncrypted)), "encrypted: it opens with a password only");
  EXPECT_EQ(reason(forge_pdf({"", ""})),
            "a PDF without text: its pages may be pictures, which plmm read reads one by one");
  EXPECT_EQ(reason(forge_pdf({})), "a broken PDF");
}

TEST(Pdf, is_left_when_it_is_stopped) {
  Cancel cancel;
  cancel.request();
  const auto out = read_pdf(forge_pdf({"a"}), cancel);
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace plmm::reader
