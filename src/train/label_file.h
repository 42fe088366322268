// A teacher's labels on disk: written sequence by sequence, so that a pass that was stopped goes
// on; docs/formats/labels.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "train/sequence.h"
#include "train/soft_labels.h"

namespace plmm::train {

inline constexpr std::uint32_t kLabelsOfRowMax = kTopMax + kDrawsMax;

/// What a file must be of to be of use.
struct LabelPlan {
  std::string key;                    // all that the labels depend on, as text
  std::vector<std::uint32_t> n_rows;  // that count, of each sequence
  int n_vocabulary = 0;
};

/// The beginning of a file that is just as it was written, for this plan.
struct SoundLabels {
  std::vector<SoftLabels> sequences;  // views into the bytes, 4-byte aligned as these
  std::size_t bytes = 0;              // of header and sequences; 0: no such file
};
/// Never more than can be trusted: every number is in its range, and bytes that are damaged, cut
/// short or of another plan end the reading.
SoundLabels read_labels(std::span<const std::byte> file, const LabelPlan& plan);

std::string label_header(const LabelPlan& plan);
std::string label_record(std::uint32_t index, std::span<const SoftRow> rows,
                         std::span<const SoftLabel> labels);

/// The file while it grows, and the labels when it is whole. Moves; one process at a time.
class LabelFile {
 public:
  /// Keeps what is sound of a file that is there and drops the rest. io when it cannot be written.
  static Result<LabelFile> open(std::filesystem::path path, LabelPlan plan);

  std::size_t n_done() const { return n_done_; }
  bool is_whole() const { return n_done_ == plan_.n_rows.size(); }
  /// The labels of sequence n_done(). io, naming what to do, when the disk is full; what was there
  /// before stays sound.
  Result<> append(std::span<const SoftRow> rows, std::span<const SoftLabel> labels);
  /// Those of all sequences, mapped and checked: valid while the file lives. corrupt_data when it
  /// changed meanwhile. Needs: is_whole().
  Result<std::span<const SoftLabels>> labels();

 private:
  LabelFile(std::filesystem::path path, LabelPlan plan)
      : path_(std::move(path)), plan_(std::move(plan)) {}

  std::filesystem::path path_;
  LabelPlan plan_;
  std::size_t n_done_ = 0;
  std::optional<MappedFile> map_;
  SoundLabels sound_;
};

}  // namespace plmm::train
