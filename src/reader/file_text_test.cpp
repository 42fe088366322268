// Tests of files as text with places.
#include "reader/file_text.h"

#include <gtest/gtest.h>

#include <string>

#include "reader/documents.h"
#include "reader/pdf_forge.h"

namespace plmm::reader {
namespace {

FileText read(std::string_view name, std::string_view bytes) {
  auto out = text_of_file(name, bytes, Cancel());
  EXPECT_TRUE(out) << out.error().what;
  return out.value_or(FileText());
}

std::string reason(std::string_view name, std::string_view bytes) {
  const auto out = text_of_file(name, bytes, Cancel());
  EXPECT_FALSE(out);
  return out ? "" : out.error().what;
}

TEST(FileText, keeps_every_line_of_a_text) {
  const auto file = read("notes.txt", "one\r\n\n\n\nfi\x01ve\n");
  EXPECT_EQ(file.kind, "text");
  EXPECT_EQ(file.places, Places::lines);
  EXPECT_EQ(file.title, "notes");
  ASSERT_EQ(file.sections.size(), 1U);
  EXPECT_EQ(file.sections[0].text, "one\n\n\n\nfive\n");
  EXPECT_EQ(file.sections[0].place, 1);
}

TEST(FileText, takes_the_title_of_a_page_from_it) {
  EXPECT_EQ(read("a.md", "text\n# Trip to Turku\n").title, "Trip to Turku");
  EXPECT_EQ(read("b.MD", "text\n").title, "b");
  const auto page = read("c.html", "<title>Recipes</title><h2>Soup</h2><p>Salt.");
  EXPECT_EQ(page.title, "Recipes");
  EXPECT_EQ(page.places, Places::none);
  EXPECT_EQ(page.sections[0].text, "## Soup\n\nSalt.");
}

TEST(FileText, takes_no_comment_of_program_text_for_a_heading) {
  const auto file = read("run.py", "# why\nx = 1\n");
  EXPECT_EQ(file.kind, "code");
  EXPECT_EQ(file.title, "run.py");
  EXPECT_EQ(file.marks, Marks::none);
}

TEST(FileText, takes_a_name_without_an_ending_for_text) {
  EXPECT_EQ(read("README", "hello").kind, "text");
  EXPECT_TRUE(has_known_kind("LICENSE"));
  EXPECT_FALSE(has_known_kind("film.mkv"));
}

TEST(FileText, reads_pdf_and_mail_by_their_names_and_an_mbox_by_its_beginning) {
  EXPECT_EQ(read("a.PDF", forge_pdf({"one"})).kind, "PDF");
  EXPECT_EQ(read("one.eml", "Subject: a\n\nb").kind, "mail");
  EXPECT_EQ(read("Inbox", "From a\nSubject: b\n\nc\n").kind, "mail");
  EXPECT_EQ(read("Inbox", "From a\nSubject: b\n\nc\n").title, "Inbox");
}

TEST(FileText, says_why_a_file_is_not_read) {
  EXPECT_EQ(reason("film.mkv", "x"), "a kind of file that is not read");
  EXPECT_EQ(reason("a.txt", std::string_view("a\0b", 3)), "binary");
  EXPECT_EQ(reason("a.txt", "\xFF\xFE"), "not UTF-8");
  EXPECT_EQ(reason("a.txt", "\x01"), "empty");
  EXPECT_EQ(reason("a.txt", std::string(kDocumentBytesMax + 1, 'x')), "more than 16 MiB of text");
}

}  // namespace
}  // namespace plmm::reader
