// A saved conversation: JSON, read with limits. Grammar: docs/formats/chat.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/chat_template.h"

namespace plmm::files {

struct SavedChat {
  std::string model;  // name or file it was held with; for the reader's information
  std::string system;
  std::vector<text::Message> messages;  // user, assistant, user, assistant, …
};

inline constexpr std::uint64_t kChatBytesMax = 16 * 1024 * 1024;
inline constexpr std::size_t kChatMessagesMax = 10'000;

std::string to_json(const SavedChat& chat);
/// `name` stands for the file in errors. corrupt_data when it is no saved chat; unsupported when a
/// newer plmm wrote it.
Result<SavedChat> parse_chat(std::string_view json, std::string_view name);

}  // namespace plmm::files
