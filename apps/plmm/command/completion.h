// Completion scripts of the shells, from the same table as --help.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace plmm::command {

/// The script for "bash", "zsh" or "fish". `models` are the names that complete where a model is
/// wanted.
std::string completion_script(std::string_view shell, std::span<const std::string> models);

}  // namespace plmm::command
