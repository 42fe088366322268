// The releases that a teacher has made, and its key, in a folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/sign.h"
#include "protocol/release.h"

namespace plmm::teacher {

/// FOLDER/key, 32 bytes that only the owner can read · FOLDER/EXPERT/release-N.json
/// (docs/formats/protocol.md) · FOLDER/EXPERT/gaps.jsonl (docs/formats/teacher.md). Any number of
/// programs; a release appears whole or not at all.
class LocalTeacher : public protocol::TeacherPort {
 public:
  explicit LocalTeacher(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Made where there is none, unless releases are there: then it was lost, and experts would
  /// refuse another one (corrupt_data).
  Result<crypto::KeyPair> key() const;
  /// Of one expert; made where there is none. invalid_argument for a name that is none.
  Result<std::filesystem::path> folder_of(std::string_view expert) const;

  /// Keeps a signed release; a newer try replaces one of the same number, which no expert took.
  Result<> keep(const protocol::Release& release) const;
  Result<protocol::Release> release_after(std::string_view expert, std::uint32_t number) override;

 private:
  std::filesystem::path folder_;
};

}  // namespace plmm::teacher
