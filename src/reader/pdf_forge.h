// Small PDFs, written by hand. For tests only.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace plmm::reader {

/// A PDF with a page for each text; an empty one has nothing on it. `trailer`: entries that go into
/// its trailer.
inline std::string forge_pdf(const std::vector<std::string>& texts,
                             const std::string& trailer = {}) {
  std::string kids;
  std::vector<std::string> objects{"<</Type/Catalog/Pages 2 0 R>>", "",
                                   "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
                                   "<</Title(Trip to Turku)>>"};
  for (const auto& text : texts) {
    const std::string content = text.empty() ? "" : "BT /F 12 Tf 72 720 Td (" + text + ") Tj ET";
    const auto number = std::to_string(objects.size() + 1);
    kids += number + " 0 R ";
    objects.push_back(
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F 3 0 R>>"
        ">>/Contents " +
        std::to_string(objects.size() + 2) + " 0 R>>");
    objects.push_back("<</Length " + std::to_string(content.size()) + ">>stream\n" + content +
                      "\nendstream");
  }
  objects[1] = "<</Type/Pages/Count " + std::to_string(texts.size()) + "/Kids[" + kids + "]>>";
  std::string out = "%PDF-1.4\n";
  std::string table;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const auto offset = std::to_string(out.size());
    table += std::string(10 - offset.size(), '0') + offset + " 00000 n \n";
    out += std::to_string(i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
  }
  const auto start = std::to_string(out.size());
  const auto n = std::to_string(objects.size() + 1);
  out += "xref\n0 " + n + "\n0000000000 65535 f \n" + table;
  out += "trailer\n<</Size " + n + "/Root 1 0 R/Info 4 0 R" + trailer + ">>\nstartxref\n" + start;
  return out + "\n%%EOF\n";
}

/// What makes a PDF ask for a password that nobody knows.
inline const std::string kEncrypted =
    "/ID[(0123456789abcdef)(0123456789abcdef)]/Encrypt<</Filter/Standard/V 1/R 2/P -4"
    "/O(01234567890123456789012345678901)/U(01234567890123456789012345678901)>>";

}  // namespace plmm::reader
