// Real conversations of the package chitchat-dataset, by the people who held them.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "personal/memory.h"

namespace plmm::suites {

inline constexpr std::size_t kChitchatBytesMax = 128 << 20;

/// What one person said, and what others answered, as a vault would have it: conversations in the
/// order of time, numbered from 1.
struct StyleUser {
  std::size_t n_dialogues = 0;
  std::vector<personal::Turn> turns;
};

/// The n_max people with the most conversations, those with the most first. `json`: an object of
/// conversations, each {"messages": [[{"text", "timestamp", "sender"}, …], …]}, in which a list is
/// what one person said before the other went on. corrupt_data for other files.
Result<std::vector<StyleUser>> parse_chitchat(std::string_view json, std::size_t n_max);

/// What was said in each conversation of the package, by its key; a turn is all that one person
/// said before the other went on.
using Dialogues = std::map<std::string, std::vector<std::string>, std::less<>>;
Result<Dialogues> parse_dialogues(std::string_view json);

}  // namespace plmm::suites
