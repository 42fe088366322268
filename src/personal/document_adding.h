// A file of the person's becomes a document, where it is new or has changed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/result.h"
#include "personal/documents.h"

namespace plmm::personal {

/// What adding needs from outside.
struct AddingPorts {
  /// out [texts.size()][dimension of the space], each of length 1; empty: found by words only.
  std::function<Result<>(std::span<const std::string_view> texts, std::span<float> out)> embed;
  /// Of the file that is being added.
  std::function<void(std::size_t n_done, std::size_t n_total)> on_passages = {};
  std::int64_t now_ms = 0;
};

enum class AddedAs : std::uint8_t { added, changed, unchanged, left_out };
struct Added {
  AddedAs as = AddedAs::unchanged;
  std::string reason;         // of a file that is left out, to go behind its name
  std::int64_t document = 0;  // its id; 0: left out
};

/// Reads the file, cuts, embeds and keeps it; one whose size and time of change, or whose bytes,
/// are those of before is left as it is, unless it has no embeddings yet and can get some now.
/// Stopped, nothing of this file is kept. Errors: cancelled, those of the vault and of embed().
///   path: absolute, of a regular file
Result<Added> add_file(Documents& documents, const std::filesystem::path& path,
                       const AddingPorts& ports, const Cancel& cancel);

}  // namespace plmm::personal
