// Turns files into documents: text, pages, folders of them, manual pages, dictionaries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/result.h"

namespace plmm::reader {

/// Paragraphs are divided by an empty line; a heading is a paragraph that begins with "# ", "## " …
struct Document {
  std::string name;   // what to cite: "guide/bonds.html", "tar(1)", "foldoc"
  std::string title;  // one line
  std::string text;   // UTF-8 without control characters but line breaks and tabs
};

inline constexpr std::size_t kFileBytesMax = 64 << 20;  // as it lies on disk
inline constexpr std::size_t kUnpackedBytesMax = 256 << 20;
inline constexpr std::size_t kDocumentBytesMax = 16 << 20;  // of text
inline constexpr std::size_t kTitleBytesMax = 200;

struct ReadOptions {
  std::string topic;  // of the articles in a .json, those of this topic alone; empty: all
};

struct ReadReport {
  std::uint64_t n_documents = 0;
  std::uint64_t n_bytes = 0;                     // of their text
  std::map<std::string, std::uint64_t> skipped;  // reason → files, entries or lines
};

/// Takes the documents, in the order of their names; its error ends the reading.
using OnDocument = std::function<Result<>(Document document)>;

/// Reads a file, or a folder and what is below it; links are not followed. By the name's ending:
///   .txt .md · .html .htm: tags gone, headings kept · .1 … .9, .1ssl …: manual pages (man, mdoc)
///   .jsonl: {"title": …, "text": …} in each line · .json: an object of articles (articles.h) ·
///   NAME.index with NAME.dict or NAME.dict.dz: a dictionary as dictd has it
///   (/usr/share/dictd/foldoc works too) · any of the others with .gz
/// What cannot be read (another kind, binary, not UTF-8, too large, empty) is counted with its
/// reason. Errors: not_found or io for the path itself, cancelled, that of `on_document`.
Result<ReadReport> read_documents(const std::filesystem::path& path, const OnDocument& on_document,
                                  const Cancel& cancel, const ReadOptions& options = {});

}  // namespace plmm::reader
