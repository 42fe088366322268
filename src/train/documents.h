// Files of chats and texts as documents, line by line; what cannot be used is named, not passed on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/chat_template.h"

namespace plmm::train {

inline constexpr std::uint64_t kDataBytesMax = 256U << 20U;  // of one file
inline constexpr std::size_t kDocumentsMax = 1'000'000;
inline constexpr std::size_t kMessagesMax = 10'000;  // of one chat

/// A chat, or a text where there are no messages. Or two answers to the last turn of one, of which
/// the first is the better.
struct Document {
  std::vector<text::Message> messages;  // maybe a system text, then user, assistant, user …
  std::string text;
  std::string file;  // for reports
  std::uint64_t line = 0;
  std::string chosen = {};    // empty: no pair of answers
  std::string rejected = {};  // not empty where `chosen` is not
};

/// Something of a file that is not learnt from; line 0 stands for the whole file.
struct Dropped {
  std::string file;
  std::uint64_t line = 0;
  std::string why;
};

struct Documents {
  std::vector<Document> all;
  std::vector<Dropped> dropped;
};

/// A file of JSON Lines ({"messages": [{"role", "content"} …]}, {"text"}, or {"prompt", "chosen",
/// "rejected"}), a chat saved by plmm's /save, or plain text in UTF-8: paragraphs between empty
/// lines, each a document of its own (docs/formats/train.md). Bad lines are dropped. corrupt_data
/// when the file is empty or no text, limit_exceeded, io, not_found.
Result<> add_documents(const std::filesystem::path& path, Documents& out);
/// The same on bytes; `name` stands for the file.
Result<> add_documents(std::string_view bytes, std::string_view name, Documents& out);

}  // namespace plmm::train
